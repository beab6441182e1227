"""The documentation's signing examples, and signatures that two other implementations accept and make."""

import hashlib
import hmac
import subprocess
from base64 import b64decode, b64encode
from pathlib import Path

import pytest
from Crypto.Hash import SHA256
from Crypto.PublicKey import ECC, RSA
from Crypto.Signature import eddsa, pkcs1_15
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from pitwire.protocol.errors import InvalidKey
from pitwire.protocol.signing import KEY_FILE_BYTES_MAX, Key, KeyKind, Verifier, payload

API_KEY = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"
SECRET_KEY = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j"
RSA_API_KEY = "CAvIjXy3F44yW6Pou5k8Dy1swsYDWJZLeoK2r8G4cFDnE9nosRppc2eKc1T8TRTQ"
ED25519_API_KEY = "4yNzx3yWC5bS6YTwEkSRaC0nRmSQIIStAUOh1b6kqaBrTLIhjCpI5lJH8q8R8WNO"

ASCII = {
    "symbol": "BTCUSDT",
    "side": "SELL",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "quantity": "0.01000000",
    "price": "52000.00",
    "recvWindow": "100",
    "timestamp": "1645423376532",
}
NON_ASCII = ASCII | {
    "symbol": "１２３４５６",
    "side": "BUY",
    "quantity": "1.00000000",
    "price": "0.10000000",
    "recvWindow": "5000",
}
DOCUMENTED_TAILS = (
    (
        ASCII,
        "&price=52000.00&quantity=0.01000000&recvWindow=100&side=SELL&symbol=BTCUSDT&timeInForce=GTC"
        "&timestamp=1645423376532&type=LIMIT",
    ),
    (
        NON_ASCII,
        "&price=0.10000000&quantity=1.00000000&recvWindow=5000&side=BUY&symbol=１２３４５６&timeInForce=GTC"
        "&timestamp=1645423376532&type=LIMIT",
    ),
)

ED25519_PRIVATE = ed25519.Ed25519PrivateKey.generate()
RSA_PRIVATE = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PRIVATE = {KeyKind.ED25519: ED25519_PRIVATE, KeyKind.RSA: RSA_PRIVATE}
NEW = {KeyKind.ED25519: Key.ed25519, KeyKind.RSA: Key.rsa}
VERIFIER = {KeyKind.ED25519: Verifier.ed25519, KeyKind.RSA: Verifier.rsa}
BOTH_KINDS = pytest.mark.parametrize("kind", PRIVATE)


def private_pem(
    kind: KeyKind,
    encryption: KeySerializationEncryption | None = None,
    form: PrivateFormat = PrivateFormat.PKCS8,
) -> bytes:
    return PRIVATE[kind].private_bytes(Encoding.PEM, form, encryption or NoEncryption())


def public_pem(kind: KeyKind) -> bytes:
    return PRIVATE[kind].public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


# --- the documentation's examples (web-socket-api.md, SIGNED request examples) --------------------------------------


@pytest.mark.parametrize("api_key", [API_KEY, RSA_API_KEY, ED25519_API_KEY])
@pytest.mark.parametrize(("params", "tail"), DOCUMENTED_TAILS, ids=["ascii", "non-ascii"])
def test_payloads_are_the_documented_ones_to_the_byte(api_key: str, params: dict[str, str], tail: str):
    assert payload(params | {"apiKey": api_key}) == f"apiKey={api_key}{tail}".encode()


@pytest.mark.parametrize(
    ("params", "signature"),
    [
        (ASCII, "aa1b5712c094bc4e57c05a1a5c1fd8d88dcd628338ea863fec7b88e59fe2db24"),
        (NON_ASCII, "b33892ae8e687c939f4468c6268ddd4c40ac1af18ad19a064864c47bae0752cd"),
    ],
    ids=["ascii", "non-ascii"],
)
def test_hmac_signatures_are_the_documented_ones_to_the_digit(params: dict[str, str], signature: str):
    signed = payload(params | {"apiKey": API_KEY})
    assert Key.hmac(API_KEY, SECRET_KEY).sign(signed) == signature
    verifier = Verifier.hmac(SECRET_KEY)
    assert verifier.verify(signed, signature)
    assert verifier.verify(signed, signature.upper())


@pytest.mark.parametrize("size", [1, 63, 64, 65, 200])
def test_hmac_secrets_of_any_length_sign_like_the_standard_library(size: int):
    secret = "k" * size
    assert Key.hmac("a", secret).sign(b"payload") == hmac.new(secret.encode(), b"payload", hashlib.sha256).hexdigest()


# --- other implementations ------------------------------------------------------------------------------------------


@BOTH_KINDS
@pytest.mark.parametrize("params", [ASCII, NON_ASCII], ids=["ascii", "non-ascii"])
def test_openssl_verifies_our_signatures_and_we_verify_its(kind: KeyKind, params: dict[str, str], tmp_path: Path):
    signed = payload(params)
    for name, content in (
        ("private.pem", private_pem(kind)),
        ("public.pem", public_pem(kind)),
        ("payload", signed),
        ("ours", b64decode(NEW[kind]("a", private_pem(kind)).sign(signed))),
    ):
        (tmp_path / name).write_bytes(content)
    how = ["-rawin"] if kind is KeyKind.ED25519 else ["-rawin", "-digest", "sha256"]
    verify = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "public.pem", "-in", "payload", "-sigfile", "ours"]
    subprocess.run([*verify, *how], cwd=tmp_path, check=True, capture_output=True)
    sign = ["openssl", "pkeyutl", "-sign", "-inkey", "private.pem", "-in", "payload", "-out", "theirs"]
    subprocess.run([*sign, *how], cwd=tmp_path, check=True, capture_output=True)
    theirs = b64encode((tmp_path / "theirs").read_bytes()).decode()
    assert VERIFIER[kind](public_pem(kind)).verify(signed, theirs)


def test_openssl_makes_our_hmac_signature(tmp_path: Path):
    signed = payload(NON_ASCII)
    (tmp_path / "payload").write_bytes(signed)
    run = subprocess.run(
        ["openssl", "dgst", "-sha256", "-hmac", SECRET_KEY, "-r", "payload"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
    )
    assert run.stdout.split()[0] == Key.hmac(API_KEY, SECRET_KEY).sign(signed)


@pytest.mark.parametrize("params", [ASCII, NON_ASCII], ids=["ascii", "non-ascii"])
def test_pycryptodome_verifies_our_signatures_and_we_verify_its(params: dict[str, str]):
    signed = payload(params)

    theirs = eddsa.new(ECC.import_key(private_pem(KeyKind.ED25519).decode()), "rfc8032")
    ours = Key.ed25519("a", private_pem(KeyKind.ED25519)).sign(signed)
    eddsa.new(ECC.import_key(public_pem(KeyKind.ED25519).decode()), "rfc8032").verify(signed, b64decode(ours))
    assert b64encode(theirs.sign(signed)).decode() == ours  # Ed25519 is deterministic
    assert Verifier.ed25519(public_pem(KeyKind.ED25519)).verify(signed, ours)

    rsa_key = RSA.import_key(private_pem(KeyKind.RSA))
    ours = Key.rsa("a", private_pem(KeyKind.RSA)).sign(signed)
    pkcs1_15.new(rsa_key.public_key()).verify(SHA256.new(signed), b64decode(ours))
    theirs_rsa = b64encode(pkcs1_15.new(rsa_key).sign(SHA256.new(signed))).decode()
    assert theirs_rsa == ours  # PKCS#1 v1.5 is deterministic
    assert Verifier.rsa(public_pem(KeyKind.RSA)).verify(signed, ours)


# --- what is no signature -------------------------------------------------------------------------------------------


def a_verifier(kind: KeyKind) -> tuple[Verifier, str]:
    if kind is KeyKind.HMAC:
        return Verifier.hmac(SECRET_KEY), Key.hmac("a", SECRET_KEY).sign(b"payload")
    return VERIFIER[kind](public_pem(kind)), NEW[kind]("a", private_pem(kind)).sign(b"payload")


@pytest.mark.parametrize("kind", KeyKind)
def test_a_signature_of_something_else_or_by_another_key_does_not_verify(kind: KeyKind):
    verifier, good = a_verifier(kind)
    assert verifier.verify(b"payload", good)
    assert not verifier.verify(b"Payload", good)
    other = Verifier.hmac("other") if kind is KeyKind.HMAC else None
    if other is not None:
        assert not other.verify(b"payload", good)
    swapped = good.swapcase()
    assert verifier.verify(b"payload", swapped) is (kind is KeyKind.HMAC)  # only hex has no case


@pytest.mark.parametrize("kind", KeyKind)
@pytest.mark.parametrize(
    "garbage",
    ["", " ", "=", "====", "not base64!", "１２３", "\ud800", "\0" * 88, "A" * 88, "A" * 5000, "é" * 64],
    ids=ascii,
)
def test_garbage_is_no_signature_and_raises_nothing(kind: KeyKind, garbage: str):
    verifier, good = a_verifier(kind)
    assert not verifier.verify(b"payload", garbage)
    assert not verifier.verify(b"payload", good + garbage if garbage else good[:-4])


def test_an_ed25519_public_key_of_small_order_verifies_nothing():
    """With the identity as public key, R = identity and S = 0 satisfy the equation for every message."""
    identity = b"\x01" + bytes(31)
    pem = ed25519.Ed25519PublicKey.from_public_bytes(identity).public_bytes(
        Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
    )
    forged = b64encode(identity + bytes(32)).decode()
    assert not Verifier.ed25519(pem).verify(b"anything", forged)


# --- PEM ------------------------------------------------------------------------------------------------------------


@BOTH_KINDS
def test_a_pem_with_crlf_line_ends_or_text_around_it_loads(kind: KeyKind):
    expected = NEW[kind]("a", private_pem(kind)).sign(b"x")
    crlf = private_pem(kind).replace(b"\n", b"\r\n")
    assert NEW[kind]("a", crlf).sign(b"x") == expected
    assert NEW[kind]("a", crlf.decode()).sign(b"x") == expected
    assert NEW[kind]("a", b"my key\r\n" + crlf + b"\r\n\r\n").sign(b"x") == expected


@BOTH_KINDS
@pytest.mark.parametrize("passphrase", ["correct horse", b"correct horse", "pässwörd"])
@pytest.mark.parametrize("crlf", [False, True])
def test_an_encrypted_pem_loads_with_its_passphrase(kind: KeyKind, passphrase: str | bytes, crlf: bool, tmp_path: Path):
    secret = passphrase.encode() if isinstance(passphrase, str) else passphrase
    pem = private_pem(kind, BestAvailableEncryption(secret))
    if crlf:
        pem = pem.replace(b"\n", b"\r\n")
    path = tmp_path / "key.pem"
    path.write_bytes(pem)
    expected = NEW[kind]("a", private_pem(kind)).sign(b"x")
    assert NEW[kind]("a", pem, passphrase).sign(b"x") == expected
    assert Key.load(path, "a", passphrase).sign(b"x") == expected
    assert Key.load(str(path), api_key="a", passphrase=passphrase).kind is kind


@pytest.mark.parametrize("algorithm", ["ed25519", "rsa"])
def test_an_encrypted_pem_that_openssl_wrote_loads(algorithm: str, tmp_path: Path):
    path = tmp_path / "key.pem"
    command = ["openssl", "genpkey", "-algorithm", algorithm, "-aes-256-cbc", "-pass", "pass:secret", "-out", str(path)]
    subprocess.run(command, check=True, capture_output=True)
    assert Key.load(path, "a", "secret").kind.lower() == algorithm


@pytest.mark.parametrize("passphrase", [None, "correct horse"])
def test_the_traditional_rsa_format_loads(passphrase: str | None):
    encryption = BestAvailableEncryption(passphrase.encode()) if passphrase else None
    pem = private_pem(KeyKind.RSA, encryption, PrivateFormat.TraditionalOpenSSL)
    assert Key.rsa("a", pem, passphrase).kind is KeyKind.RSA


EC_PEM = ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
OPENSSH_PEM = private_pem(KeyKind.ED25519, form=PrivateFormat.OpenSSH)
ENCRYPTED_PEM = private_pem(KeyKind.ED25519, BestAvailableEncryption(b"right"))


@pytest.mark.parametrize(
    ("pem", "passphrase", "remedy"),
    [
        (ENCRYPTED_PEM, None, "is encrypted: pass its passphrase"),
        (ENCRYPTED_PEM, "wrong", "the passphrase is wrong"),
        (ENCRYPTED_PEM, "", "the passphrase is wrong"),
        (private_pem(KeyKind.ED25519), "needless", "leave the passphrase out"),
        (private_pem(KeyKind.ED25519)[:60] + private_pem(KeyKind.ED25519)[64:], None, "is damaged"),
        (public_pem(KeyKind.ED25519), None, "is a public key"),
        (OPENSSH_PEM, None, "openssl genpkey -algorithm ed25519"),
        (EC_PEM, None, "only Ed25519 and RSA"),
        (b"NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP", None, "for an HMAC secret use Key.hmac"),
        (b"", None, "is no PEM"),
        (b"\xff\xfe\x00", None, "is no PEM"),
        (b" " * (KEY_FILE_BYTES_MAX + 1), None, f"more than {KEY_FILE_BYTES_MAX} bytes"),
    ],
)
def test_a_bad_pem_is_refused_with_a_remedy(pem: bytes, passphrase: str | None, remedy: str, tmp_path: Path):
    path = tmp_path / "key.pem"
    path.write_bytes(pem)
    for load in (lambda: Key.load(path, "a", passphrase), lambda: Key.ed25519("a", pem, passphrase)):
        with pytest.raises(InvalidKey, match=remedy):
            load()


def test_the_wrong_kind_of_key_says_which_constructor_takes_it():
    with pytest.raises(InvalidKey, match=r"is RSA, not ED25519: use Key\.rsa"):
        Key.ed25519("a", private_pem(KeyKind.RSA))
    with pytest.raises(InvalidKey, match=r"is ED25519, not RSA: use Key\.ed25519"):
        Key.rsa("a", private_pem(KeyKind.ED25519))
    with pytest.raises(InvalidKey, match=r"use Key\.ed25519 or Key\.rsa"):
        Key.hmac("a", private_pem(KeyKind.RSA).decode())
    with pytest.raises(InvalidKey, match=r"use Verifier\.ed25519"):
        Verifier.rsa(public_pem(KeyKind.ED25519))
    with pytest.raises(InvalidKey, match=r"use Verifier\.rsa"):
        Verifier.ed25519(public_pem(KeyKind.RSA))
    with pytest.raises(InvalidKey, match="register its public half"):
        Verifier.ed25519(private_pem(KeyKind.ED25519))
    with pytest.raises(InvalidKey, match="no PEM of a public key"):
        Verifier.rsa("garbage")


def test_a_missing_key_file_is_an_os_error(tmp_path: Path):
    with pytest.raises(FileNotFoundError):
        Key.load(tmp_path / "none.pem", "a")


@pytest.mark.parametrize("api_key", ["", " abc", "abc\n", "ａｂｃ"])
def test_an_api_key_with_blanks_is_refused(api_key: str):
    with pytest.raises(InvalidKey, match="API key"):
        Key.hmac(api_key, "secret")


def test_an_empty_secret_is_refused():
    with pytest.raises(InvalidKey, match="secret key is empty"):
        Key.hmac("a", "")


@pytest.mark.parametrize("kind", KeyKind)
def test_the_repr_of_keys_and_verifiers_shows_only_the_kind(kind: KeyKind):
    key = Key.hmac(API_KEY, SECRET_KEY) if kind is KeyKind.HMAC else NEW[kind](API_KEY, private_pem(kind))
    assert repr(key) == f"Key(kind={kind!r})"
    assert API_KEY not in repr(key)
    assert repr(a_verifier(kind)[0]) == f"Verifier(kind={kind!r})"
    assert key.api_key == API_KEY

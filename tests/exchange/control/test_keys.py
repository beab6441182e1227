"""Keys that an operator makes and revokes, and what becomes of them over a restart."""

import pytest

import pitwire
from pitwire.exchange.development_keys import DEVELOPMENT_KEYS
from pitwire.protocol.signing import Key
from tests.exchange.control.conftest import open_operator


def signing(made):
    match made["kind"]:
        case "HMAC":
            return Key.hmac(made["api_key"], made["secret_key"])
        case "RSA":
            return Key.rsa(made["api_key"], made["private_key"])
        case _:
            return Key.ed25519(made["api_key"], made["private_key"])


async def account_of(operator, key):
    async with pitwire.connect(operator.exchange.ws_url, key=key) as client:
        return (await client.account_status()).uid


@pytest.mark.parametrize("kind", ["HMAC", "RSA", "ED25519"])
async def test_a_key_signs_at_once_and_after_a_restart_until_it_is_revoked(kind, tmp_path):
    async with open_operator(tmp_path) as operator:
        made = await operator.ask("POST", "/keys", {"account": 2, "kind": kind})
        assert await account_of(operator, signing(made)) == 2
        listed = await operator.ask("GET", "/keys")
        assert made["api_key"] in [key["api_key"] for key in listed]
        assert not any("secret_key" in key or "private_key" in key for key in listed)
    async with open_operator(tmp_path) as operator:
        assert await account_of(operator, signing(made)) == 2
        revoked = await operator.ask("DELETE", f"/keys/{made['api_key']}")
        assert (revoked["account"], revoked["kind"]) == (2, kind)
        with pytest.raises(pitwire.Unauthorized):
            await account_of(operator, signing(made))
    async with open_operator(tmp_path) as operator:
        with pytest.raises(pitwire.Unauthorized):
            await account_of(operator, signing(made))


async def test_a_published_key_can_be_revoked_for_good(tmp_path):
    alice = DEVELOPMENT_KEYS[0]
    async with open_operator(tmp_path) as operator:
        await operator.ask("DELETE", f"/keys/{alice.api_key}")
    async with open_operator(tmp_path) as operator:
        with pytest.raises(pitwire.Unauthorized):
            await account_of(operator, alice.signing_key())


async def test_a_key_without_a_permission_may_not_do_what_it_is_for(operator):
    made = await operator.ask("POST", "/keys", {"account": 1, "permissions": ["USER_DATA"]})
    assert made["permissions"] == ["USER_DATA"]
    async with pitwire.connect(operator.exchange.ws_url, key=signing(made)) as client:
        assert (await client.account_status()).uid == 1
        with pytest.raises(pitwire.Unauthorized):
            await client.order_place(symbol="BTCUSDT", side="BUY", type="MARKET", quantity="0.01")


async def test_the_public_half_of_a_pair_made_elsewhere_is_enough(operator):
    pair = await operator.ask("POST", "/keys", {"account": 1})
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

    private = load_pem_private_key(pair["private_key"].encode(), None)
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    made = await operator.ask("POST", "/keys", {"account": 3, "public_key": public})
    assert "private_key" not in made
    assert await account_of(operator, Key.ed25519(made["api_key"], pair["private_key"])) == 3
    assert await operator.refused("POST", "/keys", {"account": 3, "public_key": public, "kind": "RSA"}) == (
        400,
        "the public_key is of kind ED25519, not RSA: say kind ED25519",
    )


@pytest.mark.parametrize(
    ("verb", "path", "body", "status", "sentence"),
    [
        ("POST", "/keys", {"account": 9}, 404, "there is no account 9"),
        ("POST", "/keys", {"account": 1001}, 404, "there is no account 1001"),
        ("POST", "/keys", {"account": 1, "kind": "DSA"}, 400, "kind: Invalid enum value 'DSA'"),
        ("POST", "/keys", {"account": 1, "kind": "HMAC", "public_key": "x"}, 400, "an HMAC key has no public_key"),
        ("POST", "/keys", {"account": 1, "public_key": "x"}, 400, "neither an Ed25519 nor an RSA public key"),
        ("DELETE", "/keys/nix", None, 404, "there is no key nix"),
    ],
)
async def test_what_is_refused_names_the_value_and_the_remedy(operator, verb, path, body, status, sentence):
    answered, error = await operator.refused(verb, path, body)
    assert answered == status, error
    assert sentence in error

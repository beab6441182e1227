"""The published keys are complete, distinct, and sign what their verifiers accept."""

import re

from pitwire.exchange.development_keys import DEVELOPMENT_KEYS
from pitwire.exchange.gateway.keyring import development_keyring
from pitwire.protocol.signing import KeyKind


def test_every_account_has_one_key_of_each_kind():
    assert [(key.account, key.name, key.kind) for key in DEVELOPMENT_KEYS] == [
        (account, name, kind)
        for account, name in ((1, "alice"), (2, "bob"), (3, "carol"))
        for kind in (KeyKind.HMAC, KeyKind.RSA, KeyKind.ED25519)
    ]


def test_api_keys_look_like_binances_and_are_distinct():
    assert all(re.fullmatch("[A-Za-z0-9]{64}", key.api_key) for key in DEVELOPMENT_KEYS)
    assert len({key.api_key for key in DEVELOPMENT_KEYS}) == len(DEVELOPMENT_KEYS)


def test_what_a_key_signs_its_own_verifier_accepts_and_no_other():
    keyring = development_keyring()
    payload = "symbol=１２３４５６&timestamp=1".encode()
    for key in DEVELOPMENT_KEYS:
        signature = key.signing_key().sign(payload)
        accepting = []
        for other in DEVELOPMENT_KEYS:
            holder = keyring.find(other.api_key)
            assert holder is not None
            assert holder.account == other.account
            if holder.verifier.verify(payload, signature):
                accepting.append(other.api_key)
        assert accepting == [key.api_key]

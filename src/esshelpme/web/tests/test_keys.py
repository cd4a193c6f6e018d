"""Form keys and secrets of status pages."""

from __future__ import annotations

import base64
from datetime import timedelta

from esshelpme.conftest import AT
from esshelpme.web.keys import made_at, new_form_key, secret_digest, status_secret, trace


def test_a_key_knows_when_it_was_made_and_no_other_is_taken() -> None:
    key = new_form_key(at=AT)
    assert made_at(key) == AT
    assert made_at(key + "x") is None
    assert made_at(key.replace(str(int(AT.timestamp())), "1")) is None
    assert made_at("") is None
    assert made_at("ก.ข.ค") is None


def test_the_secret_has_192_bits_and_follows_from_the_key_alone() -> None:
    key = new_form_key(at=AT)
    secret = status_secret(key)
    assert len(base64.urlsafe_b64decode(secret)) * 8 == 192
    assert status_secret(key) == secret
    assert status_secret(key, 1) != secret
    assert status_secret(new_form_key(at=AT)) != secret
    assert secret not in secret_digest(secret)


def test_traces_of_an_address_cannot_be_joined_over_days() -> None:
    today, tomorrow = (trace("address", "203.0.113.7", at=AT + timedelta(days=n)) for n in (0, 1))
    assert today != tomorrow
    assert today != trace("words", "203.0.113.7", at=AT)

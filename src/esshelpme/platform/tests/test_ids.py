"""References survive a bad telephone line; times are told one way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esshelpme.platform.clock import now, stamp
from esshelpme.platform.ids import ALPHABET, new_ref, new_secret, read_ref, show_ref


def test_a_reference_is_shown_in_two_halves_and_read_back() -> None:
    ref = new_ref()
    assert len(ref) == 8
    assert read_ref(show_ref(ref)) == ref


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("abcd-1234", "ABCD1234"),
        (" ABCD 1234 ", "ABCD1234"),
        ("OIl0-0000", "01100000"),  # what people hear for 0 and 1
        ("ABCD-123", None),
        ("ABCD-12345", None),
        ("ABCD-123U", None),  # U is in no reference
        ("", None),
    ],
)
def test_what_people_type(typed: str, read: str | None) -> None:
    assert read_ref(typed) == read


@given(st.text(alphabet=ALPHABET, min_size=8, max_size=8))
def test_every_reference_reads_as_itself(ref: str) -> None:
    assert read_ref(show_ref(ref).lower()) == ref


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    read = read_ref(text)
    assert read is None or (len(read) == 8 and set(read) <= set(ALPHABET))


def test_secrets_have_the_bits_asked_for() -> None:
    assert len(new_secret(192)) == 32
    assert new_secret() != new_secret()


def test_stamp_is_rfc_3339_in_utc_with_six_decimals() -> None:
    bangkok = timezone(timedelta(hours=7))
    assert stamp(datetime(2026, 1, 1, 6, 30, tzinfo=bangkok)) == "2025-12-31T23:30:00.000000Z"
    assert now().tzinfo is UTC


def test_stamp_refuses_a_time_without_a_zone() -> None:
    with pytest.raises(ValueError, match="aware"):
        stamp(datetime(2026, 1, 1))  # noqa: DTZ001  # that is the point

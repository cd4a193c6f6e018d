"""How the law counts years and time limits (Civil and Commercial Code ss. 16, 193/3, 193/5, 193/8)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esshelpme.rights.ages import SATURDAY, anniversary, full_years, last_day, months_run

DAYS = st.dates(date(1900, 1, 1), date(2100, 12, 31))


@pytest.mark.parametrize(
    ("born", "on", "age"),
    [
        (date(1966, 11, 24), date(2026, 11, 23), 59),
        (date(1966, 11, 24), date(2026, 11, 24), 60),
        (date(1956, 2, 29), date(2026, 2, 28), 69),
        (date(1956, 2, 29), date(2026, 3, 1), 70),
        (date(1956, 2, 29), date(2024, 2, 28), 67),
        (date(1956, 2, 29), date(2024, 2, 29), 68),
        (date(2026, 11, 24), date(2026, 11, 24), 0),
        (date(2026, 11, 25), date(2026, 11, 24), -1),
    ],
)
def test_age_is_full_years_from_the_day_of_birth(born: date, on: date, age: int) -> None:
    assert full_years(born, on) == age


@given(DAYS, st.integers(0, 120))
def test_a_year_is_full_on_the_anniversary_and_not_the_day_before(born: date, years: int) -> None:
    day = anniversary(born, years)
    assert full_years(born, day) == years
    assert full_years(born, day - timedelta(days=1)) == years - 1


@pytest.mark.parametrize(
    ("event", "months", "end"),
    [
        (date(2025, 11, 24), 12, date(2026, 11, 24)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 8, 30), 6, date(2025, 2, 28)),  # no 31 February: the last day of the month
        (date(2026, 4, 20), 6, date(2026, 10, 20)),
        (date(2025, 11, 21), 12, date(2026, 11, 23)),  # a Saturday: until Monday
        (date(2025, 11, 22), 12, date(2026, 11, 23)),  # a Sunday
    ],
)
def test_the_last_day_of_a_limit(event: date, months: int, end: date) -> None:
    assert last_day(event, months) == end


@given(DAYS, st.integers(1, 60))
def test_a_limit_is_open_on_its_last_day_and_never_ends_on_a_weekend(event: date, months: int) -> None:
    end = last_day(event, months)
    assert end.weekday() < SATURDAY
    assert months_run(event, end) <= months
    assert months_run(event, end + timedelta(days=1)) > months


@given(DAYS, st.integers(0, 4000))
def test_months_run_never_shrinks_with_time(event: date, days: int) -> None:
    on = event + timedelta(days=days)
    assert months_run(event, on) <= months_run(event, on + timedelta(days=1))

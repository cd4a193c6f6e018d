"""How Thai law counts years and time limits.

Civil and Commercial Code: s. 16 (age runs from the day of birth, that day included), s. 193/3 (the first
day of a time limit is not counted), s. 193/5 (months and years by the calendar; when the last month has no
corresponding day, the limit ends on its last day), s. 193/8 (a limit that ends on a holiday is extended to
the next working day).
"""

from __future__ import annotations

import calendar
from datetime import date, timedelta

SATURDAY = 5


def anniversary(born: date, years: int) -> date:
    """The first day on which somebody born on `born` is `years` full years old.

    Born on 29 February: in a common year the year is full at the end of 28 February, so the day is 1 March.
    """
    try:
        return born.replace(year=born.year + years)
    except ValueError:
        return date(born.year + years, 3, 1)


def full_years(born: date, on: date) -> int:
    """Age in full years on the day `on` (s. 16, 193/5); negative when `on` is before the birth."""
    years = on.year - born.year
    return years if on >= anniversary(born, years) else years - 1


def last_day(event: date, months: int) -> date:
    """Last day of a limit of `months` calendar months after `event`, the day of the event not counted.

    Weekends extend it to Monday (s. 193/8). Public holidays are not known here: the person is the one who
    benefits, so an office may still accept a day later.
    """
    first = event + timedelta(days=1)
    year, month0 = divmod(first.year * 12 + first.month - 1 + months, 12)
    month = month0 + 1
    length = calendar.monthrange(year, month)[1]
    end = (
        date(year, month, length) if first.day > length else date(year, month, first.day) - timedelta(days=1)
    )
    if end > event and end.weekday() >= SATURDAY:
        end += timedelta(days=7 - end.weekday())
    return end


def months_run(event: date, on: date) -> int:
    """Smallest number of months whose limit after `event` has not ended on `on` (0 on the day itself).

    "Within one year" is `months_run(event, on) <= 12`.
    """
    months = max(0, (on.year - event.year) * 12 + on.month - event.month - 1)
    while on > last_day(event, months):
        months += 1
    return months

"""Who of a unit is on duty, by LINE."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from esshelpme.directory.models import Member, Shift


def members_on_duty(unit_ids: Iterable[int], *, at: datetime) -> dict[int, list[Member]]:
    """Members with LINE on duty, by unit. A unit without shifts has all its members on duty; a shift without a
    member means the whole unit."""
    ids = list(unit_ids)
    if not ids:
        return {}
    shifts = Shift.objects.filter(unit_id__in=ids)
    with_shifts = set(shifts.order_by("unit_id").values_list("unit_id", flat=True).distinct("unit_id"))
    now: set[tuple[int, int | None]] = set(
        shifts.filter(starts_at__lte=at, ends_at__gt=at).values_list("unit_id", "member_id")
    )
    found: dict[int, list[Member]] = defaultdict(list)
    for member in Member.objects.filter(unit_id__in=ids, active=True, line_user_id__isnull=False).order_by(
        "unit_id", "code"
    ):
        free = member.unit_id not in with_shifts
        if free or (member.unit_id, member.pk) in now or (member.unit_id, None) in now:
            found[member.unit_id].append(member)
    return dict(found)

"""Changes to the directory by hand, where no file is at hand: whether a unit is on duty."""

from __future__ import annotations

from esshelpme.directory.models import Unit


def set_on_duty(unit: Unit, on: bool) -> bool:
    """Put a unit on duty or off, seen by dispatch at once. False when somebody had before."""
    changed = Unit.objects.filter(pk=unit.pk).exclude(on_duty=on).update(on_duty=on)
    unit.on_duty = on
    return bool(changed)

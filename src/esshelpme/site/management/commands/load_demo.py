from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from esshelpme.directory.demo.directory import demo_directory, rostered_units
from esshelpme.directory.file_format import DirectoryFile
from esshelpme.directory.files import import_entries
from esshelpme.directory.models import Member, Shift, Unit
from esshelpme.incidents.models import Incident
from esshelpme.platform.clock import now
from esshelpme.site.demo.accounts import logins, make_accounts
from esshelpme.site.demo.history import play_history


class Command(BaseCommand):
    help = (
        "Load the demonstration: a fictional directory of the whole country, accounts of every role and past "
        "incidents. Loads once; later runs only renew the rosters. Prints the logins. Refused in production."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("Demonstration data do not belong into a service with real people in it.")
        at = now()
        if not Incident.objects.exists():
            self.stderr.write("Loading the demonstration data, once…")
        load_directory(at=at)
        make_accounts()
        play_history(at=at)
        self.stdout.write(logins())


def load_directory(*, at: datetime) -> None:
    """The whole directory once; afterwards only coming duties, so that nobody's changes are undone."""
    file = demo_directory(at=at)
    rostered = set(rostered_units())
    if Unit.objects.filter(code__in=rostered).exists():
        renew_rosters(file, rostered)
        return
    import_entries(DirectoryFile.model_validate(file), at=at)


def renew_rosters(file: dict[str, Any], codes: set[str]) -> None:
    """Add the duties of the coming days to units that are still there with their members."""
    units = {unit.code: unit for unit in Unit.objects.filter(code__in=codes)}
    members = {member.code: member for member in Member.objects.filter(unit__in=units.values())}
    there = set(Shift.objects.filter(unit__in=units.values()).values_list("unit_id", "starts_at"))
    rows = []
    for entry in file["units"]:
        unit = units.get(entry["code"])
        for shift in entry["shifts"] if unit else ():
            starts_at = datetime.fromisoformat(shift["starts_at"])
            member = members.get(shift["member"])
            if unit is not None and member is not None and (unit.pk, starts_at) not in there:
                rows.append(
                    Shift(
                        unit=unit,
                        member=member,
                        starts_at=starts_at,
                        ends_at=datetime.fromisoformat(shift["ends_at"]),
                    )
                )
    Shift.objects.bulk_create(rows)

"""What the gazetteer reads of imported files from the database."""

from __future__ import annotations

import logging

import shapely
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection, transaction

from esshelpme.places.models import OutlineRecord, PlaceRecord, PlacesVersion
from esshelpme.places.units import Fact, Overlay

_log = logging.getLogger(__name__)


class DatabaseSource:
    """Reads imported places.

    A database that cannot be asked now is no reason to fail: what is known stays in use.
    """

    def version(self) -> int | None:
        """Return the number of the last import, 0 before the first.

        None when the database cannot be asked.
        """
        try:
            # Inside somebody's transaction a savepoint keeps it usable, should the table not be there yet.
            if connection.in_atomic_block:
                with transaction.atomic():
                    return self._version()
            return self._version()
        except (DatabaseError, ImproperlyConfigured, RuntimeError) as error:
            _log.debug("places: the database cannot be asked for imports: %s", error)
            return None

    def _version(self) -> int:
        found = PlacesVersion.objects.filter(pk=1).values_list("version", flat=True).first()
        return found or 0

    def overlay(self) -> Overlay:
        """Return everything imported, with its version."""
        version = self._version()
        facts = [
            Fact(code, name_th, name_en, lat, lng)
            for code, name_th, name_en, lat, lng in PlaceRecord.objects.order_by("code").values_list(
                "code", "name_th", "name_en", "lat", "lng"
            )
        ]
        outlines = {
            code: shapely.from_wkb(bytes(raw))
            for code, raw in OutlineRecord.objects.order_by("code").values_list("code", "geometry")
        }
        return Overlay(version, facts, outlines)

    def close(self) -> None:
        """Give back the connection of a thread that only read."""
        connection.close()

"""The Django application: it only lends the gazetteer a reader of imported files."""

from __future__ import annotations

from django.apps import AppConfig
from django.conf import settings


class PlacesConfig(AppConfig):
    """Places: gazetteer, reading of place names, outlines."""

    name = "esshelpme.places"
    label = "places"

    def ready(self) -> None:
        """Let running processes see imports.

        The version is asked at most once in `PLACES_REFRESH_S` seconds (None: never).
        """
        from esshelpme.places.gazetteer import use_source  # noqa: PLC0415 - only once the applications are loaded
        from esshelpme.places.store import DatabaseSource  # noqa: PLC0415

        every_s = getattr(settings, "PLACES_REFRESH_S", 1.0)
        if every_s is not None:
            use_source(DatabaseSource(), every_s=float(every_s))

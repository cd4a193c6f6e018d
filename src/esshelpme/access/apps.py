from __future__ import annotations

from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "esshelpme.access"

    def ready(self) -> None:
        from esshelpme.access import checks  # registers them

        del checks

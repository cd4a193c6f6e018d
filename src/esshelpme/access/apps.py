from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "esshelpme.access"

    def ready(self) -> None:
        import_module("esshelpme.access.checks")  # registers them; needs the models, so not before now

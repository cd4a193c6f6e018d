from __future__ import annotations

from django.apps import AppConfig


class LineConfig(AppConfig):
    name = "esshelpme.line"
    label = "ess_line"  # "line" belongs to allauth's LINE Login provider

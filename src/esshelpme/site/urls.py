"""Every address of the program. Each view is guarded or public (`access.guard`)."""

from __future__ import annotations

from django.urls import include, path

from esshelpme.api.main import api
from esshelpme.site import health, metrics

urlpatterns = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", metrics.metrics),
    path("api/v1/", api.urls),
    path("accounts/", include("allauth.urls")),
    path("console/", include("esshelpme.console.urls")),
    path("", include("esshelpme.web.urls")),
]

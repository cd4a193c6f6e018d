"""Every address of the program. Each view is guarded or public (`access.guard`)."""

from __future__ import annotations

from importlib.util import find_spec

from django.urls import include, path

from esshelpme.site import health

urlpatterns = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("accounts/", include("allauth.urls")),
]
if find_spec("esshelpme.api.main"):
    from esshelpme.api.main import api

    urlpatterns.append(path("api/v1/", api.urls))
if find_spec("esshelpme.console.urls"):
    urlpatterns.append(path("console/", include("esshelpme.console.urls")))
if find_spec("esshelpme.web.urls"):
    urlpatterns.append(path("", include("esshelpme.web.urls")))

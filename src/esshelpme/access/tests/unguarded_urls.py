"""An address without a guard, for the check that finds it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import include, path


def open_door(request: HttpRequest) -> HttpResponse:
    return HttpResponse("anybody")


urlpatterns = [path("accounts/", include("allauth.urls")), path("open/", open_door)]

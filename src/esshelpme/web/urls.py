"""The public pages, mounted at the root."""

from __future__ import annotations

from django.urls import path

from esshelpme.web import public_pages, report_page, status_page

app_name = "web"

urlpatterns = [
    path("", public_pages.home, name="home"),
    path("privacy", public_pages.privacy, name="privacy"),
    path("r", report_page.report, name="report"),
    path("r/-/places", report_page.places, name="places"),
    path("r/<str:code>", report_page.report, name="report_code"),
    path("t/<str:secret>", status_page.status, name="status"),
    path("t/<str:secret>/now", status_page.latest, name="latest"),
    path("t/<str:secret>/write", status_page.write, name="write"),
]

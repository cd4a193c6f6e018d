"""The console's addresses, below `/console/`."""

from __future__ import annotations

from django.urls import include, path

from esshelpme.console import acting, board, incidents, mine, new_report, places, preferences, stream

urlpatterns = [
    path("", mine.home, name="console_board"),
    path("mine/", mine.mine, name="console_mine"),
    path("rows", board.changed, name="console_rows"),
    path("stream", stream.stream, name="console_stream"),
    path("find", incidents.find, name="console_find"),
    path("new/", new_report.new_report, name="console_new"),
    path("new/hints", new_report.hints, name="console_hints"),
    path("places", places.search, name="console_places"),
    path("map/labels.json", places.labels, name="console_labels"),
    path("map/<slug:name>.json", places.outlines, name="console_outlines"),
    path("language", preferences.language, name="console_language"),
    path("media/<int:message_id>", incidents.media, name="console_media"),
    path("alarms/<int:alarm_id>", board.acknowledge_system, name="console_system_alarm"),
    path("incidents/<str:ref>/", incidents.incident, name="console_incident"),
    path("incidents/<str:ref>/parts", incidents.parts, name="console_parts"),
    path("incidents/<str:ref>/here", incidents.here, name="console_here"),
    path("incidents/<str:ref>/units", acting.units, name="console_units"),
    path("incidents/<str:ref>/dialog/<slug:action>", acting.dialog, name="console_dialog"),
    path("incidents/<str:ref>/do/<slug:action>", acting.act, name="console_act"),
    path("", include("esshelpme.console.urls_desk")),
]

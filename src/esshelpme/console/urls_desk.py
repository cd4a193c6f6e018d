"""Addresses below `/console/` of everything beside board and incident."""

from __future__ import annotations

from django.urls import path, re_path

from esshelpme.console import accounts, audit, directory, directory_file, handover, inbox, transfers

urlpatterns = [
    path("inbox/", inbox.page, name="console_inbox"),
    path("inbox/count", inbox.count, name="console_inbox_count"),
    path("inbox/media/<int:message_id>", inbox.media, name="console_inbox_media"),
    path("inbox/<int:contact_id>/answer", inbox.answer, name="console_inbox_answer"),
    path("inbox/<int:contact_id>/open", inbox.open_incident, name="console_inbox_open"),
    path("inbox/<int:contact_id>/seen", inbox.seen, name="console_inbox_seen"),
    re_path(
        r"^inbox/events/(?P<event_id>\d{1,18})/(?P<what>again|seen|flood)$",
        inbox.event,
        name="console_inbox_event",
    ),
    path("inbox/alarms/<int:alarm_id>", inbox.alarm, name="console_inbox_alarm"),
    path("directory/", directory.page, name="console_directory"),
    path("directory/import", directory_file.take, name="console_directory_import"),
    path("directory/export", directory_file.give, name="console_directory_export"),
    # Codes of the directory are free text: a slash may be in them.
    path("directory/units/<path:code>/duty", directory.duty, name="console_unit_duty"),
    path("directory/units/<path:code>/", directory.unit, name="console_unit"),
    path("directory/members/<path:code>/link", directory.link, name="console_member_link"),
    path("directory/members/<path:code>/unlink", directory.unlink_line, name="console_member_unlink"),
    path("directory/members/<path:code>/", directory.member, name="console_member"),
    path("handover/", handover.page, name="console_handover"),
    path("handover/<int:handover_id>/", handover.one, name="console_handover_one"),
    path("handover/<int:handover_id>/sign", handover.sign, name="console_handover_sign"),
    path("transfers/", transfers.page, name="console_transfers"),
    path("transfers/in", transfers.receive, name="console_transfer_in"),
    path("transfers/<int:event_id>/name", transfers.complete, name="console_transfer_name"),
    path("accounts/", accounts.page, name="console_accounts"),
    path("accounts/new", accounts.create, name="console_account_new"),
    path("accounts/tokens/", accounts.tokens, name="console_tokens"),
    path("accounts/tokens/new", accounts.create_token, name="console_token_new"),
    path("accounts/tokens/<int:token_id>/revoke", accounts.stop_token, name="console_token_revoke"),
    path("accounts/<int:account_id>/", accounts.one, name="console_account"),
    re_path(
        r"^accounts/(?P<account_id>\d{1,18})/(?P<what>edit|stop|let_in|password|factor)$",
        accounts.change,
        name="console_account_change",
    ),
    path("audit/", audit.page, name="console_audit"),
]

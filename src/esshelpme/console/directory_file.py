"""The directory as a file: taken in whole or not at all, every error with its path; given out as it is."""

from __future__ import annotations

import json

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from esshelpme.access.guard import guarded
from esshelpme.access.log import did
from esshelpme.access.officer import Officer
from esshelpme.access.roles import Right
from esshelpme.console.desk import done, officer_of
from esshelpme.directory.file_format import Fault, ImportFailed, read_file
from esshelpme.directory.files import export_directory, import_entries
from esshelpme.platform.clock import now

LARGEST_FILE = 20 * 1024 * 1024
ERRORS_SHOWN = 200


@require_http_methods(["GET", "POST"])
@guarded(Right.MANAGE_DIRECTORY)
def take(request: HttpRequest) -> HttpResponse:
    """The form; on POST the file is imported whole, or its errors are shown and nothing was changed."""
    officer = _of_the_whole_country(officer_of(request))
    if request.method == "GET":
        return render(
            request, "console/directory_import.html", {"page": "directory", "largest": LARGEST_FILE}
        )
    given = request.FILES.get("file")
    errors: list[tuple[str, str]] = []
    if given is None:
        errors = [("", "NO_FILE")]
    elif (given.size or 0) > LARGEST_FILE:
        errors = [("", "TOO_LARGE")]
    else:
        try:
            summary = import_entries(read_file(given.read()), at=now())
        except ImportFailed as failure:
            errors = failure.errors
        else:
            did(officer, what="DIRECTORY_IMPORTED", ref=f"{summary.units} units", at=now())
            done(
                request,
                "imported",
                agencies=summary.agencies,
                units=summary.units,
                members=summary.members,
                shifts=summary.shifts,
                new=summary.new_agencies + summary.new_units + summary.new_members + summary.new_shifts,
            )
            return redirect("console_directory")
    context = {
        "page": "directory",
        "errors": [Fault(path, message) for path, message in errors[:ERRORS_SHOWN]],
        "more": max(0, len(errors) - ERRORS_SHOWN),
        "file_name": getattr(given, "name", "") or "",
        "largest": LARGEST_FILE,
    }
    return render(request, "console/directory_import.html", context, status=422)


@require_GET
@guarded(Right.MANAGE_DIRECTORY)
def give(request: HttpRequest) -> HttpResponse:
    """The whole directory as its file; importing it again changes nothing."""
    officer, at = _of_the_whole_country(officer_of(request)), now()
    did(officer, what="DIRECTORY_EXPORTED", ref="DIRECTORY", at=at)
    text = json.dumps(export_directory(), ensure_ascii=False, indent=1)
    response = HttpResponse(text, content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="directory-{at:%Y%m%d-%H%M}.json"'
    response["Cache-Control"] = "private, no-store"
    return response


def _of_the_whole_country(officer: Officer) -> Officer:
    """A file can change any unit: whoever is limited to areas has none of it."""
    if officer.areas:
        raise Http404
    return officer

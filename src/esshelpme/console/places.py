"""Places for the browser: search by name, and the outlines of the map. No person's place is among them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET, require_POST

import esshelpme.places as gazetteer
from esshelpme.access.guard import guarded
from esshelpme.access.roles import Right
from esshelpme.words.pages import language_of

OUTLINES = {"provinces": "provinces.geojson", "borders": "borders.geojson"}
FOLDER = Path(gazetteer.__file__).parent / "data"
AT_MOST = 8
SHORTEST = 2


@require_POST
@guarded(Right.SEE_INCIDENT)
def search(request: HttpRequest) -> HttpResponse:
    """Choices for what was typed: names in Thai or English, coordinates, map links."""
    text = request.POST.get("place", "").strip()[:300]
    return render(
        request,
        "console/parts/places.html",
        {"found": gazetteer.search(text, AT_MOST) if len(text) >= SHORTEST else [], "typed": text},
    )


@require_GET
@guarded(Right.SEE_INCIDENT)
@cache_control(private=True, max_age=86400)
def outlines(request: HttpRequest, name: str) -> HttpResponse:
    """Provinces' or countries' outlines as GeoJSON."""
    if name not in OUTLINES:
        raise Http404
    return HttpResponse(_outlines(name), content_type="application/geo+json")


@require_GET
@guarded(Right.SEE_INCIDENT)
@cache_control(private=True, max_age=86400)
def labels(request: HttpRequest) -> HttpResponse:
    """Names of provinces and districts with their seats, for the map's labels: `[[name, lat, lng, level], …]`."""
    return JsonResponse({"labels": _labels(language_of(request))})


@cache
def _outlines(name: str) -> bytes:
    return (FOLDER / OUTLINES[name]).read_bytes()


@cache
def _labels(language: str) -> list[list[object]]:
    rows = []
    for place in gazetteer.gazetteer().places.values():
        if place.level in ("province", "district"):
            name = place.name_en if language == "en" else place.name_th
            rows.append(
                [name, round(place.lat, 4), round(place.lng, 4), 1 if place.level == "province" else 2]
            )
    return rows

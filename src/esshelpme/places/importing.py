"""Import official files of units: CSV with points, GeoJSON with outlines. A whole file or nothing of it.

CSV columns `code,level,name_th,name_en,parent_code,lat,lng` (any order, further ones ignored; UTF-8 with or
without a byte order mark, or TIS-620); GeoJSON `FeatureCollection` of polygons in WGS 84 with the
properties `code,name_th,name_en,parent_code`. Importing again updates; what a file does not name stays.
Running processes see it within a second.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import shapely
from django.db import transaction
from shapely.errors import GEOSException
from shapely.geometry import shape

from esshelpme.places.file_checks import (
    BOX,
    Fault,
    ImportRefused,
    code_faults,
    name_faults,
    point_of,
)
from esshelpme.places.gazetteer import gazetteer, refresh
from esshelpme.places.models import OutlineRecord, PlaceRecord, PlacesVersion
from esshelpme.places.units import LEVEL_OF_LENGTH
from esshelpme.platform.clock import now

COLUMNS = ("code", "level", "name_th", "name_en", "parent_code", "lat", "lng")
REQUIRED = ("code", "level", "name_th", "lat", "lng")
MAX_BYTES = 128 * 1024 * 1024
MAX_ROWS = 200_000  # far more than the country has units, villages not included
BATCH = 1_000
_FIELDS = ("level", "name_th", "name_en", "parent_code", "source", "imported_at")


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did: units per level, how many points and outlines, which encoding was read."""

    file: str
    units: dict[str, int]
    points: int
    outlines: int
    encoding: str
    version: int

    def __str__(self) -> str:
        """Return the line that the command prints."""
        units = ", ".join(f"{count} {level}s" for level, count in self.units.items())
        return f"{self.file}: {units}; {self.points} points, {self.outlines} outlines ({self.encoding})"


@dataclass(frozen=True, slots=True)
class _Unit:
    code: str
    name_th: str
    name_en: str
    lat: float | None
    lng: float | None
    outline: bytes | None


def import_file(path: str | Path, *, at: datetime | None = None) -> ImportReport:
    """Import one file; `at` is the time it is recorded under (now, when a command calls it).

    Raises `ImportRefused` (a ValueError) naming row or feature and field of everything wrong; nothing was
    imported then.
    """
    path = Path(path)
    text, encoding = _read(path)
    units = _from_geojson(text) if text.lstrip()[:1] in {"{", "["} else _from_csv(text)
    with transaction.atomic():
        version = _store(units, source=path.name[:255], at=at or now())
        transaction.on_commit(_see_now)
    counts = {
        level: sum(LEVEL_OF_LENGTH[len(u.code)] == level for u in units) for level in LEVEL_OF_LENGTH.values()
    }
    return ImportReport(
        file=path.name,
        units={level: count for level, count in counts.items() if count},
        points=sum(u.lat is not None for u in units),
        outlines=sum(u.outline is not None for u in units),
        encoding=encoding,
        version=version,
    )


def _see_now() -> None:
    refresh()


def _read(path: Path) -> tuple[str, str]:
    """Return (text, encoding).

    UTF-8, with or without a byte order mark, else TIS-620 as Windows writes it.
    """
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise _refused("file", f"has {size} bytes; at most {MAX_BYTES}")
        raw = path.read_bytes()
    except OSError as error:
        raise _refused("file", f"cannot be read: {error.strerror or error}") from error
    if not raw.strip():
        raise _refused("file", "is empty")
    for encoding in ("utf-8-sig", "cp874"):
        try:
            return raw.decode(encoding), "UTF-8" if encoding == "utf-8-sig" else "TIS-620"
        except UnicodeDecodeError:
            continue
    raise _refused("file", "is neither UTF-8 nor TIS-620; save it as UTF-8")


def _refused(field: str, problem: str) -> ImportRefused:
    return ImportRefused([Fault("file", field, problem)])


def _from_csv(text: str) -> list[_Unit]:
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise _refused("rows", f"is no CSV file: {error}") from error
    header = [name.strip().lower() for name in rows[0]]
    if missing := [name for name in REQUIRED if name not in header]:
        raise ImportRefused(
            [Fault("row 1", name, "column is missing from the first row") for name in missing]
        )
    if len(rows) > MAX_ROWS:
        raise _refused("rows", f"has {len(rows)} rows; at most {MAX_ROWS}")
    places = {name: header.index(name) for name in COLUMNS if name in header}
    table = [
        (f"row {number}", {name: row[i].strip() if i < len(row) else "" for name, i in places.items()})
        for number, row in enumerate(rows[1:], start=2)
        if any(cell.strip() for cell in row)
    ]
    if not table:
        raise _refused("rows", "has no rows below the first")
    known = frozenset(gazetteer().places) | {cells["code"] for _, cells in table}
    faults: list[Fault] = []
    units: list[_Unit] = []
    for where, cells in table:
        lat, lng, wrong = point_of(where, cells["lat"], cells["lng"])
        name_th, name_en = cells["name_th"], cells.get("name_en", "")
        parent = cells.get("parent_code", "")
        faults += [
            *code_faults(where, cells["code"], cells["level"], parent, known),
            *name_faults(where, name_th, name_en),
        ]
        faults += wrong
        units.append(_Unit(cells["code"], name_th, name_en, lat, lng, None))
    faults += _twice((where, cells["code"]) for where, cells in table)
    if faults:
        raise ImportRefused(faults)
    return units


def _twice(rows: Iterable[tuple[str, str]]) -> Iterator[Fault]:
    first: dict[str, str] = {}
    for where, code in rows:
        if code in first:
            yield Fault(where, "code", f"{code} stands already in {first[code]}; keep one")
        first.setdefault(code, where)


def _from_geojson(text: str) -> list[_Unit]:
    try:
        loaded = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _refused("JSON", f"cannot be read: {error}") from error
    features = loaded.get("features") if isinstance(loaded, dict) else None
    if not isinstance(features, list) or loaded.get("type") != "FeatureCollection":
        raise _refused("type", "is not a FeatureCollection with features")
    if not features:
        raise _refused("features", "is empty")
    crs = json.dumps(loaded.get("crs") or "")
    if crs != '""' and not any(name in crs for name in ("CRS84", "4326")):
        raise _refused("crs", "is not WGS 84; convert the file to EPSG:4326")
    faults: list[Fault] = []
    rows = [
        (f"feature {number}", *_feature(f"feature {number}", f, faults))
        for number, f in enumerate(features, start=1)
    ]
    known = frozenset(gazetteer().places) | {properties["code"] for _, properties, _ in rows}
    units = []
    for where, properties, outline in rows:
        code, name_th = properties["code"], properties["name_th"]
        faults += [*code_faults(where, code, None, properties["parent_code"], known)]
        faults += [*name_faults(where, name_th, properties["name_en"])]
        units.append(_Unit(code, name_th, properties["name_en"], None, None, outline))
    faults += _twice((where, properties["code"]) for where, properties, _ in rows)
    if faults:
        raise ImportRefused(faults)
    return units


def _feature(where: str, feature: Any, faults: list[Fault]) -> tuple[dict[str, str], bytes | None]:
    """Return (properties as text, outline as well-known binary) of a feature.

    Adding what is wrong to `faults`.
    """
    feature = feature if isinstance(feature, dict) else {}
    raw = feature.get("properties")
    properties = {
        name: str(raw.get(name) or "").strip() if isinstance(raw, dict) else ""
        for name in ("code", "name_th", "name_en", "parent_code")
    }
    try:
        geometry = shape(feature["geometry"])
        if geometry.geom_type not in {"Polygon", "MultiPolygon"}:
            faults.append(
                Fault(where, "geometry", f"is a {geometry.geom_type}; outlines are Polygon or MultiPolygon")
            )
            return properties, None
        valid = shapely.make_valid(shapely.force_2d(geometry))
        west, south, east, north = valid.bounds
    except (AttributeError, KeyError, TypeError, ValueError, IndexError, GEOSException) as error:
        faults.append(Fault(where, "geometry", f"cannot be read as a polygon ({type(error).__name__})"))
        return properties, None
    if valid.is_empty or not (BOX[0] <= south <= north <= BOX[1] and BOX[2] <= west <= east <= BOX[3]):
        faults.append(
            Fault(where, "geometry", "lies outside Thailand; WGS 84 decimal degrees, longitude first")
        )
    return properties, shapely.to_wkb(valid, output_dimension=2)


def _store(units: list[_Unit], *, source: str, at: datetime) -> int:
    """Write the units and raise the version; returns it. Files are imported one at a time."""
    PlacesVersion.objects.get_or_create(pk=1)
    row = PlacesVersion.objects.select_for_update().get(pk=1)
    records = [
        PlaceRecord(
            code=unit.code,
            level=LEVEL_OF_LENGTH[len(unit.code)],
            name_th=unit.name_th,
            name_en=unit.name_en,
            parent_code=unit.code[:-2],
            lat=unit.lat,
            lng=unit.lng,
            source=source,
            imported_at=at,
        )
        for unit in units
    ]
    # A file without points leaves points imported before as they are.
    for pointed in (True, False):
        some = [r for r in records if (r.lat is not None) is pointed]
        PlaceRecord.objects.bulk_create(
            some,
            batch_size=BATCH,
            update_conflicts=True,
            unique_fields=["code"],
            update_fields=[*_FIELDS, "lat", "lng"] if pointed else list(_FIELDS),
        )
    outlines = [
        OutlineRecord(code=unit.code, geometry=unit.outline, source=source, imported_at=at)
        for unit in units
        if unit.outline is not None
    ]
    OutlineRecord.objects.bulk_create(
        outlines,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["geometry", "source", "imported_at"],
    )
    row.version += 1
    row.changed_at = at
    row.save(update_fields=["version", "changed_at"])
    return row.version


__all__ = ["ImportRefused", "ImportReport", "import_file"]

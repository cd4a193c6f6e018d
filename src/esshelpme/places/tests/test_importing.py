"""Official files: whole or not at all, every fault named, seen at once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import pytest
from django.db import connection
from pytest_django import DjangoCaptureOnCommitCallbacks

from esshelpme.places import area_words, find_places, locate, search
from esshelpme.places.file_checks import ImportRefused
from esshelpme.places.gazetteer import gazetteer, refresh, use_source
from esshelpme.places.importing import import_file
from esshelpme.places.models import OutlineRecord, PlaceRecord, PlacesVersion
from esshelpme.places.store import DatabaseSource

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
HEAD = "code,level,name_th,name_en,parent_code,lat,lng"
SUTHEP = "500108,subdistrict,สุเทพ,Suthep,5001,18.79000,98.95000"


class Import(Protocol):
    """Import a text as a file of that name."""

    def __call__(self, content: str | bytes, name: str = "places.csv") -> object:
        """Return the report."""


@pytest.fixture(autouse=True)
def _own_source() -> Iterator[None]:
    """Each test sees its own database and leaves the packaged gazetteer behind."""
    use_source(DatabaseSource(), every_s=0.0)
    yield
    use_source(None)


@pytest.fixture
def take(tmp_path: Path, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks) -> Import:
    """Import a text as a file, as a command would."""

    def run(content: str | bytes, name: str = "places.csv") -> object:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        with django_capture_on_commit_callbacks(execute=True):
            return import_file(path, at=AT)

    return run


def square(lat: float, lng: float, half: float = 0.1) -> list[list[list[float]]]:
    """The ring of a square, longitude first."""
    w, s, e, n = lng - half, lat - half, lng + half, lat + half
    return [[[w, s], [e, s], [e, n], [w, n], [w, s]]]


def outline(
    code: str, name: str, coordinates: object, kind: str = "Polygon", **more: object
) -> dict[str, object]:
    """One feature."""
    return {
        "type": "Feature",
        "properties": {"code": code, "name_th": name, "name_en": "", "parent_code": code[:-2], **more},
        "geometry": {"type": kind, "coordinates": coordinates},
    }


def collection(*features: object, **more: object) -> str:
    """A file of features."""
    return json.dumps({"type": "FeatureCollection", "features": list(features), **more}, ensure_ascii=False)


def test_points_refine_what_text_and_search_give(take: Import) -> None:
    assert gazetteer().places["500108"].source != "import"
    report = take(f"{HEAD}\n{SUTHEP}\n")
    assert str(report) == "places.csv: 1 subdistricts; 1 points, 0 outlines (UTF-8)"
    best = find_places("ต.สุเทพ จ.เชียงใหม่").best
    assert best is not None
    assert (best.lat, best.lng, best.accuracy_m) == (18.79, 98.95, 3000)
    assert search("สุเทพ")[0].lat == 18.79
    assert PlaceRecord.objects.get(pk="500108").imported_at == AT


def test_importing_again_updates_and_keeps_the_rest(take: Import) -> None:
    take(f"{HEAD}\n{SUTHEP}\n500107,subdistrict,หายยา,Haiya,5001,18.77,98.98\n")
    take(f"{HEAD}\n500108,subdistrict,สุเทพใหม่,Suthep,5001,18.80,98.94\n")
    assert area_words("500108").startswith("ต.สุเทพใหม่")
    assert PlaceRecord.objects.count() == 2
    assert PlacesVersion.objects.get().version == 2


def test_a_running_process_sees_an_import_of_another(take: Import) -> None:
    assert gazetteer().version == 0
    take(f"{HEAD}\n{SUTHEP}\n")
    # What another process left behind: the number has grown, nobody called refresh() here.
    PlaceRecord.objects.filter(pk="500108").update(lat=18.5)
    PlacesVersion.objects.update(version=7)
    assert gazetteer().places["500108"].lat == 18.5


def test_a_unit_the_program_did_not_know_is_added(take: Import) -> None:
    take(f"{HEAD}\n500199,subdistrict,ดอยสมมุติ,Doi Sommut,5001,18.79,98.9\n")
    best = find_places("ตำบลดอยสมมุติ เชียงใหม่").best
    assert best is not None
    assert best.code == "500199"


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (("\ufeff" + f"{HEAD}\n{SUTHEP}\n").encode(), "UTF-8"),
        (f"{HEAD}\r\n{SUTHEP}\r\n".encode("cp874"), "TIS-620"),
        (
            "lng,lat,note,parent_code,NAME_EN,name_th,level,code\n98.95,18.79,x,5001,Suthep,สุเทพ,subdistrict,500108\n".encode(),
            "UTF-8",
        ),
    ],
    ids=["byte order mark", "TIS-620", "other order and further columns"],
)
def test_files_as_offices_write_them(take: Import, content: bytes, encoding: str) -> None:
    report = take(content)
    assert encoding in str(report)
    assert PlaceRecord.objects.get(pk="500108").name_th == "สุเทพ"


@pytest.mark.parametrize(
    ("row", "where", "field", "remedy"),
    [
        ("5001-8,subdistrict,ก,K,5001,18,98", "row 3", "code", "write 2, 4 or 6 digits"),
        ("500108,district,ก,K,5001,18,98", "row 3", "level", "write subdistrict"),
        ("500108,subdistrict,ก,K,5101,18,98", "row 3", "parent_code", "write 5001"),
        ("509901,subdistrict,ก,K,5099,18,98", "row 3", "parent_code", "add its row"),
        ("500108,subdistrict,,K,5001,18,98", "row 3", "name_th", "write the Thai name"),
        ("500108,subdistrict,ก,K,5001,98.95,18.79", "row 3", "lat", "latitude first"),
        ("500108,subdistrict,ก,K,5001,48.1,98.9", "row 3", "lat", "outside Thailand"),
        ("500108,subdistrict,ก,K,5001,18.7,2.35", "row 3", "lng", "outside Thailand"),
        ("500108,subdistrict,ก,K,5001,nan,98.9", "row 3", "lat", "decimal degrees"),
        ("500108,subdistrict,ก,K,5001,18.7,", "row 3", "lng", "decimal degrees"),
        ("500107,subdistrict,ก,K,5001,18.7,98.9", "row 3", "code", "stands already in row 2"),
        (f"500108,subdistrict,{'ก' * 121},K,5001,18.7,98.9", "row 3", "name_th", "at most 120"),
    ],
)
def test_each_fault_names_its_row_its_field_and_the_remedy(
    take: Import, row: str, where: str, field: str, remedy: str
) -> None:
    with pytest.raises(ImportRefused) as refused:
        take(f"{HEAD}\n500107,subdistrict,หายยา,Haiya,5001,18.77,98.98\n{row}\n")
    fault = refused.value.faults[0]
    assert (fault.where, fault.field) == (where, field)
    assert remedy in fault.problem
    assert str(fault) in str(refused.value)
    assert not PlaceRecord.objects.exists(), "a good row of a bad file is not taken"
    assert not PlacesVersion.objects.exists()


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "empty"),
        (b"\xff\xfe\x00\x81\x8d", "neither UTF-8 nor TIS-620"),
        (b"a,b\n1,2\n", "column is missing"),
        (f"{HEAD}\n".encode(), "no rows"),
        (b'{"type":"FeatureCollection","features":[', "cannot be read"),
        (b'{"type":"Topology"}', "not a FeatureCollection"),
        (b'{"type":"FeatureCollection","features":[]}', "is empty"),
        (b"[" * 100_000, "cannot be read"),
    ],
)
def test_what_is_no_such_file_is_told_in_one_line(take: Import, content: bytes, problem: str) -> None:
    with pytest.raises(ImportRefused, match=problem):
        take(content)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ImportRefused, match="cannot be read"):
        import_file(tmp_path / "nowhere.csv", at=AT)


def test_outlines_decide_the_district(take: Import) -> None:
    # A point that lies nearer to the seat of Hang Dong than to that of San Pa Tong.
    before = locate(18.70, 98.92)
    assert before.reasons == ("NEAREST_SEAT",)
    take(collection(outline("5012", "สันป่าตอง", square(18.70, 98.92))), "outlines.geojson")
    after = locate(18.70, 98.92)
    assert (after.district, after.reasons) == ("5012", ("OUTLINE",))


def test_an_outline_gives_the_size_of_a_unit_and_keeps_its_seat(take: Import) -> None:
    seat = gazetteer().places["5012"]
    take(collection(outline("5012", "สันป่าตอง", square(18.62, 98.9, 0.05))), "outlines.geojson")
    now = gazetteer().places["5012"]
    assert (now.lat, now.lng) == (seat.lat, seat.lng)
    assert 5_000 < now.accuracy_m < 9_000


def test_outlines_do_not_wipe_points_imported_before(take: Import) -> None:
    take(f"{HEAD}\n{SUTHEP}\n")
    take(collection(outline("500108", "สุเทพ", square(18.8, 98.9))), "outlines.geojson")
    assert PlaceRecord.objects.get(pk="500108").lat == 18.79
    assert OutlineRecord.objects.count() == 1


@pytest.mark.parametrize(
    ("features", "field", "problem"),
    [
        ([outline("5012", "ก", [98.9, 18.7], "Point")], "geometry", "outlines are Polygon"),
        ([outline("5012", "ก", [[["x", 1]]])], "geometry", "cannot be read"),
        ([outline("5012", "ก", square(48.0, 2.0))], "geometry", "outside Thailand"),
        ([outline("5012", "", square(18.7, 98.9))], "name_th", "is empty"),
        ([outline("", "ก", square(18.7, 98.9))], "code", "2, 4 or 6 digits"),
        ([outline("5012", "ก", square(18.7, 98.9), parent_code="51")], "parent_code", "write 50"),
        ([outline("5012", "ก", square(18.7, 98.9)), "x"], "geometry", "cannot be read"),
    ],
)
def test_each_fault_of_a_feature_is_named(
    take: Import, features: list[object], field: str, problem: str
) -> None:
    with pytest.raises(ImportRefused) as refused:
        take(collection(*features), "outlines.geojson")
    number = len(features)
    assert any(
        f.where == f"feature {number}" and f.field == field and problem in f.problem
        for f in refused.value.faults
    )
    assert not OutlineRecord.objects.exists()


def test_another_projection_is_refused(take: Import) -> None:
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32647"}}
    with pytest.raises(ImportRefused, match="4326"):
        take(collection(outline("5012", "ก", square(18.7, 98.9)), crs=crs), "outlines.geojson")


def test_a_database_without_the_tables_leaves_the_packaged_places() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE places_placesversion RENAME TO places_placesversion_away")
    assert refresh().version == 0
    best = find_places("จ.เชียงใหม่").best
    assert best is not None
    assert best.code == "50"
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,), "the caller's transaction is still usable"


async def test_inside_an_event_loop_nothing_asks_the_database_in_the_loop() -> None:
    best = find_places("จ.เชียงใหม่").best
    assert best is not None
    assert best.code == "50"

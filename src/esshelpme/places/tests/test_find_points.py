"""Coordinates, map links and plus codes in a text give the point itself."""

from __future__ import annotations

import math

import pytest

from esshelpme.places import check, find_places
from esshelpme.places.coordinates import decode_plus

POINTS = [
    ("13.7563,100.5018", 13.7563, 100.5018, 20),
    ("13.7563, 100.5018 ช่วยด้วย", 13.7563, 100.5018, 20),
    ("พิกัด 13.756331 100.501762", 13.756331, 100.501762, 20),
    ("๑๓.๗๕๖๓, ๑๐๐.๕๐๑๘", 13.7563, 100.5018, 20),
    ("100.5018,13.7563", 13.7563, 100.5018, 20),
    ("13.7563N 100.5018E", 13.7563, 100.5018, 20),
    ("13.75° N, 100.50° E", 13.75, 100.5, 1_100),
    ("lat 13.7563 lng 100.5018", 13.7563, 100.5018, 20),
    ("ละติจูด 13.7563 ลองจิจูด 100.5018", 13.7563, 100.5018, 20),
    ("13°45'22.7\"N 100°30'06.5\"E", 13.75631, 100.50181, 40),
    ("13°45.378'N 100°30.108'E", 13.7563, 100.5018, 40),
    ("geo:13.7563,100.5018", 13.7563, 100.5018, 20),
    ("https://www.google.com/maps?q=13.7563,100.5018", 13.7563, 100.5018, 20),
    ("https://maps.google.com/?q=13.7563%2C100.5018", 13.7563, 100.5018, 20),
    ("https://www.google.com/maps/search/?api=1&query=13.7563%2C100.5018", 13.7563, 100.5018, 20),
    (
        "https://www.google.com/maps/place/Grand+Palace/@13.70,100.40,17z/data=!3m1!8m2!3d13.75!4d100.4913",
        13.75,
        100.4913,
        1_100,
    ),
    ("https://www.google.com/maps/@13.7563,100.5018,15z", 13.7563, 100.5018, 20),
    ("https://www.google.com/maps/dir//13.7563,100.5018", 13.7563, 100.5018, 20),
    ("https://maps.apple.com/?ll=13.7563,100.5018&q=Dropped%20Pin", 13.7563, 100.5018, 20),
    ("https://maps.apple.com/place?coordinate=13.7563,100.5018", 13.7563, 100.5018, 20),
    ("https://www.openstreetmap.org/#map=17/13.7563/100.5018", 13.7563, 100.5018, 20),
    ("7P52QG4W+8X", 13.75581, 100.54744, 15),
    ("อยู่เมียวดี 16.6876,98.5085", 16.6876, 98.5085, 20),
]


@pytest.mark.parametrize(("text", "lat", "lng", "accuracy_m"), POINTS)
def test_the_point_itself(text: str, lat: float, lng: float, accuracy_m: int) -> None:
    reading = find_places(text)
    assert reading.exact
    assert not reading.ambiguous
    assert reading.best is not None
    assert reading.best.lat == pytest.approx(lat, abs=2e-4)
    assert reading.best.lng == pytest.approx(lng, abs=2e-4)
    assert reading.best.accuracy_m == accuracy_m


@pytest.mark.parametrize(
    "text",
    [
        "ราคา 12.50 กับ 100.75",
        "95.5000,200.1000",
        "0.0000,0.0000",
        "เวลา 13.30 - 14.30",
        "เบอร์ 081.2345678",
        "IP 192.168.1.100",
        "1.2.3.4",
        "v13.7563.100.5018",
    ],
)
def test_numbers_that_are_no_coordinates(text: str) -> None:
    assert not find_places(text).exact


def test_two_points_are_ambiguous() -> None:
    reading = find_places("13.7563,100.5018 หรือ 18.7883,98.9853")
    assert reading.ambiguous
    assert len(reading.candidates) == 2


def test_a_short_plus_code_needs_its_town() -> None:
    assert not find_places("QG4W+8X").exact
    reading = find_places("QG4W+8X กรุงเทพ")
    assert reading.exact
    assert reading.best is not None
    assert reading.best.lat == pytest.approx(13.7558, abs=1e-3)


def test_a_short_link_is_kept_for_staff_to_open() -> None:
    reading = find_places("อยู่นี่ https://maps.app.goo.gl/AbC123 เชียงใหม่")
    assert [link.lower() for link in reading.links] == ["https://maps.app.goo.gl/abc123"]
    assert reading.province == "50"


def test_open_location_code_of_the_specification() -> None:
    # Example of the Open Location Code specification: 8FVC9G8F+6X is at 47.365590, 8.524997.
    point = decode_plus("8FVC9G8F+6X")
    assert point is not None
    assert point == pytest.approx((47.36556, 8.52494), abs=1e-4)


@pytest.mark.parametrize(
    ("lat", "lng", "word"),
    [
        (math.nan, 100.0, "lat"),
        (13.0, math.inf, "lng"),
        (91.0, 100.0, "lat"),
        (13.0, 181.0, "lng"),
        (0.0, 0.0, "share the position again"),
        (True, 100.0, "lat"),
    ],
)
def test_an_impossible_point_is_refused_with_a_remedy(lat: float, lng: float, word: str) -> None:
    with pytest.raises(ValueError, match=word):
        check(lat, lng)

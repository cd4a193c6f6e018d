"""What a point means: units, abroad, at sea, near the border, on an island. Packaged outlines only."""

from __future__ import annotations

import math
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from esshelpme.places import cell, island_at, island_by_key, islands, locate, warm
from esshelpme.places.gazetteer import gazetteer

CITIES = [
    ("Bangkok, Grand Palace", 13.751, 100.492, "1001"),
    ("Bangkok, Pathum Wan", 13.740, 100.535, "1007"),
    ("Bangkok, Min Buri", 13.813, 100.73, "1010"),
    ("Nonthaburi", 13.860, 100.513, "1201"),
    ("Chiang Mai", 18.790, 98.985, "5001"),
    ("Chiang Rai", 19.909, 99.83, "5701"),
    ("Khon Kaen", 16.44, 102.83, "4001"),
    ("Korat", 14.975, 102.10, "3001"),
    ("Udon Thani", 17.413, 102.787, "4101"),
    ("Ubon Ratchathani", 15.238, 104.848, "3401"),
    ("Hat Yai", 7.008, 100.474, "9011"),
    ("Phuket town", 7.884, 98.392, "8301"),
    ("Patong", 7.896, 98.296, "8302"),
    ("Surat Thani", 9.14, 99.33, "8401"),
    ("Pattaya", 12.934, 100.885, "2004"),
    ("Hua Hin", 12.571, 99.957, "7707"),
    ("Phitsanulok", 16.82, 100.262, "6501"),
    ("Mae Hong Son", 19.302, 97.965, "5801"),
    ("Yala", 6.541, 101.281, "9501"),
    ("Bueng Kan", 18.36, 103.646, "3801"),
]


@pytest.mark.parametrize(("name", "lat", "lng", "district"), CITIES)
def test_cities(name: str, lat: float, lng: float, district: str) -> None:
    found = locate(lat, lng)
    assert found.where == "THAILAND", name
    assert found.district == district
    assert found.province == district[:2]
    assert found.country == "TH"
    assert found.island is None
    assert "NEAREST_SEAT" in found.reasons, "a guess from the seat is told as one"
    assert found.names_th[-1] == gazetteer().places[district].name_th


BORDER_TOWNS = [
    ("Mae Sai", 20.4307, 99.8840, "5709"),
    ("Mae Sot", 16.7130, 98.5700, "6306"),
    ("Sadao", 6.639, 100.424, "9010"),
    ("Dan Nok", 6.5235, 100.4185, "9010"),
    ("Aranyaprathet", 13.6928, 102.5057, "2706"),
    ("Nong Khai", 17.8783, 102.742, "4301"),
    ("Nakhon Phanom", 17.4108, 104.7786, "4801"),
    ("Mukdahan", 16.5431, 104.7235, "4901"),
    ("Chiang Khong", 20.2600, 100.4064, "5703"),
    ("Sungai Kolok", 6.0294, 101.9653, "9610"),
    ("Betong", 5.7731, 101.0725, "9502"),
    ("Ranong", 9.9658, 98.6348, "8501"),
]


@pytest.mark.parametrize(("name", "lat", "lng", "district"), BORDER_TOWNS)
def test_border_towns_are_in_thailand(name: str, lat: float, lng: float, district: str) -> None:
    found = locate(lat, lng)
    assert (found.where, found.district) == ("THAILAND", district), name


@pytest.mark.parametrize(
    ("name", "lat", "lng", "country", "at_border"),
    [
        ("Myawaddy", 16.6876, 98.5085, "MM", True),
        ("KK Park", 16.635, 98.517, "MM", True),
        ("Shwe Kokko", 16.823, 98.528, "MM", True),
        ("Poipet", 13.6560, 102.5630, "KH", True),
        ("Vientiane", 17.9667, 102.61, "LA", True),
        ("Savannakhet", 16.5563, 104.7522, "LA", True),
        ("Huay Xai", 20.2774, 100.4134, "LA", True),
        ("Kings Romans", 20.355, 100.105, "LA", True),
        ("Kawthaung", 9.9820, 98.5500, "MM", False),
        ("Koh Kong", 11.615, 102.983, "KH", False),
        ("Sihanoukville", 10.63, 103.52, "KH", False),
        ("Phnom Penh", 11.556, 104.928, "KH", False),
        ("Laukkai", 23.69, 98.76, "MM", False),
        ("Yangon", 16.84, 96.17, "MM", False),
        ("Kuala Lumpur", 3.14, 101.69, "MY", False),
        ("Langkawi", 6.35, 99.80, "MY", False),
        ("Ho Chi Minh City", 10.78, 106.70, "VN", False),
        ("London", 51.5, -0.1, None, False),
        ("Taipei", 25.03, 121.56, None, False),
    ],
)
def test_abroad(name: str, lat: float, lng: float, country: str | None, at_border: bool) -> None:
    found = locate(lat, lng)
    assert (found.where, found.country) == ("ABROAD", country), name
    assert found.at_border is at_border, found.near_border_km
    # Less than 3 km over the border the same rules dispatch: the units of the Thai side must be known.
    assert bool(found.province) is at_border


@pytest.mark.parametrize(
    ("name", "lat", "lng"),
    [
        ("middle of the Gulf", 11.0, 101.0),
        ("Gulf off Songkhla", 8.0, 101.8),
        ("Gulf off Pattaya", 12.4, 100.45),
        ("Andaman west of Phuket", 7.6, 97.6),
        ("Andaman west of Trang", 7.0, 98.6),
    ],
)
def test_at_sea(name: str, lat: float, lng: float) -> None:
    found = locate(lat, lng)
    assert found.where == "SEA", name
    assert found.country is None
    assert found.province, "the nearest coast answers"


@pytest.mark.parametrize(
    ("name", "lat", "lng"),
    [
        ("Pattaya beach", 12.927, 100.872),
        ("Bang Pu pier", 13.510, 100.655),
        ("Hua Hin beach", 12.570, 99.965),
        ("Ao Nang beach", 8.030, 98.818),
        ("Samila beach", 7.216, 100.595),
        ("Ferry pier of Don Sak", 9.33, 99.69),
        ("Bang Saen beach", 13.28, 100.91),
        ("Sarasin bridge", 8.2, 98.298),
        ("boat 3 km off Hua Hin", 12.57, 99.99),
        ("Mekong at Nong Khai", 17.8850, 102.7400),
    ],
)
def test_shores_and_rivers_are_not_the_sea(name: str, lat: float, lng: float) -> None:
    assert locate(lat, lng).where == "THAILAND", name


@pytest.mark.parametrize(
    ("name", "lat", "lng", "island", "province"),
    [
        ("Chaweng", 9.535, 100.06, "SAMUI", "84"),
        ("Thong Sala", 9.71, 99.99, "PHANGAN", "84"),
        ("Mae Haad", 10.085, 99.826, "TAO", "84"),
        ("White Sand Beach", 12.10, 102.27, "CHANG", "23"),
        ("Ko Kut", 11.66, 102.56, "KUT", "23"),
        ("Ko Mak", 11.82, 102.48, "MAK", "23"),
        ("Ko Samet", 12.566, 101.455, "SAMET", "21"),
        ("Ko Si Chang", 13.15, 100.81, "SICHANG", "20"),
        ("Ko Lan", 12.917, 100.78, "LAN", "20"),
        ("Saladan", 7.65, 99.04, "LANTA", "81"),
        ("Phi Phi", 7.74, 98.77, "PHIPHI", "81"),
        ("Lipe", 6.489, 99.30, "LIPE", "91"),
        ("Ko Yao Noi", 8.11, 98.62, "YAO", "82"),
        ("Ko Phra Thong", 9.09, 98.29, "PHRATHONG", "82"),
        ("Ko Phayam", 9.73, 98.40, "PHAYAM", "85"),
    ],
)
def test_islands_reached_by_boat(name: str, lat: float, lng: float, island: str, province: str) -> None:
    found = locate(lat, lng)
    assert (found.where, found.island) == ("THAILAND", island), name
    assert found.province == province
    assert "ISLAND" in found.reasons
    assert island_at(lat, lng) == island


@pytest.mark.parametrize(
    ("name", "lat", "lng"),
    [
        ("Phuket town", 7.884, 98.392),
        ("Phuket, Rawai", 7.77, 98.32),
        ("Phuket, Ao Po", 8.07, 98.44),
        ("Ko Yo", 7.16, 100.54),
        ("Ban Phe pier", 12.628, 101.44),
        ("Laem Ngop pier", 12.17, 102.39),
        ("Pattaya, Bali Hai pier", 12.92, 100.86),
        ("Si Racha", 13.17, 100.93),
        ("Don Sak", 9.317, 99.69),
        ("Krabi town", 8.06, 98.92),
        ("Pak Bara pier", 6.86, 99.72),
        ("Khura Buri", 9.19, 98.41),
        ("Takua Pa", 8.87, 98.34),
    ],
)
def test_the_mainland_and_islands_with_a_bridge_are_reached_by_road(
    name: str, lat: float, lng: float
) -> None:
    assert island_at(lat, lng) is None, name
    assert locate(lat, lng).island is None


def test_every_island_has_a_unit_that_exists_and_lies_in_thailand() -> None:
    keys = [island.key for island in islands()]
    assert len(set(keys)) == len(keys)
    for island in islands():
        assert {island.unit, *island.codes} <= set(gazetteer().places), island.key
        assert locate(island.lat, island.lng).where == "THAILAND", island.key
        assert island_by_key(island.key) == island


@pytest.mark.parametrize(
    ("lat", "lng"),
    [(math.nan, 100.0), (13.0, math.nan), (math.inf, 100.0), (91.0, 100.0), (13.0, 200.0), (0.0, 0.0)],
)
def test_an_impossible_point_is_refused_with_a_remedy(lat: float, lng: float) -> None:
    with pytest.raises(ValueError, match=r"decimal degrees|share the position again"):
        locate(lat, lng)
    with pytest.raises(ValueError, match=r"lat|lng"):
        cell(lat, lng)


def test_a_wide_position_near_the_border_is_told() -> None:
    assert "ACCURACY_CROSSES_BORDER" in locate(16.713, 98.57, accuracy_m=9_000).reasons
    assert "ACCURACY_CROSSES_BORDER" not in locate(16.713, 98.57, accuracy_m=50).reasons
    assert locate(16.713, 98.57, accuracy_m=math.nan).where == "THAILAND"


def test_distance_to_the_border_grows_with_it() -> None:
    west_to_east = [locate(16.70, lng).near_border_km for lng in (98.56, 98.65, 98.8, 99.2)]
    assert west_to_east == sorted(west_to_east)
    assert locate(13.75, 100.5).near_border_km > 100


@given(st.floats(-90, 90), st.floats(-180, 180))
@settings(max_examples=150, deadline=None)
def test_any_point_on_earth_has_an_answer(lat: float, lng: float) -> None:
    if lat == 0 and lng == 0:
        return
    found = locate(lat, lng)
    assert found.where in {"THAILAND", "ABROAD", "SEA"}
    assert found.near_border_km >= 0
    assert found.area.codes == tuple(sorted(found.area.codes, key=len))


def test_seats_lie_in_their_own_province_but_for_a_few_on_its_edge() -> None:
    wrong = []
    for place in gazetteer().places.values():
        if place.level != "district" or place.source.startswith("hand"):
            continue
        found = locate(place.lat, place.lng)
        if found.where != "THAILAND" or found.province != place.code[:2]:
            wrong.append((place.code, place.name_th, found.where, found.area.code))
    assert len(wrong) <= 5, wrong
    assert all(where == "THAILAND" for _, _, where, _ in wrong)


def test_cells_are_of_the_asked_resolution() -> None:
    assert cell(13.7563, 100.5018) == cell(13.7563, 100.5018, 7)
    assert cell(13.7563, 100.5018, 9) != cell(13.7563, 100.5018, 7)


def test_a_point_takes_less_than_a_millisecond() -> None:
    warm()
    points = [(lat, lng) for _, lat, lng, _ in CITIES]
    began = time.thread_time()
    for lat, lng in points * 5:
        locate(lat, lng)
    assert (time.thread_time() - began) / (len(points) * 5) < 0.002

"""What a point becomes: flags, and the area that its own address names."""

from __future__ import annotations

import pytest

from esshelpme.incidents.locating import place_at


@pytest.mark.parametrize(
    ("where", "point", "flag"),
    [
        ("Bangkok", (13.7563, 100.5018), ""),
        ("Phnom Penh", (11.56, 104.92), "ABROAD"),
        ("the Gulf", (10.5, 101.2), "SEA"),
        ("a border bridge", (20.4435, 99.8790), "BORDER"),
    ],
)
def test_a_point_is_flagged_by_where_it_lies(where: str, point: tuple[float, float], flag: str) -> None:
    assert place_at(*point, source="PIN").flag == flag


def test_the_address_under_a_pin_names_the_area_when_outlines_only_guess_it() -> None:
    place = place_at(13.7654, 100.5538, source="PIN", address="หอพัก ซอย 4 แขวงดินแดง เขตดินแดง กรุงเทพมหานคร")
    assert (place.district, place.subdistrict) == ("1026", "102601")


def test_an_address_somewhere_else_changes_nothing() -> None:
    bare = place_at(13.7654, 100.5538, source="PIN")
    assert place_at(13.7654, 100.5538, source="PIN", address="อำเภอหาดใหญ่ สงขลา").areas == bare.areas
    assert place_at(13.7654, 100.5538, source="PIN", address="เขตหนองจอก กรุงเทพ").areas == bare.areas


def test_impossible_points_say_what_to_do() -> None:
    for point in ((float("nan"), 100.0), (91.0, 100.0), (0.0, 0.0)):
        with pytest.raises(ValueError, match=r"."):
            place_at(*point, source="PIN")

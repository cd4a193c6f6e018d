"""A place in words, and the console's search by the first letters."""

from __future__ import annotations

import time

import pytest

from esshelpme.places import (
    area_words,
    candidate_words,
    find_places,
    locate,
    located_words,
    place_by_code,
    search,
    unit_words,
    warm,
)
from esshelpme.places.gazetteer import gazetteer


@pytest.mark.parametrize(
    ("code", "th", "en"),
    [
        ("500108", "ต.สุเทพ อ.เมืองเชียงใหม่ จ.เชียงใหม่", "Suthep, Mueang Chiang Mai, Chiang Mai"),
        ("9011", "อ.หาดใหญ่ จ.สงขลา", "Hat Yai, Songkhla"),
        ("50", "จ.เชียงใหม่", "Chiang Mai"),
        ("100608", "แขวงหัวหมาก เขตบางกะปิ กรุงเทพมหานคร", "Hua Mak, Bang Kapi, Bangkok"),
        ("10", "กรุงเทพมหานคร", "Bangkok"),
        ("999999", "", ""),
        ("", "", ""),
    ],
)
def test_units_in_words(code: str, th: str, en: str) -> None:
    assert area_words(code) == th
    assert area_words(code, "en") == en


def test_a_language_without_words_of_its_own_gets_english() -> None:
    assert area_words("9011", "my") == "Hat Yai, Songkhla"


def test_one_unit_alone() -> None:
    assert unit_words("9011") == "อ.หาดใหญ่"
    assert unit_words("nowhere") == ""


@pytest.mark.parametrize(
    ("text", "th", "en"),
    [
        ("พัทยา", "พัทยา อ.บางละมุง จ.ชลบุรี", "Pattaya, Bang Lamung, Chon Buri"),
        ("อยู่เมียวดี", "เมียวดี", "Myawaddy"),
        ("หาดใหญ่", "อ.หาดใหญ่ จ.สงขลา", "Hat Yai, Songkhla"),
        ("13.7563,100.5018", "13.75630, 100.50180", "13.75630, 100.50180"),
    ],
)
def test_what_was_found_in_words(text: str, th: str, en: str) -> None:
    best = find_places(text).best
    assert best is not None
    assert candidate_words(best) == th
    assert candidate_words(best, "en") == en


def test_a_point_in_words() -> None:
    assert located_words(locate(7.008, 100.474)) == "อ.หาดใหญ่ จ.สงขลา"
    assert located_words(locate(11.556, 104.928)) == ""


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("เชียงใ", "50"),
        ("เชียงไหม", "50"),
        ("หาดให", "9011"),
        ("สุเทพ", "500108"),
        ("สุเทพ เชียงใหม่", "500108"),
        ("ต.สุเทพ", "500108"),
        ("อ.แม่ส", "6306"),
        ("เมืองขอน", "4001"),
        ("ต.ในเมือง ขอนแก่น", "400101"),
        ("กทม", "10"),
        ("โคร", "30"),
        ("พัทย", "area:pattaya"),
        ("ปอยเ", "abroad:KH:Poipet"),
        ("chiang m", "50"),
        ("hat y", "9011"),
        ("hatyai", "9011"),
        ("Suthep Chiang Mai", "500108"),
        ("muang chiang mai", "5001"),
        ("pattaya", "area:pattaya"),
        ("ต.สุเทพ อ.เมือง จ.เชียงใหม่", "500108"),
    ],
)
def test_the_first_line_of_the_list(typed: str, first: str) -> None:
    found = search(typed, 5)
    assert found
    assert found[0].key == first
    assert len(found) <= 5


def test_the_larger_unit_comes_first() -> None:
    levels = [line.level for line in search("เชียง", 20)]
    order = {"province": 0, "area": 1, "district": 2, "abroad": 3, "subdistrict": 4}
    assert [order[level] for level in levels] == sorted(order[level] for level in levels)


def test_coordinates_can_be_typed_into_the_search() -> None:
    (line,) = search("13.7563, 100.5018")
    assert (line.level, line.lat, line.lng) == ("point", 13.7563, 100.5018)


@pytest.mark.parametrize("typed", ["", "   ", "\u0000", "👮", "zzzzzz", "่้", "ๆๆๆ", "x" * 5_000])
def test_nothing_found_is_an_empty_list(typed: str) -> None:
    assert search(typed) == []


def test_a_line_holds_what_the_console_needs() -> None:
    line = search("หาดใหญ่")[0]
    assert line.as_json() == {
        "key": "9011",
        "code": "9011",
        "level": "district",
        "words_th": "อ.หาดใหญ่ จ.สงขลา",
        "words_en": "Hat Yai, Songkhla",
        "lat": line.lat,
        "lng": line.lng,
        "accuracy_m": 10_000,
    }


def test_a_choice_from_a_button_becomes_a_place_again() -> None:
    for typed in ("หาดใหญ่", "พัทยา", "ปอยเปต"):
        line = search(typed)[0]
        chosen = place_by_code(line.key)
        assert chosen is not None
        assert (chosen.lat, chosen.lng, chosen.code) == (line.lat, line.lng, line.code)
    assert place_by_code("") is None
    assert place_by_code("123") is None


def test_the_whole_country_is_there() -> None:
    levels = [p.level for p in gazetteer().places.values()]
    assert levels.count("province") == 77
    assert levels.count("district") == 928
    assert levels.count("subdistrict") == 7_436


def test_a_search_takes_a_few_milliseconds() -> None:
    warm()
    began = time.thread_time()
    for typed in ("ก", "b", "เมือง", "สุเทพ เชียงใหม่", "ban", "บ้าน"):
        search(typed)
    assert (time.thread_time() - began) / 6 < 0.02

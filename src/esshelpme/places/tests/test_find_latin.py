"""English messages and Latin spellings: official ones, and the ways people write them."""

from __future__ import annotations

import pytest

from esshelpme.places import find_places

PLAIN = [
    ("Chiang Mai", "50"),
    ("chiangmai", "50"),
    ("Chiengmai", "50"),
    ("Chang mai", "50"),
    ("CHIANG MAI PROVINCE", "50"),
    ("help me i am in Hat Yai", "9011"),
    ("Had Yai", "9011"),
    ("haadyai", "9011"),
    ("Hat Yai District, Songkhla", "9011"),
    ("tambon suthep amphoe mueang chiang mai", "500108"),
    ("T. Suthep A. Mueang Chiang Mai", "500108"),
    ("Suthep subdistrict, Chiang Mai", "500108"),
    ("Amphur Muang, Khon Kaen", "4001"),
    ("Mueang Khon Kaen", "4001"),
    ("Khon Kaen city", "40"),
    ("Korat", "30"),
    ("Nakhon Ratchasima", "30"),
    ("Nakorn Ratchasima", "30"),
    ("Nakhon Si Thammarat", "80"),
    ("nakorn sri thammarat", "80"),
    ("Ayutthaya", "14"),
    ("Bangkok", "10"),
    ("i'm in bkk", "10"),
    ("near BTS On Nut", "area:onnut"),
    ("Khet Bang Kapi", "1006"),
    ("Ladprao", "1038"),
    ("lat phrao, bangkok", "1038"),
    ("Sathorn district", "1028"),
    ("Chatuchak", "1030"),
    ("I am at Pattaya beach", "area:pattaya"),
    ("near pattaya walking street", "area:pattaya"),
    ("phuket", "83"),
    ("Patong", "area:patong"),
    ("Koh Samui", "8404"),
    ("koh phangan", "8405"),
    ("Ko Tao", "area:tao"),
    ("koh phi phi", "area:phiphi"),
    ("Chonburi", "20"),
    ("Chol Buri", "20"),
    ("Cholburi", "20"),
    ("Sriracha", "2007"),
    ("Hua-Hin", "7707"),
    ("Mae Sot", "6306"),
    ("locked in a house in mae sot. please hurry", "6306"),
    ("Mae Sai, Chiang Rai", "5709"),
    ("Aranyaprathet", "2706"),
    ("Suratthani", "84"),
    ("they are fighting at Ubon Ratchathani", "34"),
    ("Udon Thani", "41"),
    ("phitsanulok", "65"),
    ("Pitsanulok", "65"),
    ("Samut Prakarn", "11"),
    ("Nontaburi", "12"),
    ("Songkla", "90"),
    ("Buriram", "31"),
    ("Kanchanaburi", "71"),
    ("in Kanchanabury", "71"),
    ("Nan province", "55"),
    ("Tak Province, Mae Sot district", "6306"),
    ("Surin province", "32"),
    ("Poipet", "abroad:KH:Poipet"),
    ("trapped in KK Park Myawaddy", "abroad:MM:KK Park"),
    ("we are held in Sihanoukville", "abroad:KH:Sihanoukville"),
]


@pytest.mark.parametrize(("text", "key"), PLAIN)
def test_the_likeliest_place(text: str, key: str) -> None:
    best = find_places(text).best
    assert best is not None, "no place found"
    assert best.key == key, f"{best.name_en} {best.reasons}"


NONE = [
    "help me please",
    "my husband hits me",
    "he has a knife and he will kill me",
    "please call me later, not now",
    "so long ago",
    "I sang a song",
    "nan told me to wait",
    "he is a thai man",
    "I am from Myanmar",
    "how do I renew my pink card?",
    "tak tak tak someone knocks",
    "the pan is hot",
    "sam and don are fighting",
    "lol",
    "ok",
    "muay thai boxing",
    "thai song on the radio",
    "they wang me",
    "my mae is sick",
    "Ban the user",
    "www.example.com/chiangmai",
    "@bangkok_news",
    "#korat",
]


@pytest.mark.parametrize("text", NONE)
def test_no_place_where_there_is_none(text: str) -> None:
    reading = find_places(text)
    assert not reading.candidates, [(c.name_en, c.score, c.reasons) for c in reading.candidates]


def test_thai_and_latin_in_one_message_support_each_other() -> None:
    reading = find_places("I am in Mae Sai เชียงราย")
    assert reading.best is not None
    assert reading.best.code == "5709"

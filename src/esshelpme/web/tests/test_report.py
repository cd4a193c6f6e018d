"""Reporting without JavaScript and without cookies: the form, the incident it opens, what it forgives."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from esshelpme.conftest import BANGKOK, Town
from esshelpme.dispatch.models import Alarm, Assignment
from esshelpme.incidents.models import Incident, Message, Report
from esshelpme.incidents.place import place_of
from esshelpme.incidents.timeline import verify
from esshelpme.outbox.line_messages import clean
from esshelpme.privacy.content import reveal, reveal_mapping
from esshelpme.web.keys import secret_digest
from esshelpme.web.limits import limit
from esshelpme.web.tests.conftest import Page, Person

HERE = {"lat": str(BANGKOK[0]), "lng": str(BANGKOK[1]), "acc": "14"}
Clock = Callable[[timedelta], datetime]


def test_kind_and_position_open_an_incident_and_dispatch_it(person: Person, town: Town) -> None:
    address = person.report(kind="ASSAULT", **HERE)
    incident = Incident.objects.get()
    assert (incident.kind, incident.channel, incident.place_source) == ("ASSAULT", "WEB", "GPS")
    assert incident.place_accuracy_m == 14
    assert incident.discreet
    assert incident.status == "DISPATCHING"
    assert Assignment.objects.filter(incident=incident, unit__code=town.police, status="OFFERED").exists()
    assert verify(incident) is None
    secret = address.removeprefix("/t/")
    assert Report.objects.get().status_digest == secret_digest(secret)
    assert len(secret) == 32


def test_no_cookie_is_set_and_nothing_may_be_kept(person: Person) -> None:
    for response in (
        person.get("/r"),
        person.post("/r", person.form()),
        person.get(person.report(kind="OTHER")),
    ):
        assert not response.cookies
        assert "no-store" in response["Cache-Control"]
        assert response["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize(
    "path", ["/", "/r", "/r/POS-01", "/privacy", "/r?lang=en", "/?lang=en", "/privacy?lang=en"]
)
def test_pages_hold_no_inline_script_or_style(person: Person, path: str) -> None:
    page = person.page(path)
    assert page.styled == []
    assert all(script.get("src") for script in page.scripts)


@pytest.mark.parametrize("language", ["th", "en"])
def test_the_title_tells_nothing(person: Person, language: str) -> None:
    assert person.page(f"/r?lang={language}").title in {"บันทึก", "Notes"}


def test_words_tell_kind_place_and_dangers(person: Person, town: Town) -> None:
    person.report(text="พ่อเมาถือมีดจะแทงแม่ หนูกลัว อยู่เขตพระนคร กรุงเทพ")
    incident = Incident.objects.get()
    assert incident.kind == "ASSAULT"
    assert "WEAPON" in incident.dangers
    assert incident.district == "1001"
    assert incident.place_source == "TEXT"
    assert incident.status == "DISPATCHING"


def test_a_typed_place_is_kept_with_the_words_that_named_it(person: Person, town: Town) -> None:
    person.report(kind="SEXUAL", place="ซอยหลังวัด เขตพระนคร กรุงเทพ")
    place = place_of(Incident.objects.get())
    assert place is not None
    assert place.district == "1001"
    assert place.address == "ซอยหลังวัด เขตพระนคร กรุงเทพ"
    assert place.wide


def test_a_chosen_place_counts_more_than_the_words(person: Person) -> None:
    person.report(kind="OTHER", place="สุเทพ", pick="500108")
    assert Incident.objects.get().subdistrict == "500108"


def test_a_place_nobody_finds_still_opens_the_incident_and_reaches_the_centre(person: Person) -> None:
    address = person.report(kind="ASSAULT", place="บ้านยายมี ข้างโรงสี")
    incident = Incident.objects.get()
    assert incident.place_id is None
    assert incident.status == "NEW"
    said = Message.objects.filter(incident=incident, direction="IN").get()
    assert reveal(said.content) == "บ้านยายมี ข้างโรงสี"
    assert "อยู่แถวไหนนะ" in person.page(address).text


def test_nothing_but_the_wish_to_be_heard_is_asked_once_then_taken(person: Person) -> None:
    first = person.post("/r", person.form())
    assert first.status_code == 422
    assert not Incident.objects.exists()
    assert "ส่งเลย ยังไม่บอกอะไร" in Page(first.content.decode()).text
    person.report(anyway="yes")
    assert Incident.objects.get().kind == "UNKNOWN"


def test_phone_language_and_witness_are_sealed_with_the_report(person: Person) -> None:
    person.report(kind="GATHERING", phone="081 000 0000", call="yes", witness="yes", speaks="my")
    report = Report.objects.get()
    assert reveal_mapping(report.reporter) == {"phone": "081 000 0000", "language": "my"}
    assert report.witness
    assert report.safe_to_call
    assert report.incident.safe_to_call


def test_without_a_word_about_calling_nobody_calls(person: Person) -> None:
    person.report(kind="GATHERING", phone="081 000 0000")
    assert not Report.objects.get().safe_to_call


def test_the_code_by_which_somebody_came_is_kept(person: Person) -> None:
    person.report("/r/POS-0042", kind="OTHER")
    assert Report.objects.get().source_code == "POS-0042"


@pytest.mark.parametrize("code", ["x" * 21, "ข่าว", "a b", "<script>", "%00"])
def test_a_strange_code_hinders_nobody(person: Person, code: str) -> None:
    response = person.post(f"/r/{code}", {**person.form(), "kind": "OTHER"})
    assert response.status_code == 303
    assert Report.objects.get().source_code == ""


def test_language_of_the_form_is_the_language_of_the_answers(person: Person) -> None:
    address = person.report("/r?lang=en", kind="GATHERING", **HERE)
    assert Report.objects.get().contact.language == "en"  # type: ignore[union-attr]
    assert "Received" in person.page(address).text


def test_switching_the_language_loses_nothing(person: Person) -> None:
    response = person.post(
        "/r", {**person.form(), "kind": "SEXUAL", "text": "ช่วย <b>ด้วย</b>", "relang": "en", "phone": "081"}
    )
    page = Page(response.content.decode())
    assert response.status_code == 200
    assert not Incident.objects.exists()
    assert "What is happening?" in page.text
    assert {
        "kind": "SEXUAL",
        "text": "ช่วย <b>ด้วย</b>",
        "phone": "081",
        "lang": "en",
    }.items() <= page.fields.items()


# The same form again.


def test_a_double_tap_is_one_report(person: Person) -> None:
    form = {**person.form(), "kind": "ASSAULT", "text": "ช่วยด้วย", **HERE}
    first, second = (person.post("/r", form)["Location"] for _ in range(2))
    assert first == second
    assert Report.objects.count() == Incident.objects.count() == 1
    assert Message.objects.filter(direction="IN").count() == 0


def test_going_back_and_adding_words_joins_the_same_incident(person: Person) -> None:
    form = person.form()
    first = person.post("/r", {**form, "kind": "UNKNOWN-TO-US", "anyway": "yes"})["Location"]
    second = person.post("/r", {**form, "text": "เขามีมีด อยู่เขตพระนคร กรุงเทพ"})["Location"]
    assert first == second
    incident = Incident.objects.get()
    assert "WEAPON" in incident.dangers
    assert incident.district == "1001"
    assert reveal(Message.objects.get(direction="IN").content) == "เขามีมีด อยู่เขตพระนคร กรุงเทพ"


def test_a_form_of_an_incident_that_ended_opens_a_new_one(person: Person) -> None:
    form = {**person.form(), "kind": "GATHERING"}
    first = person.post("/r", form)["Location"]
    person.post(first, {"a": "cancel"})
    assert Incident.objects.get().status == "CANCELLED"
    second = person.post("/r", form)["Location"]
    assert second != first
    assert Incident.objects.count() == 2


def test_two_tabs_with_the_same_words_are_one_incident(person: Person) -> None:
    words = "เพื่อนบ้านตีลูกทุกคืน ได้ยินเสียงร้อง ซอยหลังตลาด"
    first, second = (person.report(kind="ASSAULT", text=words) for _ in range(2))
    assert first != second
    assert Incident.objects.count() == 1
    assert Report.objects.count() == 2


def test_the_same_words_from_elsewhere_are_another_incident(person: Person) -> None:
    words = "เพื่อนบ้านตีลูกทุกคืน ได้ยินเสียงร้อง ซอยหลังตลาด"
    person.report(kind="ASSAULT", text=words)
    Person(address="198.51.100.9").report(kind="ASSAULT", text=words)
    assert Incident.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_the_same_form_at_the_same_instant_is_one_incident(town: Town) -> None:
    form = {**Person().form(), "kind": "CONFINEMENT", "text": "โดนขังอยู่", **HERE}
    together = Barrier(8)

    def tap(_: int) -> str:
        try:
            together.wait()
            return str(Client().post("/r", form)["Location"])
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        places = set(pool.map(tap, range(8)))
    assert len(places) == 1
    assert Incident.objects.count() == Report.objects.count() == 1
    assert verify(Incident.objects.get()) is None


# Floods and other sites.


def test_a_flood_from_one_address_is_asked_for_a_second_tap_and_never_shut_out(
    person: Person, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("esshelpme.web.limits.ADDRESS_REPORTS", 3)
    for _ in range(3):
        person.report(kind="OTHER")
    response = person.post("/r", {**person.form(), "kind": "SEXUAL", "text": "หนูกลัว"})
    assert response.status_code == 429
    assert response["Retry-After"]
    asked = Page(response.content.decode()).fields
    assert asked["text"] == "หนูกลัว"
    assert person.post("/r", asked).status_code == 429  # a program taps at once
    clock(limit("CONFIRM_AFTER"))
    assert person.post("/r", asked).status_code == 303
    assert Incident.objects.filter(kind="SEXUAL").count() == 1


def test_other_addresses_and_later_hours_are_not_slowed(
    person: Person, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("esshelpme.web.limits.ADDRESS_REPORTS", 1)
    person.report(kind="OTHER")
    Person(address="198.51.100.9").report(kind="OTHER")
    clock(limit("ADDRESS_WINDOW"))
    person.report(kind="OTHER")


def test_a_form_sent_by_another_site_needs_one_more_tap(person: Person) -> None:
    form = {**person.form(), "kind": "ASSAULT", "text": "จากเว็บอื่น"}
    response = person.post("/r", form, headers={"Sec-Fetch-Site": "cross-site"})
    assert response.status_code == 403
    assert not Incident.objects.exists()
    again = Page(response.content.decode()).fields
    assert again["text"] == "จากเว็บอื่น"
    assert person.post("/r", again, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 303


def test_a_script_gets_the_address_as_json(person: Person) -> None:
    response = person.post("/r", {**person.form(), "kind": "OTHER"}, headers={"Accept": "application/json"})
    assert response.json()["next"].startswith("/t/")


# Hostile and unlucky input.


@pytest.mark.parametrize(
    "text",
    [
        "🆘" * 5000,
        "\u202e\u2066ช่วยด้วย\u2069" * 100,
        "a\x00b\x07c\x1b[31m",
        "'; DROP TABLE incidents_incident; --",
        "<script>alert(1)</script>",
        "{{ 7|add:7 }} {% debug %} {ref} {0.__class__}",
        "ก" * 20_000,
        "\u0e33" * 300,
    ],
)
def test_any_text_arrives_and_is_shown_as_text(person: Person, text: str) -> None:
    address = person.report(kind="GATHERING", text=text)
    report = Report.objects.get()
    assert reveal(report.text)
    html = person.get(address).content.decode()
    assert "<script>alert" not in html
    assert Page(html).styled == []


def test_a_long_text_is_kept_to_its_last_letter(person: Person) -> None:
    text = "".join(chr(0x0E01 + n % 40) for n in range(12_345))
    person.report(kind="OTHER", text=text)
    report = Report.objects.get()
    rest = [reveal(m.content) for m in Message.objects.filter(direction="IN").order_by("pk")]
    assert "".join([reveal(report.text) or "", *[part or "" for part in rest]]) == text


def test_a_text_above_the_limit_is_named_and_given_back(person: Person) -> None:
    text = "ก" * (limit("TEXT_MAX") + 1)
    response = person.post("/r", {**person.form(), "kind": "OTHER", "text": text})
    assert response.status_code == 422
    page = Page(response.content.decode())
    assert page.fields["text"].strip() == text
    assert page.fields["kind"] == "OTHER"
    assert "20001" in page.text


def test_a_body_that_cannot_be_read_gets_a_clear_answer(person: Person) -> None:
    huge = person.post("/r", {"text": "x" * 3_000_000}, headers={"Accept-Language": "th"})
    assert huge.status_code == 413
    broken = person.client.post("/r", b"--x\r\nbroken", content_type="multipart/form-data; boundary=x")
    assert broken.status_code in {413, 422}
    many = person.client.post(
        "/r", "&".join(f"a{n}=1" for n in range(2000)), content_type="application/x-www-form-urlencoded"
    )
    assert many.status_code == 413


def test_coordinates_at_sea_and_abroad_are_taken_and_flagged(person: Person, town: Town) -> None:
    person.report(kind="CONFINEMENT", lat="16.69", lng="98.42", acc="20")  # Myawaddy side, Myanmar
    person.report(kind="ASSAULT", lat="9.5", lng="101.5", acc="20")  # the Gulf of Thailand
    flags = list(Incident.objects.order_by("pk").values_list("place_flag", flat=True))
    assert flags[0] in {"ABROAD", "BORDER"}
    assert flags[1] == "SEA"


def test_when_the_database_is_away_the_form_comes_back_as_it_was(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import OperationalError

    def broken(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("the database is away")

    form = {**person.form(), "kind": "ASSAULT", "text": "อย่าหาย"}
    monkeypatch.setattr("esshelpme.web.sending.send", broken)
    response = person.post("/r", form)
    assert response.status_code == 503
    fields = Page(response.content.decode()).fields
    assert fields["text"] == "อย่าหาย"
    assert fields["key"] == form["key"]  # the second try is the same report


def test_a_fault_in_dispatch_loses_no_report(
    person: Person, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: Any, **kwargs: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("esshelpme.dispatch.engine.start", broken)
    person.client.raise_request_exception = False
    address = person.report(kind="ASSAULT", text="ช่วยด้วย", **HERE)
    incident = Incident.objects.get()
    assert incident.kind == "ASSAULT"
    assert Alarm.objects.filter(incident=incident, level="CENTRE", reason="DISPATCH_FAILED").exists()
    assert "13.76512" in (reveal(Message.objects.get(direction="IN").content) or "")
    assert person.get(address).status_code == 200


ANY = st.text(max_size=60)


@pytest.mark.django_db
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(
        st.sampled_from(
            [
                "kind",
                "text",
                "place",
                "pick",
                "lat",
                "lng",
                "acc",
                "phone",
                "call",
                "speaks",
                "key",
                "asked",
                "lang",
            ]
        ),
        ANY,
    )
)
def test_no_form_breaks_the_page_and_no_text_is_lost(person: Person, data: dict[str, str]) -> None:
    response = person.post("/r", data)
    assert response.status_code in {303, 422, 429}, response.content
    if response.status_code != 303:
        kept = Page(response.content.decode()).fields.get("text", "")
        assert kept.strip() == clean(data.get("text", "").replace("\r\n", "\n")).strip()


def test_suggestions_name_places_and_store_nothing(person: Person) -> None:
    response = person.post("/r/-/places", {"q": "สุเทพ"})
    assert {"code": "500108", "words": "ต.สุเทพ อ.เมืองเชียงใหม่ จ.เชียงใหม่"} in response.json()["items"]
    assert person.post("/r/-/places", {"q": ""}).json() == {"items": []}
    assert person.get("/r/-/places").status_code == 405
    assert not Message.objects.exists()

"""The inbox: people are answered, seen, or get an incident; what was not understood is read by a person."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.test import Client

from esshelpme.access.models import AccessLog
from esshelpme.conftest import AT, Town, line_id
from esshelpme.console.tests.conftest import Open, SignIn
from esshelpme.contacts.models import Contact
from esshelpme.contacts.people import contact_for
from esshelpme.dispatch.alarms import raise_system_alarm
from esshelpme.dispatch.models import Alarm
from esshelpme.incidents import inbox
from esshelpme.incidents.messages import hear
from esshelpme.incidents.models import Incident, Message
from esshelpme.incidents.states import Status
from esshelpme.intake.models import Conversation, InboundEvent
from esshelpme.intake.work import seal_event
from esshelpme.outbox.models import OutboundMessage
from esshelpme.outbox.send import body_of

pytestmark = pytest.mark.django_db
HOSTILE = '<script>alert(1)</script>"\u202e\x00'


def somebody(name: str = "A", *texts: str, channel: str = "LINE") -> Contact:
    contact = contact_for(channel=channel, address=line_id(name), at=AT)
    for text in texts or ("สวัสดี",):
        hear(incident=None, contact=contact, type="TEXT", text=text, said_at=AT, at=AT)
    return contact


def last(contact: Contact) -> int:
    return Message.objects.filter(contact=contact).latest("pk").pk


def answer(client: Client, contact: Contact, **fields: str) -> None:
    data = {"text": "อยู่แถวไหน", "nonce": "n1", "upto": str(last(contact)), **fields}
    assert client.post(f"/console/inbox/{contact.pk}/answer", data).status_code == 302


class TestPeople:
    def test_the_longest_wait_is_on_top_and_a_flood_hides_nobody(self, sign_in: SignIn) -> None:
        first = somebody("A", "หนึ่ง")
        somebody("B", *[f"ท่วม {n}" for n in range(60)])
        last_one = somebody("C", "สาม")
        assert [t.contact.pk for t in inbox.threads()][0::2] == [first.pk, last_one.pk]
        html = sign_in().get("/console/inbox/").content.decode()
        assert html.index("หนึ่ง") < html.index("สาม")
        assert "ท่วม 59" in html

    def test_each_look_is_logged_for_each_person(self, sign_in: SignIn) -> None:
        people = {f"CONTACT/{somebody(name).pk}" for name in "AB"}
        sign_in().get("/console/inbox/")
        assert set(AccessLog.objects.filter(what="INBOX").values_list("ref", flat=True)) == people

    def test_hostile_words_are_only_words(self, sign_in: SignIn) -> None:
        somebody("A", "<img src=x onerror=alert(1)>")
        html = sign_in().get("/console/inbox/").content.decode()
        assert "<img src=x" not in html
        assert "&lt;img src=x" in html

    def test_an_answer_goes_silently_over_line_and_what_was_said_is_seen(self, sign_in: SignIn) -> None:
        contact = somebody()
        answer(sign_in(), contact, text="อยู่แถวไหน")
        row = OutboundMessage.objects.get()
        assert (row.recipient, row.silent) == (contact.address, True)
        assert body_of(row)[0]["text"] == "อยู่แถวไหน"
        assert not inbox.unseen().exists()
        assert AccessLog.objects.filter(what="INBOX_ANSWERED", ref=f"CONTACT/{contact.pk}").exists()

    def test_the_same_answer_sent_twice_is_one(self, sign_in: SignIn) -> None:
        contact, client = somebody(), sign_in()
        answer(client, contact)
        answer(client, contact)
        assert OutboundMessage.objects.count() == 1

    def test_what_came_after_the_page_was_opened_stays_unseen(self, sign_in: SignIn) -> None:
        contact = somebody()
        upto = last(contact)
        hear(incident=None, contact=contact, type="TEXT", text="ช่วยด้วย", said_at=AT, at=AT)
        sign_in().post(f"/console/inbox/{contact.pk}/seen", {"upto": str(upto)})
        assert [m.pk for m in inbox.unseen()] == [last(contact)]

    @pytest.mark.parametrize("why", ["EMPTY", "BLOCKED", "NO_LINE", "HAS_INCIDENT"])
    def test_an_answer_that_cannot_reach_is_refused_and_nothing_is_seen(
        self, why: str, sign_in: SignIn, open_incident: Open
    ) -> None:
        contact = somebody("A", channel="WEB" if why == "NO_LINE" else "LINE")
        if why == "BLOCKED":
            Contact.objects.filter(pk=contact.pk).update(blocked_at=AT)
        if why == "HAS_INCIDENT":
            incident = open_incident(channel="WEB")
            Incident.objects.filter(pk=incident.pk).update(contact=contact)
        OutboundMessage.objects.all().delete()
        answer(sign_in(), contact, text=" " if why == "EMPTY" else "x")
        assert not OutboundMessage.objects.exists()
        assert inbox.unseen().count() == 1

    def test_hostile_fields_break_nothing(self, sign_in: SignIn, town: Town) -> None:
        contact, client = somebody(), sign_in()
        answer(client, contact, text=HOSTILE, nonce="n" * 500, upto="99999999999999999999")
        assert body_of(OutboundMessage.objects.get())[0]["text"] == '<script>alert(1)</script>"'
        for fields in (
            {"kind": "NO_SUCH"},
            {"kind": "ASSAULT", "place": "ไม่มีที่นี่ qqqq"},
            {"kind": "ASSAULT", "lat": "nan", "lng": "1"},
            {"kind": "ASSAULT", "lat": "1e999", "lng": "x"},
        ):
            assert client.post(f"/console/inbox/{contact.pk}/open", fields)["Location"] == "/console/inbox/"
        assert not Incident.objects.exists()
        assert client.get("/console/inbox/?after=99999999999999999999999").status_code == 200
        assert client.post("/console/inbox/999999999999/seen", {"upto": "1"}).status_code == 404


class TestOpening:
    def test_an_incident_opens_help_moves_and_what_was_said_joins_it(
        self, sign_in: SignIn, town: Town
    ) -> None:
        contact = somebody("A", "เขามาอีกแล้ว")
        response = sign_in().post(
            f"/console/inbox/{contact.pk}/open",
            {"kind": "ASSAULT", "place_key": "100101", "danger": ["WEAPON"]},
        )
        incident = Incident.objects.get()
        assert response["Location"] == f"/console/incidents/{incident}/"
        assert incident.status == Status.DISPATCHING
        assert (incident.channel, incident.discreet, incident.dangers) == ("LINE", True, ["WEAPON"])
        assert not inbox.unseen().exists()
        assert incident.messages.filter(direction="IN").count() == 1
        assert Conversation.objects.get(contact=contact).incident_id == incident.pk  # later words join it

    def test_without_a_place_the_person_is_asked(self, sign_in: SignIn, town: Town) -> None:
        contact = somebody()
        sign_in().post(f"/console/inbox/{contact.pk}/open", {"kind": "ASSAULT"})
        sent = body_of(OutboundMessage.objects.get(recipient=contact.address))[0]
        assert sent["quickReply"]["items"][0]["action"]["type"] == "location"

    def test_pressed_twice_it_is_one_and_later_words_join(self, sign_in: SignIn, town: Town) -> None:
        contact, client = somebody(), sign_in()
        for _ in range(2):
            client.post(f"/console/inbox/{contact.pk}/open", {"kind": "ASSAULT", "place_key": "100101"})
        assert Incident.objects.count() == 1

    def test_who_may_not_enter_reports_cannot(self, sign_in: SignIn, town: Town) -> None:
        contact = somebody()
        client = sign_in("CASE_WORKER", agency=town.social_agency)
        for what in ("open", "answer", "seen"):
            assert client.post(f"/console/inbox/{contact.pk}/{what}", {"kind": "ASSAULT"}).status_code == 403
        assert inbox.unseen().count() == 1


def odd(
    state: int = InboundEvent.State.SET_ASIDE, *, person: str = "Uodd", text: str = "ช่วย"
) -> InboundEvent:
    number = InboundEvent.objects.count()
    event = {"type": "message", "message": {"type": "text", "text": text}, "source": {"userId": person}}
    return InboundEvent.objects.create(
        event_id=f"01ODD{number}",
        person=person,
        type="message",
        said_at=AT,
        received_at=AT,
        sealed=seal_event(event),
        state=state,
        attempts=4,
        next_try_at=AT,
        done_at=AT + timedelta(seconds=9),
        failure="KeyError in heard.py:1 read",
    )


class TestNotUnderstood:
    def test_it_is_shown_with_its_words_reason_and_raw_text(self, sign_in: SignIn) -> None:
        event = odd()
        html = sign_in().get("/console/inbox/?show=odd").content.decode()
        for part in ("ช่วย", "KeyError in heard.py:1 read", event.event_id, "userId"):
            assert part in html
        assert AccessLog.objects.filter(what="SET_ASIDE", ref=f"EVENT/{event.pk}").exists()

    def test_tried_again_it_waits_for_the_worker_once(self, sign_in: SignIn) -> None:
        event, client = odd(), sign_in()
        alarm = raise_system_alarm("EVENT_SET_ASIDE", detail=event.event_id, at=AT)
        client.post(f"/console/inbox/events/{event.pk}/again")
        event.refresh_from_db()
        assert (event.state, event.attempts, event.failure) == (InboundEvent.State.WAITING, 0, "")
        assert Alarm.objects.get(pk=alarm.pk).acknowledged_at is not None
        InboundEvent.objects.filter(pk=event.pk).update(state=InboundEvent.State.DONE, sealed=None)
        client.post(f"/console/inbox/events/{event.pk}/again")  # from a page left open
        event.refresh_from_db()
        assert event.state == InboundEvent.State.DONE

    def test_what_was_emptied_cannot_be_tried_again(self, sign_in: SignIn) -> None:
        event = odd()
        InboundEvent.objects.filter(pk=event.pk).update(sealed=None)
        client = sign_in()
        assert client.get("/console/inbox/?show=odd").status_code == 200
        client.post(f"/console/inbox/events/{event.pk}/again")
        event.refresh_from_db()
        assert event.state == InboundEvent.State.SET_ASIDE

    def test_seen_one_by_one_or_a_whole_flood(self, sign_in: SignIn) -> None:
        skipped = InboundEvent.State.SKIPPED
        first, *_, newest = [odd(skipped, person="Uflood") for _ in range(5)]
        other = odd(skipped, person="Uother")
        client = sign_in()
        client.post(f"/console/inbox/events/{first.pk}/seen")
        client.post(f"/console/inbox/events/{newest.pk}/flood")
        assert list(InboundEvent.objects.filter(seen_at=None).values_list("pk", flat=True)) == [other.pk]

    def test_words_that_are_no_text_and_another_secret_break_nothing(self, sign_in: SignIn) -> None:
        event = odd()
        InboundEvent.objects.filter(pk=event.pk).update(sealed=seal_event({"message": {"text": ["x"]}}))
        client = sign_in()
        assert client.get("/console/inbox/?show=odd").status_code == 200
        InboundEvent.objects.filter(pk=event.pk).update(sealed=b"sealed under another secret")
        assert client.get("/console/inbox/?show=odd").status_code == 200

    def test_the_badge_counts_people_events_and_alarms(self, sign_in: SignIn) -> None:
        client = sign_in()
        assert '<strong class="badge attention" hidden>' in client.get("/console/transfers/").content.decode()
        somebody()
        odd()
        raise_system_alarm("LINE_QUOTA", detail="", at=AT)
        assert ">3</strong>" in client.get("/console/transfers/").content.decode()
        assert client.get("/console/inbox/count").json() == {"count": "3"}
        assert sign_in("ANALYST").get("/console/inbox/count").status_code == 403


def test_a_system_alarm_is_acknowledged_once(sign_in: SignIn) -> None:
    alarm = raise_system_alarm("LINE_QUOTA", detail=json.dumps({"x": HOSTILE}), at=AT)
    client = sign_in()
    assert "<script>alert" not in client.get("/console/inbox/").content.decode()
    client.post(f"/console/inbox/alarms/{alarm.pk}")
    first = Alarm.objects.get().acknowledged_by
    sign_in().post(f"/console/inbox/alarms/{alarm.pk}")
    assert Alarm.objects.get().acknowledged_by == first

"""What people do with their phones reaches the program as LINE would send it."""

from __future__ import annotations

import urllib.request
from typing import Any

import pytest

from esshelpme.simulator.client import FakeLine
from esshelpme.simulator.introduce import Phone, introduce
from esshelpme.simulator.phones import RefusedError
from esshelpme.simulator.tests.conftest import Http, Listener

ASK = {
    "type": "text",
    "text": "?",
    "quickReply": {
        "items": [
            {
                "type": "action",
                "action": {"type": "postback", "label": "ใช่", "data": "a=yes", "displayText": "ใช่ค่ะ"},
            },
            {"type": "action", "action": {"type": "message", "label": "คำ", "text": "คำเต็ม"}},
        ]
    },
}


def test_each_deed_becomes_its_event(wired: FakeLine, listener: Listener) -> None:
    user = wired.add_person(name="ฟ้า", friend=False).id
    wired.act("follow", user)
    spoken = wired.act("say", user, "ช่วยด้วย")
    wired.act("location", user, 13.7, 100.5, address="ถนนสีลม")
    wired.act("sticker", user)
    wired.act("medium", user, "image", b"photo", "image/jpeg")
    wired.act("tap", user, data="a=old&i=1")
    wired.act("unsend", user, spoken.id)
    wired.act("block", user)
    wired.act("follow", user)
    events = listener.wait_for(9)
    assert all(listener.good_signatures)
    assert [event["type"] for event in events] == [
        "follow", "message", "message", "message", "message", "postback", "unsend", "unfollow", "follow",
    ]  # fmt: skip
    assert events[1]["message"]["text"] == "ช่วยด้วย"
    assert events[1]["message"]["id"] == spoken.id
    assert events[2]["message"]["address"] == "ถนนสีลม"
    assert "title" not in events[2]["message"]
    assert events[6]["unsend"] == {"messageId": spoken.id}
    assert "replyToken" not in events[6]
    assert [events[0]["follow"], events[8]["follow"]] == [{"isUnblocked": False}, {"isUnblocked": True}]


def test_a_reply_token_of_an_event_answers_it(wired: FakeLine, listener: Listener) -> None:
    user = wired.add_person(name="ฟ้า").id
    wired.act("say", user, "x")
    token = listener.wait_for(1)[0]["replyToken"]
    body = {"replyToken": token, "messages": [{"type": "text", "text": "y"}]}
    assert Http(wired)("POST", "/v2/bot/message/reply", body)[0] == 200
    assert [message.body["text"] for message in wired.messages_to(user)] == ["y"]


def test_tapping_by_label_finds_the_newest_button(wired: FakeLine, listener: Listener) -> None:
    user = wired.add_person(name="ฟ้า").id
    Http(wired)("POST", "/v2/bot/message/push", {"to": user, "messages": [ASK]})
    wired.act("tap", user, label="ใช่")
    assert listener.wait_for(1)[0]["postback"] == {"data": "a=yes"}
    wired.act("tap", user, label="คำ")
    assert listener.wait_for(2)[1]["message"]["text"] == "คำเต็ม"
    shown = [message.body["text"] for message in wired.simulator.world.chats[user] if message.by == user]
    assert shown == ["ใช่ค่ะ", "คำเต็ม"], "displayText and message actions leave a bubble"
    with pytest.raises(RefusedError):
        wired.act("tap", user, label="ไม่มีปุ่มนี้")


def test_a_blocked_account_cannot_be_written_to(wired: FakeLine) -> None:
    user = wired.add_person(name="ฟ้า").id
    wired.act("block", user)
    with pytest.raises(RefusedError):
        wired.act("say", user, "x")


def test_only_one_s_own_message_can_be_unsent_and_once(wired: FakeLine) -> None:
    user, other = wired.add_person(name="ฟ้า").id, wired.add_person(name="ดาว").id
    said = wired.act("say", user, "ความลับ")
    with pytest.raises(RefusedError):
        wired.act("unsend", other, said.id)
    wired.act("unsend", user, said.id)
    with pytest.raises(RefusedError):
        wired.act("unsend", user, said.id)
    assert "ความลับ" not in str(wired.simulator.world.chats[user])


def test_failed_webhooks_come_again_marked_and_only_then(wired: FakeLine, listener: Listener) -> None:
    listener.statuses = [503]
    user = wired.add_person(name="ฟ้า").id
    wired.act("say", user, "x")
    first, second = listener.wait_for(2)
    assert [first["deliveryContext"], second["deliveryContext"]] == [
        {"isRedelivery": False},
        {"isRedelivery": True},
    ]
    assert first | {"deliveryContext": None} == second | {"deliveryContext": None}


def test_duplicates_and_redelivery_by_switch(wired: FakeLine, listener: Listener) -> None:
    user = wired.add_person(name="ฟ้า").id
    wired.set_faults(webhook_duplicates=2, webhook_redelivery=True)
    wired.act("say", user, "x")
    events = listener.wait_for(4)
    assert len({event["webhookEventId"] for event in events}) == 1
    assert sorted(event["deliveryContext"]["isRedelivery"] for event in events) == [False, False, False, True]


def test_neighbours_swap_places_by_switch(wired: FakeLine, listener: Listener) -> None:
    first, second = wired.add_person(name="ฟ้า").id, wired.add_person(name="ดาว").id
    wired.set_faults(webhook_out_of_order=True)
    wired.act("say", first, "1")
    wired.act("say", second, "2")
    texts = [event["message"]["text"] for event in listener.wait_for(2)]
    assert sorted(texts) == ["1", "2"]
    stamps = [event["timestamp"] for event in listener.events]
    assert stamps == sorted(stamps, reverse=True) or stamps[0] == stamps[1]


class TestJsonApi:
    def call(
        self, line: FakeLine, method: str, path: str, body: Any = None, **headers: str
    ) -> tuple[int, Any]:
        status, answer, _ = Http(line)(method, "/sim/api" + path, body, headers=headers)
        return status, answer

    def test_the_hooks_of_browser_tests(self, wired: FakeLine, listener: Listener) -> None:
        status, person = self.call(wired, "POST", "/people", {"name": "ฟ้า", "language": "th"})
        assert status == 201
        at = f"/people/{person['id']}"
        deeds = [
            ("say", {"text": "ช่วยด้วย"}),
            ("tap", {"data": "a=report"}),
            ("location", {"lat": 13.7, "lng": 100.5, "title": "บ้าน"}),
            ("photo", {"sample": "door"}),
            ("voice", {"duration_ms": 2500}),
            ("sticker", {}),
            ("follow", {}),
        ]
        for deed, wish in deeds:
            assert self.call(wired, "POST", f"{at}/{deed}", wish)[0] == 200, deed
        messages = self.call(wired, "GET", f"{at}/messages")[1]["items"]
        assert [message["body"]["type"] for message in messages] == [
            "text",
            "location",
            "image",
            "audio",
            "sticker",
        ]
        assert self.call(wired, "POST", f"{at}/unsend", {"message": messages[0]["id"]})[0] == 200
        assert self.call(wired, "POST", f"{at}/block", {})[0] == 200
        assert len(listener.wait_for(9)) == 9
        kinds = [call["outgoing"] for call in self.call(wired, "GET", f"{at}/calls")[1]["items"]]
        assert kinds
        assert all(kinds)

    def test_a_photo_s_own_bytes_may_be_uploaded(self, wired: FakeLine) -> None:
        person = wired.add_person(name="ฟ้า").id
        status, shown = self.call(
            wired, "POST", f"/people/{person}/photo", b"\xff\xd8\xff", **{"content-type": "image/jpeg"}
        )
        assert status == 200
        with urllib.request.urlopen(f"{wired.url}/sim/api/content/{shown['message']['id']}") as answer:
            assert (answer.read(), answer.headers["content-type"]) == (b"\xff\xd8\xff", "image/jpeg")

    def test_uploads_never_come_back_as_a_page(self, wired: FakeLine) -> None:
        person = wired.add_person(name="ฟ้า").id
        _, shown = self.call(
            wired, "POST", f"/people/{person}/photo", b"<script>", **{"content-type": "text/html"}
        )
        with urllib.request.urlopen(f"{wired.url}/sim/api/content/{shown['message']['id']}") as answer:
            assert answer.headers["content-type"] == "application/octet-stream"

    def test_a_directory_s_members_are_introduced_by_name(self, line: FakeLine) -> None:
        phones: list[Phone] = [{"id": "U" + "d" * 32, "name": "ร.ต.ท.", "unit": "สน."}]
        assert introduce(line.url, phones) == 1
        person = line.simulator.world.people["U" + "d" * 32]
        assert (person.name, person.role, person.learned) == ("ร.ต.ท.", "responder", False)

    @pytest.mark.parametrize(
        ("path", "body", "status"),
        [
            ("/people/U" + "9" * 32 + "/say", {"text": "x"}, 404),
            ("/people", {"id": "me"}, 422),
            ("/people", {"role": "king"}, 422),
            ("/faults", {"gremlins": 1}, 422),
            ("/scenarios/no-such/play", {}, 404),
            ("/nothing", {}, 404),
            ("/people", b"[", 400),
        ],
    )
    def test_errors(self, line: FakeLine, path: str, body: Any, status: int) -> None:
        assert self.call(line, "POST", path, body)[0] == status

    def test_another_site_may_not_drive_the_phones(self, line: FakeLine) -> None:
        assert self.call(line, "POST", "/reset", {}, **{"sec-fetch-site": "cross-site"})[0] == 403

    def test_reset_keeps_registered_officers_and_empties_their_chats(self, line: FakeLine) -> None:
        officer = "U" + "b" * 32
        self.call(
            line, "POST", "/people", {"people": [{"id": officer, "name": "ร.ต.อ.", "role": "responder"}]}
        )
        Http(line)("POST", "/v2/bot/message/push", {"to": officer, "messages": [ASK]})
        assert self.call(line, "POST", "/reset", {})[0] == 200
        people = {person["id"]: person for person in self.call(line, "GET", "/people")[1]["items"]}
        assert people[officer]["name"] == "ร.ต.อ."
        assert line.messages_to(officer) == []

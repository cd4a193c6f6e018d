"""The webhook's door: who is believed, what is refused, what is kept (docs/operations.md)."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from esshelpme.intake.models import InboundEvent
from esshelpme.intake.spool import Spool
from esshelpme.intake.store import insert_rows
from esshelpme.intake.tests.post import NOWHERE, database, event_of, stored
from esshelpme.intake.work import open_event
from esshelpme.line.door import BODY_LIMIT
from esshelpme.line.tests.post import SECRET, Memory, Request, ask, at_once

in_database = pytest.mark.django_db(transaction=True)
BOT = "U" + "0" * 32


def body_of(*events: object) -> bytes:
    return json.dumps({"destination": BOT, "events": list(events)}, ensure_ascii=False).encode(
        "utf-8", "surrogatepass"
    )


def sign(body: bytes, secret: str = SECRET) -> str:
    return base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256)).decode()


def signed(body: bytes, **more: Any) -> Request:
    return Request(parts=[body], signature=sign(body), **more)


def answer(request: Request) -> tuple[int, Memory]:
    store = Memory()
    return asyncio.run(ask(store, request)), store


class TestWhoIsBelieved:
    """LINE signs the raw body with the channel's secret."""

    @pytest.mark.parametrize(
        "signature",
        [
            None,
            "",
            "A",
            "not base64 \xff",
            sign(body_of(event_of("Ua")), secret="another secret"),
            sign(body_of(event_of("Ub"))),
            sign(body_of(event_of("Ua")))[:-1],
        ],
    )
    def test_a_missing_or_wrong_signature_is_refused_and_nothing_kept(self, signature: str | None) -> None:
        status, store = answer(Request(parts=[body_of(event_of("Ua"))], signature=signature))
        assert (status, store.rows) == (401, [])

    def test_a_changed_body_is_refused(self) -> None:
        body = body_of(event_of("Ua", "help"))
        request = Request(parts=[body.replace(b"help", b"halt")], signature=sign(body))
        assert answer(request)[0] == 401

    def test_the_signature_is_checked_before_the_shape(self) -> None:
        assert answer(Request(parts=[b"not json"], signature="x"))[0] == 401

    @pytest.mark.parametrize("name", [b"x-line-signature", b"X-Line-Signature", b"X-LINE-SIGNATURE"])
    def test_the_headers_name_may_be_written_in_any_case(self, name: bytes) -> None:
        assert answer(signed(body_of(event_of("Ua")), header=name))[0] == 200

    @pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
    def test_other_methods_are_not_allowed(self, method: str) -> None:
        assert answer(signed(body_of(event_of("Ua")), method=method))[0] == 405


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"hello",
            b"{",
            b"null",
            b"[]",
            b'"events"',
            b"{}",
            b'{"events": null}',
            b'{"events": {}}',
            b'{"events": [1]}',
            b'{"events": [[]]}',
            b'{"events": [{}, null]}',
            b'{"events": [{"type": "message"}',
            b"\xff\xfe\x00",
            b'{"events": [{"timestamp": ' + b"9" * 5000 + b"}]}",
        ],
    )
    def test_what_is_not_line_shaped(self, body: bytes) -> None:
        status, store = answer(signed(body))
        assert (status, store.rows) == (400, [])

    @pytest.mark.parametrize("opening", [b'{"a":', b"["])
    def test_nesting_beyond_reason_is_refused_at_every_depth(self, opening: bytes) -> None:
        closing = b"}" if opening[:1] == b"{" else b"]"
        for depth in [*range(880, 1020, 3), 100_000]:
            event = b'{"type":"message","x":' + opening * depth + b"1" + closing * depth + b"}"
            status, store = answer(signed(b'{"events":[' + event + b"]}"))
            assert status in (200, 400), depth
            assert len(store.rows) == (status == 200)
        assert status == 400

    def test_a_body_that_says_it_is_too_large_is_not_even_read(self) -> None:
        request = Request(parts=[], signature="x", headers={b"Content-Length": str(BODY_LIMIT + 1).encode()})
        assert answer(request)[0] == 413

    def test_a_body_that_grows_too_large_in_pieces(self) -> None:
        parts = [b" " * 65536] * (BODY_LIMIT // 65536) + [b" "]
        assert answer(Request(parts=parts, signature=sign(b"".join(parts))))[0] == 413

    @pytest.mark.parametrize("length", [{b"content-length": str(BODY_LIMIT).encode()}, {}])
    def test_exactly_the_limit_is_taken(self, length: dict[bytes, bytes]) -> None:
        body = body_of(event_of("Ua"))
        body += b" " * (BODY_LIMIT - len(body))
        status, store = answer(signed(body, headers=length))
        assert (status, len(store.rows)) == (200, 1)

    def test_a_sender_who_hangs_up_in_the_middle_is_not_believed(self) -> None:
        body = body_of(event_of("Ua"))

        async def scene() -> int:
            store = Memory()
            status = await ask(store, Request(parts=[], signature=sign(body)))
            assert store.rows == []
            return status

        assert asyncio.run(scene()) == 401


class TestWhatIsKept:
    def test_a_connection_check_has_no_events(self) -> None:
        status, store = answer(signed(body_of()))
        assert (status, store.rows) == (200, [])

    def test_a_body_in_pieces(self) -> None:
        body = body_of(event_of("Ua"))
        parts = [body[n : n + 7] for n in range(0, len(body), 7)]
        status, store = answer(Request(parts=parts, signature=sign(body)))
        assert (status, len(store.rows)) == (200, 1)

    @in_database
    def test_several_events_of_several_people_in_order(self, tmp_path: Path) -> None:
        events = [event_of(f"U{n % 3}", str(n), id=f"E{n}") for n in range(9)]
        assert at_once([signed(body_of(*events))], folder=tmp_path) == [200]
        assert stored() == [f"E{n}" for n in range(9)]

    @in_database
    def test_the_same_event_twenty_times_at_once_is_kept_once(self, tmp_path: Path) -> None:
        event = event_of("Ua", id="E1")
        again = {**event, "deliveryContext": {"isRedelivery": True}}
        requests = [signed(body_of(event)), signed(body_of(again))] * 10
        assert at_once(requests, folder=tmp_path) == [200] * 20
        assert stored() == ["E1"]
        assert at_once(requests[:2], folder=tmp_path) == [200, 200]
        assert stored() == ["E1"]

    @in_database
    def test_unknown_types_and_shapes_are_kept(self, tmp_path: Path) -> None:
        odd: list[dict[str, Any]] = [
            {"type": "hologram", "webhookEventId": "E1"},
            {"webhookEventId": "E2"},
            {"type": "message", "message": {"type": "hologram"}, "source": None, "webhookEventId": "E3"},
            {"type": 7, "source": {"userId": 8}, "timestamp": "soon", "message": [], "webhookEventId": "E4"},
            {"type": "message", "source": {"type": "group", "groupId": "C1"}, "webhookEventId": "E5"},
        ]
        assert at_once([signed(body_of(*odd))], folder=tmp_path) == [200]
        assert stored() == ["E1", "E2", "E3", "E4", "E5"]
        assert InboundEvent.objects.get(event_id="E5").person == "C1"

    @pytest.mark.parametrize("given", [None, "", 5, "x" * 65, "\x00", "a\x00", "\ud800", "สวัสดี", {}])
    def test_an_event_with_an_odd_id_is_known_again_and_not_taken_for_another(self, given: Any) -> None:
        one = {**event_of("Ua", "one"), "webhookEventId": given}
        again = {**one, "deliveryContext": {"isRedelivery": True}}
        other = event_of("Ua", "two")
        _, store = answer(signed(body_of(one, again, other)))
        first, second, third = (row.event_id for row in store.rows)
        assert first == second
        assert first != third

    @in_database
    @pytest.mark.parametrize(
        "text",
        [
            "a\x00b",
            "a\ud83d",
            "\udc00",
            "\u202e\u2066abc\u2069",
            "😀" * 5000,
            "x" * 300_000,
            "\u0000" * 10,
            "ก็" * 5000,
        ],
        ids=["nul", "half a pair", "other half", "bidi", "emoji", "300 kB", "only nul", "thai"],
    )
    def test_words_are_kept_as_they_came(self, text: str, tmp_path: Path) -> None:
        event = event_of("U\x00a\ud800", text, id="E1")
        body = json.dumps({"destination": BOT, "events": [event]}).encode()  # escapes, as LINE may write them
        assert at_once([signed(body)], folder=tmp_path) == [200]
        kept = open_event(InboundEvent.objects.get(event_id="E1"))
        assert kept["message"]["text"] == text

    @in_database
    def test_a_request_with_one_event_that_the_database_refuses_keeps_the_others(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("esshelpme.intake.rows._plain", lambda value, limit: value)
        events = [event_of("Ua", id="E1"), event_of("U\x00", id="E2"), event_of("Uc", id="E3")]
        assert at_once(
            [signed(body_of(*events)), signed(body_of(event_of("Ud", id="E4")))], folder=tmp_path
        ) == [
            200,
            200,
        ]
        assert sorted(stored()) == ["E1", "E3", "E4"]
        assert Spool(tmp_path).quarantined() == 1

    @in_database
    def test_while_the_database_is_away_the_spool_keeps_them_and_gives_them_back_in_order_once(
        self, tmp_path: Path
    ) -> None:
        for n in range(5):
            twice = [signed(body_of(event_of("Ua", str(n), id=f"E{n}")))] * 2
            assert at_once(twice, folder=tmp_path, conninfo=NOWHERE) == [200, 200]
        assert stored() == []
        with psycopg.connect(database(), autocommit=True) as connection:
            Spool(tmp_path).drain(lambda rows: insert_rows(connection, rows))
            Spool(tmp_path).drain(lambda rows: insert_rows(connection, rows))
        assert stored() == [f"E{n}" for n in range(5)]

    def test_when_nobody_can_keep_them_line_is_told(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        request = signed(body_of(event_of("Ua")))
        assert at_once([request] * 3, folder=tmp_path / "file", conninfo=NOWHERE) == [503] * 3


# The machine of a test may be busy with others.
CALM = settings(suppress_health_check=[HealthCheck.too_slow], max_examples=60, deadline=None)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
field_of_line = st.sampled_from(
    [
        "type",
        "timestamp",
        "mode",
        "webhookEventId",
        "source",
        "deliveryContext",
        "message",
        "replyToken",
        "unsend",
    ]
)
nearly_events = st.lists(st.dictionaries(field_of_line, anything, max_size=9), max_size=4)


class TestAnyBody:
    @CALM
    @given(st.binary(max_size=300))
    def test_bytes(self, body: bytes) -> None:
        assert answer(signed(body))[0] in (200, 400)
        assert answer(Request(parts=[body], signature="x"))[0] == 401

    @CALM
    @given(anything)
    def test_json(self, value: Any) -> None:
        body = json.dumps(value).encode()
        status, store = answer(signed(body))
        assert status in (200, 400)
        assert store.rows == [] or status == 200

    @in_database
    @settings(suppress_health_check=list(HealthCheck), max_examples=40, deadline=None)
    @given(nearly_events)
    def test_whatever_is_in_events_becomes_rows_that_the_database_takes(
        self, events: list[dict[str, Any]]
    ) -> None:
        status, store = answer(signed(body_of(*events)))
        assert status == 200
        assert len(store.rows) == len(events)
        with psycopg.connect(database()) as connection:
            assert insert_rows(connection, store.rows) == []
            connection.rollback()

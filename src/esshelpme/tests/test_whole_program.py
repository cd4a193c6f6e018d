"""The whole program, real processes: kills, races and storms of LINE, and everybody is served exactly once.

One program runs for the whole file; each story has people of its own.
"""

from __future__ import annotations

import asyncio
import socket
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from esshelpme.platform.installation import installation
from esshelpme.simulator.client import FakeLine, location_event, postback_event, signed_webhook, text_event
from esshelpme.tests.whole import PATIENCE_S, Whole, only, strangers, thresholds

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def whole() -> Iterator[Whole]:
    with FakeLine(webhook_url=None) as line:
        env = {
            "ESS_LINE_CHANNEL_SECRET": line.channel_secret,
            "ESS_LINE_CHANNEL_ACCESS_TOKEN": line.access_token,
            "ESS_LINE_API_BASE_URL": line.url,
            "ESS_LINE_DATA_BASE_URL": line.url,
        }
        with installation(env=env) as running:
            program = Whole(running, line)
            program.import_directory()
            yield program


@pytest.fixture(autouse=True)
def fair_weather(whole: Whole) -> Iterator[None]:
    yield
    whole.line.set_faults(rate_429=False, error_500=False, down=False, drop_after_accept=False, slow_ms=0)
    whole.settle()


def test_two_hundred_reports_while_worker_web_and_database_are_killed(whole: Whole) -> None:
    people = strangers(200)
    phones, outbox = whole.mark()
    events = whole.one("SELECT coalesce(max(id), 0) FROM intake_inboundevent")
    lines = [whole.report(person, number) for number, person in enumerate(people)]
    killed: list[int] = []
    whole.post_lines(
        lines,
        after=thresholds(
            {
                80: lambda: killed.append(whole.kill("worker")),
                180: lambda: killed.append(whole.kill("web")),
                280: lambda: killed.append(whole.kill("postgres")),
            }
        ),
    )
    assert len(killed) == 3
    whole.settle()

    # Every acknowledged event is there once and has become exactly one step.
    done = whole.ask(
        "SELECT state, attempts, count(*) FROM intake_inboundevent WHERE id > %s GROUP BY 1, 2", events
    )
    assert done == [(1, 0, 400)]
    incidents = whole.ask(
        """SELECT c.address, count(*), min(i.kind), count(i.place_id) FROM incidents_incident i
           JOIN contacts_contact c ON c.id = i.contact_id WHERE c.address = ANY(%s) GROUP BY 1""",
        people,
    )
    assert sorted(incidents) == sorted((person, 1, "GATHERING", 1) for person in people)
    opened = whole.one(
        """SELECT count(*) FROM incidents_timelineevent t JOIN incidents_incident i ON i.id = t.incident_id
           JOIN contacts_contact c ON c.id = i.contact_id
           WHERE t.type = 'INCIDENT_OPENED' AND c.address = ANY(%s)""",
        people,
    )
    assert opened == 200

    # Everybody got each message exactly once: LINE and the sender were not killed, so replies too.
    undelivered = whole.ask(
        "SELECT recipient, failure FROM outbox_outboundmessage WHERE state = 3 AND id > %s", outbox
    )
    assert undelivered == []
    assert whole.difference(phones, outbox) == (Counter(), Counter())
    confirmed = whole.ask(
        """SELECT recipient, count(*) FROM outbox_outboundmessage
           WHERE id > %s AND what LIKE '%%.received' AND recipient = ANY(%s) GROUP BY 1""",
        outbox,
        people,
    )
    assert sorted(confirmed) == sorted((person, 1) for person in people)
    assert whole.line.warnings() == []


def test_the_database_stops_answering_and_line_still_gets_its_answer_in_time(whole: Whole) -> None:
    import os
    import signal

    postgres = whole.until(lambda: whole.running.child("postgres"))
    backends = [
        int(pid)
        for (pid,) in whole.ask(
            "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
    ]
    people = strangers(20)
    for pid in [postgres, *backends]:
        os.kill(pid, signal.SIGSTOP)
    try:
        longest = whole.post(
            [text_event(person, "ช่วยด้วย", secret=whole.line.channel_secret) for person in people]
        )
    finally:
        for pid in [*backends, postgres]:
            os.kill(pid, signal.SIGCONT)
    assert longest < PATIENCE_S
    whole.settle()
    assert whole.one(
        "SELECT count(*) FROM intake_inboundevent WHERE person = ANY(%s) AND state = 1", people
    ) == len(people)


def test_the_same_event_twenty_times_at_once_is_one_incident(whole: Whole) -> None:
    (person,) = strangers(1)
    event = location_event(person, 13.76, 100.51, secret=whole.line.channel_secret)
    whole.post([event, event | {"deliveryContext": {"isRedelivery": True}}] * 10, at_once=20)
    whole.settle()
    assert whole.one("SELECT count(*) FROM intake_inboundevent WHERE person = %s", person) == 1
    assert (
        whole.one(
            """SELECT count(*) FROM incidents_incident i JOIN contacts_contact c ON c.id = i.contact_id
               WHERE c.address = %s""",
            person,
        )
        == 1
    )
    assert whole.shown()[person] == whole.sent()[person]


def test_fifty_pairs_of_accepts_at_the_same_instant_have_one_winner_each(whole: Whole) -> None:
    people = strangers(50)
    whole.post_lines([whole.report(person, number) for number, person in enumerate(people)])
    whole.settle()
    offers = whole.ask(
        """SELECT i.id, array_agg(a.code ORDER BY a.id), array_agg(r.line_user_id ORDER BY a.id)
           FROM incidents_incident i JOIN contacts_contact c ON c.id = i.contact_id
           JOIN dispatch_assignment a ON a.incident_id = i.id
           JOIN (SELECT assignment_id, min(line_user_id) AS line_user_id FROM dispatch_offerrecipient GROUP BY 1) r
             ON r.assignment_id = a.id
           WHERE c.address = ANY(%s) GROUP BY 1""",
        people,
    )
    assert len(offers) == 50
    assert all(len(set(officers[:2])) == 2 for _, _, officers in offers)
    taps = [
        postback_event(officer, f"a=accept&o={code}", secret=whole.line.channel_secret)
        for _, codes, officers in offers
        for code, officer in list(zip(codes, officers, strict=True))[:2]
    ]
    whole.post(taps, at_once=100)
    whole.settle()
    for incident, codes, officers in offers:
        accepted = whole.ask(
            "SELECT count(*) FROM incidents_timelineevent WHERE incident_id = %s AND type = 'ASSIGNMENT_ACCEPTED'",
            incident,
        )
        assert accepted == [(1,)]
        held = whole.ask(
            """SELECT a.code FROM dispatch_need n JOIN dispatch_assignment a ON a.id = n.holder_id
               WHERE n.incident_id = %s AND a.status = 'ACCEPTED'""",
            incident,
        )
        assert [code for (code,) in held] in ([codes[0]], [codes[1]])
        winner = officers[codes.index(held[0][0])]
        loser = next(officer for officer in officers[:2] if officer != winner)
        told = dict(
            whole.ask(
                """SELECT recipient, array_agg(what) FROM outbox_outboundmessage
                   WHERE incident_id = %s AND state = 2 AND what <> 'offer' GROUP BY 1""",
                incident,
            )
        )
        assert told[winner].count("offer.task") == 1
        assert set(told[loser]) & {"offer.taken", "offer.late_taken"}
        assert "offer.task" not in told[loser]


def test_line_is_down_for_twenty_seconds_then_storms_and_all_is_delivered_once(whole: Whole) -> None:
    phones, outbox = whole.mark()
    people = strangers(40)
    whole.line.set_faults(down={"seconds": 20}, rate_429={"share": 0.5, "seconds": 30})
    whole.post_lines([whole.report(person, number) for number, person in enumerate(people)])
    whole.until(lambda: whole.one("SELECT count(*) > 0 FROM outbox_outboundmessage WHERE attempts > 2"))
    whole.settle(within=120)
    assert whole.ask("SELECT 1 FROM outbox_outboundmessage WHERE state = 3 AND id > %s", outbox) == []
    assert whole.difference(phones, outbox) == (Counter(), Counter())
    assert set(people) <= set(whole.shown(phones))


def test_a_killed_sender_repeats_at_most_a_reply_whose_answer_it_lost(whole: Whole) -> None:
    """LINE has no retry key for replies: one in hand at the kill may have been shown, and comes once more by push."""
    phones, outbox = whole.mark()
    people = strangers(60)
    whole.line.set_faults(slow_ms=400)
    whole.post_lines(
        [whole.report(person, number) for number, person in enumerate(people)],
        after=thresholds({60: lambda: whole.kill("sender"), 110: lambda: whole.kill("sender")}),
    )
    whole.line.set_faults(slow_ms=0)
    whole.settle()
    repeated, lacking = whole.difference(phones, outbox)
    assert whole.ask("SELECT 1 FROM outbox_outboundmessage WHERE state = 3 AND id > %s", outbox) == []
    assert not lacking
    for person in repeated:
        replied = [m for m in whole.line.messages_to(person) if m.via == "reply" and m.last_of_call]
        assert repeated[person] <= len(replied)
    # What was pushed under a retry key is never repeated: officers get pushes alone.
    assert set(repeated) <= set(people)


def test_the_doors_answers_through_the_real_server(whole: Whole) -> None:
    url = f"{whole.running.base_url}/line/webhook"
    before = whole.one("SELECT count(*) FROM intake_inboundevent")
    body, headers = signed_webhook([], secret=whole.line.channel_secret)

    def status(data: bytes | None, headers: dict[str, str], method: str = "POST") -> int:
        try:
            request = urllib.request.Request(url, data=data, headers=headers, method=method)
            with urllib.request.urlopen(request, timeout=10) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code

    assert status(body, headers) == 200
    assert status(body, {"X-LINE-Signature": headers["x-line-signature"]}) == 200
    assert status(body, {}) == 401
    assert status(body, {"x-line-signature": "bm8="}) == 401
    assert status(None, {}, "GET") == 405
    assert status(b"x" * 100, {"x-line-signature": "bm8="}) == 401
    assert _raw(url, length=2 * 1024 * 1024) == 413
    assert _raw(url, length=None) == 413
    assert whole.one("SELECT count(*) FROM intake_inboundevent") == before


def _raw(url: str, *, length: int | None) -> int:
    """Send two mebibytes, with their length told or in chunks, and read the status."""
    parts = urlsplit(url)
    assert parts.hostname is not None
    with socket.create_connection((parts.hostname, parts.port or 80), timeout=10) as connection:
        told = f"content-length: {length}" if length else "transfer-encoding: chunked"
        connection.sendall(f"POST {parts.path} HTTP/1.1\r\nhost: x\r\n{told}\r\n\r\n".encode())
        piece = b"x" * 65536
        try:
            for _ in range(32):
                connection.sendall(piece if length else b"10000\r\n" + piece + b"\r\n")
        except OSError:  # refused before all was sent
            pass
        answer = connection.recv(100)
    return int(answer.split()[1])


def test_a_flood_of_one_person_delays_nobody(whole: Whole) -> None:
    flooder, other = strangers(2)
    secret = whole.line.channel_secret
    whole.post_lines([whole.report(flooder, 1)])
    whole.settle()

    async def flood() -> None:
        lines = [[text_event(flooder, f"aaa {number}", secret=secret)] for number in range(1500)]
        await whole._post(lines, 32, None)

    asyncio.run(flood())
    began = time.monotonic()
    whole.post_lines([whole.report(other, 2)])
    whole.until(lambda: whole.shown()[other] >= 2)
    assert time.monotonic() - began < 10
    whole.post([location_event(flooder, 13.80, 100.55, secret=secret)])
    whole.settle(within=60)
    kept = dict(
        whole.ask("SELECT state, count(*) FROM intake_inboundevent WHERE person = %s GROUP BY 1", flooder)
    )
    assert sum(kept.values()) == 1503
    assert kept[3] > 1000  # beyond the rate: kept for staff, answered to nobody
    moved = whole.ask(
        """SELECT count(*) FROM incidents_timelineevent t JOIN incidents_incident i ON i.id = t.incident_id
           JOIN contacts_contact c ON c.id = i.contact_id WHERE c.address = %s AND t.type = 'PLACE_CHANGED'""",
        flooder,
    )
    assert moved[0][0] >= 1
    assert only(whole.shown(), [flooder])[flooder] <= 80

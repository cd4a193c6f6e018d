"""Reply, push, multicast and broadcast, as LINE's reference has them."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from esshelpme.simulator.client import FakeLine, new_reply_token, new_user_id
from esshelpme.simulator.rates import RateLimits
from esshelpme.simulator.tests.conftest import Http

HELLO = {"type": "text", "text": "สวัสดี"}


def push(
    http: Http, user: str, *messages: Any, key: str | None = None, **fields: Any
) -> tuple[int, Any, dict[str, str]]:
    headers = {"x-line-retry-key": key} if key else {}
    return http(
        "POST",
        "/v2/bot/message/push",
        {"to": user, "messages": list(messages) or [HELLO]} | fields,
        headers=headers,
    )


def test_push_shows_the_message_and_answers_with_its_id(http: Http, line: FakeLine) -> None:
    user = new_user_id()
    status, body, headers = push(http, user, HELLO, HELLO, notificationDisabled=True)
    assert status == 200
    assert "x-line-request-id" in headers
    shown = line.messages_to(user)
    assert [message.id for message in shown] == [sent["id"] for sent in body["sentMessages"]]
    assert all(message.silent and message.via == "push" for message in shown)
    assert all(sent["quoteToken"] for sent in body["sentMessages"])


def test_message_ids_are_digits_beyond_what_a_double_holds(http: Http) -> None:
    _, body, _ = push(http, new_user_id())
    assert int(body["sentMessages"][0]["id"]) > 2**53


@pytest.mark.parametrize(
    ("token", "status"),
    [("Bearer wrong", 401), ("", 401), ("simulator-token", 401), ("Bearer simulator-token", 200)],
)
def test_only_the_account_s_token_opens(http: Http, token: str, status: int) -> None:
    assert http("GET", "/v2/bot/info", headers={"authorization": token})[0] == status


class TestReplyTokens:
    def reply(self, http: Http, token: str, **headers: str) -> tuple[int, Any]:
        body = {"replyToken": token, "messages": [HELLO]}
        return http("POST", "/v2/bot/message/reply", body, headers=headers)[:2]

    def test_a_token_answers_once_and_costs_nothing(self, http: Http, line: FakeLine) -> None:
        user = new_user_id()
        token = new_reply_token(user, secret=line.channel_secret)
        assert self.reply(http, token)[0] == 200
        assert self.reply(http, token) == (400, {"message": "Invalid reply token"})
        assert len(line.messages_to(user)) == 1
        assert http("GET", "/v2/bot/message/quota/consumption")[1] == {"totalUsage": 0}

    def test_a_token_dies_after_about_a_minute(self, http: Http, line: FakeLine) -> None:
        token = new_reply_token(new_user_id(), secret=line.channel_secret)
        line.advance(61)
        assert self.reply(http, token) == (400, {"message": "Invalid reply token"})

    @pytest.mark.parametrize("token", ["", "nonsense", "0" * 68, None, 7])
    def test_what_this_account_never_issued_is_refused(self, http: Http, token: Any) -> None:
        assert self.reply(http, token)[0] == 400

    def test_a_token_of_another_account_is_refused(self, http: Http) -> None:
        assert self.reply(http, new_reply_token(new_user_id(), secret="another"))[0] == 400

    def test_bad_messages_leave_the_token_usable(self, http: Http, line: FakeLine) -> None:
        token = new_reply_token(new_user_id(), secret=line.channel_secret)
        assert http("POST", "/v2/bot/message/reply", {"replyToken": token, "messages": []})[0] == 400
        assert self.reply(http, token)[0] == 200

    def test_a_retry_key_is_refused_with_replies(self, http: Http, line: FakeLine) -> None:
        token = new_reply_token(new_user_id(), secret=line.channel_secret)
        assert self.reply(http, token, **{"x-line-retry-key": str(uuid.uuid4())})[0] == 400


class TestRetryKeys:
    def test_the_same_key_sends_once_and_tells_what_was_sent(self, http: Http, line: FakeLine) -> None:
        user, key = new_user_id(), str(uuid.uuid4())
        _, first, first_headers = push(http, user, key=key)
        status, again, headers = push(http, user, key=key)
        assert (status, again["sentMessages"]) == (409, first["sentMessages"])
        assert again["message"] == "The retry key is already accepted"
        assert headers["x-line-accepted-request-id"] == first_headers["x-line-request-id"]
        assert len(line.messages_to(user)) == 1

    def test_another_body_under_the_same_key_is_not_sent_and_noted(self, http: Http, line: FakeLine) -> None:
        user, key = new_user_id(), str(uuid.uuid4())
        push(http, user, key=key)
        assert push(http, user, {"type": "text", "text": "other"}, key=key)[0] == 409
        assert len(line.messages_to(user)) == 1
        assert key in line.warnings()[0]

    def test_a_refused_call_leaves_its_key_free(self, http: Http, line: FakeLine) -> None:
        user, key = new_user_id(), str(uuid.uuid4())
        assert push(http, user, {"type": "text", "text": ""}, key=key)[0] == 400
        line.set_faults(error_500={"next": 1})
        assert push(http, user, key=key)[0] == 500
        assert push(http, user, key=key)[0] == 200

    def test_a_key_sends_again_after_a_day(self, http: Http, line: FakeLine) -> None:
        user, key = new_user_id(), str(uuid.uuid4())
        push(http, user, key=key)
        line.advance(24 * 3600 + 1)
        assert push(http, user, key=key)[0] == 200
        assert len(line.messages_to(user)) == 2

    def test_what_is_no_uuid_is_refused(self, http: Http) -> None:
        assert push(http, new_user_id(), key="again-please")[0] == 400


class TestReach:
    def test_who_blocked_the_account_sees_nothing_and_is_not_counted(
        self, http: Http, line: FakeLine
    ) -> None:
        user = line.add_person(name="A").id
        line.act("block", user)
        status, body, _ = push(http, user)
        assert status == 200
        assert body["sentMessages"]
        assert line.messages_to(user) == []
        assert http("GET", "/v2/bot/message/quota/consumption")[1] == {"totalUsage": 0}

    def test_who_is_no_friend_is_reached_for_a_week_after_writing(self, http: Http, line: FakeLine) -> None:
        user = line.add_person(name="A", friend=False).id
        push(http, user)
        assert line.messages_to(user) == []
        line.act("say", user, "hello")
        push(http, user)
        assert len(line.messages_to(user)) == 1
        line.advance(8 * 24 * 3600)
        push(http, user)
        assert len(line.messages_to(user)) == 1

    def test_multicast_reaches_each_once(self, http: Http, line: FakeLine) -> None:
        users = [new_user_id() for _ in range(3)]
        status, body, _ = http(
            "POST", "/v2/bot/message/multicast", {"to": [*users, users[0]], "messages": [HELLO]}
        )
        assert (status, body) == (200, {})
        assert [len(line.messages_to(user)) for user in users] == [1, 1, 1]

    def test_broadcast_reaches_friends(self, http: Http, line: FakeLine) -> None:
        friend, stranger = line.add_person(name="A").id, line.add_person(name="B", friend=False).id
        assert http("POST", "/v2/bot/message/broadcast", {"messages": [HELLO]})[0] == 200
        assert (len(line.messages_to(friend)), len(line.messages_to(stranger))) == (1, 0)

    def test_a_push_to_a_group_costs_one_message_a_member(self, http: Http, line: FakeLine) -> None:
        group, members = "C" + "0" * 32, [new_user_id() for _ in range(4)]
        line.do(lambda: line.simulator.desk._dispatch("POST", _group_request(group, members)))
        assert push(http, group)[0] == 200
        assert http("GET", "/v2/bot/message/quota/consumption")[1] == {"totalUsage": 4}
        assert http("GET", f"/v2/bot/group/{group}/members/count")[1] == {"count": 4}

    @pytest.mark.parametrize("to", [None, "", "U123", "somebody", 5, "C" + "0" * 32])
    def test_recipients_that_cannot_be(self, http: Http, to: Any) -> None:
        assert http("POST", "/v2/bot/message/push", {"to": to, "messages": [HELLO]})[0] == 400


def _group_request(group: str, members: list[str]) -> Any:
    import json

    from esshelpme.simulator.web import Request

    body = json.dumps({"id": group, "name": "เวร", "members": members}).encode()
    return Request("POST", "/sim/api/groups", {}, {}, body)


class TestFaults:
    def test_rate_limit(self, http: Http, line: FakeLine) -> None:
        line.set_faults(rate_429={"next": 2})
        answers = [push(http, new_user_id()) for _ in range(3)]
        assert [answer[0] for answer in answers] == [429, 429, 200]
        assert answers[0][1] == {"message": "The API rate limit has been exceeded. Try again later."}

    def test_monthly_limit_by_switch_and_by_quota(self, http: Http, line: FakeLine) -> None:
        line.set_faults(monthly_429=True)
        assert push(http, new_user_id())[:2] == (429, {"message": "You have reached your monthly limit."})
        line.set_faults(monthly_429=False)
        line.set_quota(1)
        assert [push(http, new_user_id())[0] for _ in range(2)] == [200, 429]
        assert http("GET", "/v2/bot/message/quota")[1] == {"type": "limited", "value": 1}

    def test_replies_are_free_of_the_monthly_limit(self, http: Http, line: FakeLine) -> None:
        line.set_quota(0)
        token = new_reply_token(new_user_id(), secret=line.channel_secret)
        assert http("POST", "/v2/bot/message/reply", {"replyToken": token, "messages": [HELLO]})[0] == 200

    def test_down_closes_the_connection_and_nothing_happened(self, http: Http, line: FakeLine) -> None:
        user = new_user_id()
        line.set_faults(down={"next": 1})
        with pytest.raises(ConnectionError):
            push(http, user)
        assert line.messages_to(user) == []

    def test_an_answer_lost_after_acceptance_is_found_again_by_its_key(
        self, http: Http, line: FakeLine
    ) -> None:
        user, key = new_user_id(), str(uuid.uuid4())
        line.set_faults(drop_after_accept={"next": 1})
        with pytest.raises(ConnectionError):
            push(http, user, key=key)
        assert push(http, user, key=key)[0] == 409
        assert len(line.messages_to(user)) == 1

    def test_a_fault_may_strike_one_path_only(self, http: Http, line: FakeLine) -> None:
        line.set_faults(error_500={"path": "push"})
        assert push(http, new_user_id())[0] == 500
        assert http("GET", "/v2/bot/info")[0] == 200

    def test_a_fault_may_last_for_a_time(self, http: Http, line: FakeLine) -> None:
        line.set_faults(error_500={"seconds": 20})
        assert push(http, new_user_id())[0] == 500
        line.advance(21)
        assert push(http, new_user_id())[0] == 200

    def test_slow_answers_come_after_the_message(self, http: Http, line: FakeLine) -> None:
        line.set_faults(slow_ms=60)
        assert push(http, new_user_id())[0] == 200
        assert line.calls("push")[-1].millis >= 60

    @pytest.mark.parametrize("bad", [{"rate_429": 7}, {"rate_429": {"often": 1}}, {"gremlins": True}])
    def test_switches_that_do_not_exist_are_refused(self, line: FakeLine, bad: dict[str, Any]) -> None:
        with pytest.raises(ValueError, match=next(iter(bad))):
            line.set_faults(**bad)

    def test_rate_limits_hold_by_endpoint(self) -> None:
        rates = RateLimits()
        calls = [rates.allows("POST /v2/bot/message/broadcast", now_ms=0) for _ in range(61)]
        assert calls == [True] * 60 + [False]
        assert rates.allows("POST /v2/bot/message/broadcast", now_ms=61_000)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/v2/bot/profile/" + "U" + "1" * 32, None, 404),
        ("GET", "/v2/bot/profile/someone", None, 400),
        ("GET", "/v2/bot/message/123/content", None, 404),
        ("POST", "/v2/bot/message/push/", {}, 404),
        ("POST", "//v2/bot/message/push", {}, 404),
        ("POST", "/v2/bot/message/push", b"{", 400),
        ("POST", "/v2/bot/message/push", b"[]", 400),
        ("POST", "/v2/bot/chat/loading/start", {"chatId": "U" + "1" * 32, "loadingSeconds": 5}, 202),
        ("POST", "/v2/bot/chat/loading/start", {"chatId": "U" + "1" * 32, "loadingSeconds": 7}, 400),
        ("POST", "/v2/bot/chat/markAsRead", {"markAsReadToken": "x"}, 200),
        ("POST", "/v2/bot/chat/markAsRead", {}, 400),
        ("GET", "/v2/bot/followers/ids", None, 403),
        ("GET", "/v2/bot/message/delivery/push?date=20261124", None, 200),
        ("GET", "/v2/bot/message/delivery/push?date=today", None, 400),
        ("GET", "/v2/bot/channel/webhook/endpoint", None, 404),
        ("POST", "/v2/bot/user/" + "U" + "1" * 32 + "/linkToken", {}, 400),
        ("GET", "/v2/bot/group/C1/summary", None, 404),
    ],
)
def test_other_endpoints_answer(http: Http, method: str, path: str, body: Any, status: int) -> None:
    assert http(method, path, body)[0] == status


def test_a_body_over_two_megabytes_is_refused(http: Http) -> None:
    assert http("POST", "/v2/bot/message/push", b"x" * (2 * 1024 * 1024 + 1))[0] == 413

"""Whatever phones, units, staff and time do: an open incident is never without somebody who must act.

A state machine plays reporters, members of units, the centre and the clock in any order. After every step each open
incident has a unit or service on it, an offer whose end comes due, a call to make, an alarm that stands, or a moment
at which the alarm comes again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from pydantic import ValidationError

from esshelpme.dispatch.acts import BadField
from esshelpme.dispatch.models import Alarm, Assignment, CallTask, Deadline, Need
from esshelpme.dispatch.states import ACTIVE, DeadlineKind, NeedStatus
from esshelpme.incidents import timeline
from esshelpme.incidents.models import Incident
from esshelpme.incidents.states import CANCELLABLE_BY_REPORTER, OPEN, NotAllowed
from esshelpme.intake.tests.stage import HOME, Stage
from esshelpme.outbox.models import OutboundMessage

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

REPORTERS = ("U-girl", "U-neighbour")
UNITS = ("POL1", "POL2", "POL3", "SOC1", "HEA1", "VOL1")
PLACES = {
    "home": HOME,
    "near": (HOME[0] + 0.002, HOME[1]),
    "far": (18.79038, 98.98468),  # Chiang Mai
    "abroad": (17.9757, 102.6331),  # Vientiane
    "border": (17.8783, 102.7420),  # Nong Khai
    "sea": (9.0, 101.5),
}
TEXTS = ("ช่วยด้วย พ่อเลี้ยงจะตี", "อยู่ใต้โต๊ะ", "บางรัก", "มีเด็กอยู่ด้วย เขามีมีด", "ขอบคุณ")
KINDS = ("ASSAULT", "CONFINEMENT", "SEXUAL", "DISTURBED", "GATHERING", "OTHER")
FOLLOWS = {
    NeedStatus.OPEN: ("NEW", "DISPATCHING"),
    NeedStatus.ACCEPTED: ("ACCEPTED",),
    NeedStatus.HANDED_OVER: ("ACCEPTED",),
    NeedStatus.EN_ROUTE: ("EN_ROUTE",),
    NeedStatus.ON_SCENE: ("ON_SCENE",),
    NeedStatus.DONE: ("ON_SCENE",),
}
COMING = ("accepted", "accepted_again", "en_route", "on_scene")


class Town(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self._transaction = transaction.atomic()
        self._transaction.__enter__()
        self.stage = Stage()
        self.read = 0

    def teardown(self) -> None:
        for incident in Incident.objects.all():
            assert timeline.verify(incident) is None
        transaction.set_rollback(True)
        self._transaction.__exit__(None, None, None)

    @initialize(phone=st.sampled_from(["PHONE", "LINE"]), kind=st.sampled_from([*KINDS, ""]))
    def town(self, phone: str, kind: str) -> None:
        self.stage.unit("POL1", "POLICE", members=2)
        self.stage.unit("POL2", "POLICE", at=PLACES["near"])
        self.stage.unit("POL3", "POLICE", at=PLACES["far"], contact=phone)
        self.stage.unit("SOC1", "SOCIAL")
        self.stage.unit("HEA1", "HEALTH", contact=phone)
        self.stage.unit("VOL1", "VOLUNTEER")
        if kind:
            self.stage.press(REPORTERS[0], f"a=kind&v={kind}")
        else:
            self.stage.pin(REPORTERS[0])

    # Reporters, or whoever holds their phone.

    @rule(who=st.sampled_from(REPORTERS), kind=st.sampled_from(KINDS))
    def kind(self, who: str, kind: str) -> None:
        self.stage.press(who, f"a=kind&v={kind}")

    @rule(who=st.sampled_from(REPORTERS), place=st.sampled_from(sorted(PLACES)))
    def pin(self, who: str, place: str) -> None:
        self.stage.pin(who, *PLACES[place])

    @rule(who=st.sampled_from(REPORTERS), text=st.sampled_from(TEXTS))
    def say(self, who: str, text: str) -> None:
        self.stage.say(who, text)

    @rule(
        who=st.sampled_from(REPORTERS),
        wish=st.sampled_from(["cancel", "safe", "quiet", "loud", "more", "rate"]),
        pick=st.integers(0, 3),
    )
    def wish(self, who: str, wish: str, pick: int) -> None:
        incident = self._incident(pick)
        if incident is not None:
            self.stage.press(who, f"a={wish}&i={incident.ref}&v=3")

    @rule(who=st.sampled_from(REPORTERS), event=st.sampled_from(["follow", "unfollow"]))
    def friend(self, who: str, event: str) -> None:
        self.stage.event(who, event)

    @rule(who=st.sampled_from(REPORTERS))
    def somebody_else_is_in_danger(self, who: str) -> None:
        self.stage.press(who, "a=report&new=1")

    # Members of units.

    @rule(
        pick=st.integers(0, 9),
        act=st.sampled_from(
            ["accept", "accept", "accept", "decline", "enroute", "onscene", "resolve", "backup"]
        ),
        newest=st.booleans(),
    )
    def member(self, pick: int, act: str, newest: bool) -> None:
        rows = list(Assignment.objects.order_by("-pk" if newest else "pk").prefetch_related("recipients"))
        if rows:
            row = rows[pick % len(rows)]
            for recipient in list(row.recipients.all())[: 1 + pick % 2]:
                self.stage.press(recipient.line_user_id, f"a={act}&o={row.code}")

    # The centre.

    @rule(
        pick=st.integers(0, 3),
        action=st.sampled_from(
            [
                "assign",
                "withdraw",
                "withdraw",
                "accept_for",
                "status_for",
                "backup",
                "handover",
                "reopen",
                "merge",
            ]
        ),
        unit=st.sampled_from(UNITS),
        outcome=st.sampled_from(["ACCEPTED", "REFUSED", "NO_ANSWER"]),
        status=st.sampled_from(["EN_ROUTE", "ON_SCENE", "DONE"]),
    )
    def dispatcher(self, pick: int, action: str, unit: str, outcome: str, status: str) -> None:
        incident, into = self._incident(pick), self._incident(pick + 1)
        if incident is None:
            return
        fields: dict[str, dict[str, Any]] = {
            "assign": {"unit": unit},
            "withdraw": {"unit": unit},
            "accept_for": {"unit": unit},
            "status_for": {"unit": unit, "status": status},
            "backup": {"need": "POLICE"},
            "handover": {"to": "191", "outcome": outcome},
            "reopen": {"note": "again"},
            "merge": {"into": into.ref if into else ""},
        }
        self._try(lambda: self.stage.staff(incident, action, **fields[action]))

    @rule(
        pick=st.integers(0, 3),
        action=st.sampled_from(
            ["set_kind", "set_place", "resolve", "close", "cancel", "confirm_cancel", "refuse_cancel", "call"]
        ),
        kind=st.sampled_from(KINDS),
        place=st.sampled_from(sorted(PLACES)),
    )
    def desk(self, pick: int, action: str, kind: str, place: str) -> None:
        incident = self._incident(pick)
        if incident is None:
            return
        lat, lng = PLACES[place]
        fields: dict[str, dict[str, Any]] = {
            "set_kind": {"kind": kind},
            "set_place": {"location": {"lat": lat, "lng": lng}},
            "close": {"disposition": "HELPED"},
        }
        self._try(lambda: self.stage.staff(incident, action, **fields.get(action, {})))

    @rule(outcome=st.sampled_from(["ACCEPTED", "REFUSED", "NO_ANSWER"]), every=st.booleans())
    def telephone(self, outcome: str, every: bool) -> None:
        tasks = list(CallTask.objects.filter(status="OPEN").select_related("incident").order_by("pk"))
        for task in tasks if every else tasks[:1]:
            fields = {"task": task.pk, "outcome": outcome}
            self._try(lambda: self.stage.staff(task.incident, "call_done", **fields))  # noqa: B023

    @rule()
    def acknowledge_everything(self) -> None:
        for alarm in Alarm.objects.filter(acknowledged_at__isnull=True, incident__isnull=False):
            assert alarm.incident is not None
            self.stage.staff(alarm.incident, "acknowledge", seq=alarm.seq)

    # The world.

    @rule(seconds=st.sampled_from([5, 60, 65, 125, 310]))
    def time_passes(self, seconds: int) -> None:
        self.stage.later(seconds=seconds)

    # What always holds.

    @invariant()
    def somebody_must_act(self) -> None:
        for incident in Incident.objects.filter(status__in=[s.value for s in OPEN]):
            assert self._somebody(incident), self._facts(incident)

    @invariant()
    def each_open_need_is_sought(self) -> None:
        """Beyond the incident: no need is forgotten beside others that are held."""
        needs = Need.objects.filter(
            status=NeedStatus.OPEN,
            incident__status__in=[s.value for s in OPEN],
            incident__place__isnull=False,
        ).exclude(incident__place_flag="ABROAD")
        for need in needs.select_related("incident"):
            offered = need.assignments.filter(status="OFFERED")
            expiring = Deadline.objects.filter(
                need=need, kind=DeadlineKind.OFFERS_EXPIRE, done_at__isnull=True
            )
            assert (
                (offered.filter(deadline_at__isnull=False).exists() and expiring.exists())
                or CallTask.objects.filter(need=need, status="OPEN").exists()
                or Deadline.objects.filter(
                    need=need, kind=DeadlineKind.CALL_TASK, done_at__isnull=True
                ).exists()
            ), (need.agency_type, self._facts(need.incident))

    @invariant()
    def the_status_follows_the_leading_need(self) -> None:
        for need in Need.objects.filter(
            lead=True, incident__status__in=[s.value for s in OPEN]
        ).select_related("incident"):
            expected = FOLLOWS[NeedStatus(need.status)]
            assert need.incident.status in expected, (need.status, self._facts(need.incident))

    @invariant()
    def one_holder_for_each_need(self) -> None:
        for need in Need.objects.all():
            active = list(
                need.assignments.filter(status__in=[s.value for s in ACTIVE]).values_list("pk", flat=True)
            )
            assert len(active) <= 1, self._facts(need.incident)
            assert not active or active == [need.holder_id], self._facts(need.incident)

    @invariant()
    def nobody_is_told_that_someone_comes_before_an_accept(self) -> None:
        rows = OutboundMessage.objects.filter(pk__gt=self.read, incident_id__isnull=False).order_by("pk")
        for row in rows:
            self.read = row.pk
            if row.what.rpartition(".")[2] not in COMING or row.what.startswith("offer"):
                continue
            steps = Incident.objects.get(pk=row.incident_id or 0).timeline
            assert (
                steps.filter(type="ASSIGNMENT_ACCEPTED").exists()
                or steps.filter(type="HANDED_OVER", data__outcome="ACCEPTED").exists()
            ), row.what

    @invariant()
    def no_phone_ends_what_it_may_not(self) -> None:
        """However it was called before: what was once no gathering, no tap of the phone cancels."""
        for incident in Incident.objects.filter(status="CANCELLED"):
            ended = (
                incident.timeline.filter(type="STATUS_CHANGED", data__to="CANCELLED").order_by("-seq").first()
            )
            assert ended is not None
            if ended.actor == "reporter":
                softened = incident.timeline.filter(type="KIND_CHANGED", actor="reporter")
                before = set(softened.values_list("data__from", flat=True))
                assert before <= {kind.value for kind in CANCELLABLE_BY_REPORTER}, before

    # Helpers.

    def _incident(self, pick: int) -> Incident | None:
        rows = list(Incident.objects.order_by("-pk"))
        return rows[pick % len(rows)] if rows else None

    def _try(self, act: Callable[[], object]) -> None:
        """Staff may try anything; what the state forbids is told, and changes nothing."""
        try:
            with transaction.atomic():
                act()
        except (NotAllowed, BadField, ValidationError):
            pass

    def _somebody(self, incident: Incident) -> bool:
        waited = Deadline.objects.filter(incident=incident, done_at__isnull=True)
        watched = DeadlineKind.NO_PLACE if incident.place_id is None else DeadlineKind.TELL_WAITING
        return (
            incident.assignments.filter(status__in=[s.value for s in ACTIVE]).exists()
            or incident.needs.filter(status=NeedStatus.HANDED_OVER).exists()
            # Nobody has it: the next look at it is due.
            or waited.filter(kind=watched, due_at__gte=self.stage.at).exists()
        )

    def _facts(self, incident: Incident) -> str:
        return "\n".join(
            [
                f"{incident.status} {incident.kind} place={incident.place_id} {incident.place_flag}",
                *map(
                    str,
                    incident.needs.values_list(
                        "agency_type", "number", "lead", "status", "holder__unit__code"
                    ),
                ),
                *map(
                    str, incident.assignments.values_list("unit__code", "need__agency_type", "status", "via")
                ),
                *map(str, incident.call_tasks.values_list("reason", "need__agency_type", "status")),
                *map(str, incident.deadlines.values_list("kind", "need__agency_type", "due_at", "done_at")),
                *(
                    f"{step.seq} {step.type} {step.actor} {step.data}"
                    for step in incident.timeline.order_by("seq")
                ),
            ]
        )


def test_an_open_incident_is_never_without_somebody_who_must_act() -> None:
    run_state_machine_as_test(
        Town,
        settings=settings(
            max_examples=30,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,  # the same walks in every run; raise `max_examples` and drop this to search
            phases=[Phase.explicit, Phase.generate],  # making a failing walk shorter would take many minutes
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )

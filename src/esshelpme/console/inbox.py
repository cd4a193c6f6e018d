"""The inbox: what people said without an incident, what could not be understood, and alarms about the system."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from esshelpme.access.guard import guarded
from esshelpme.access.log import looked, looked_at_all
from esshelpme.access.roles import Right
from esshelpme.console.chat import Bubble, bubbles_of
from esshelpme.console.desk import done, given, not_done, number, officer_of
from esshelpme.console.media import file_response
from esshelpme.console.moment import Moment
from esshelpme.console.navigation import waiting
from esshelpme.console.new_report import KINDS, LONGEST_SHORT
from esshelpme.contacts.models import Contact
from esshelpme.dispatch.alarms import acknowledge_system_alarm
from esshelpme.dispatch.models import Alarm
from esshelpme.incidents import inbox
from esshelpme.incidents.locating import place_at
from esshelpme.incidents.models import Message
from esshelpme.incidents.place import Place
from esshelpme.incidents.states import Danger, Kind, NotAllowed
from esshelpme.intake import set_aside
from esshelpme.intake.desk import open_for
from esshelpme.intake.models import InboundEvent
from esshelpme.intake.reporting import place_of_candidate, understand
from esshelpme.places import check, place_by_code
from esshelpme.platform.clock import now
from esshelpme.platform.ids import new_secret, show_ref

PERSONS_A_PAGE = 20
EVENTS_A_PAGE = 30
_counts: Moment[str] = Moment(3.0)


@dataclass(frozen=True, slots=True)
class Card:
    """One person of the inbox as the page shows them."""

    thread: inbox.Thread
    bubbles: Sequence[Bubble]
    nonce: str
    may_answer: bool


@dataclass(frozen=True, slots=True)
class Odd:
    """One event that could not be understood, with what can be read in it."""

    event: InboundEvent
    words: str
    raw: str


@require_GET
@guarded(Right.SEE_SET_ASIDE)
def page(request: HttpRequest) -> HttpResponse:
    """The whole page; `show` chooses people or what could not be understood."""
    officer, at = officer_of(request), now()
    show = "odd" if given(request, "show") == "odd" else "people"
    after = number(given(request, "after")) or 0
    cards: list[Card] = []
    odd: list[Odd] = []
    following: int | None = None
    if show == "people":
        rows = inbox.threads(after=after, most=PERSONS_A_PAGE + 1)
        following = rows[PERSONS_A_PAGE - 1].first if len(rows) > PERSONS_A_PAGE else None
        cards = [_card(thread) for thread in rows[:PERSONS_A_PAGE]]
        looked_at_all(officer, what="INBOX", refs=[f"CONTACT/{c.thread.contact.pk}" for c in cards], at=at)
    else:
        events = list(set_aside.waiting_for_eyes().filter(pk__gt=after).order_by("pk")[: EVENTS_A_PAGE + 1])
        following = events[EVENTS_A_PAGE - 1].pk if len(events) > EVENTS_A_PAGE else None
        odd = [Odd(event, *set_aside.said(event)) for event in events[:EVENTS_A_PAGE]]
        looked_at_all(officer, what="SET_ASIDE", refs=[f"EVENT/{one.event.pk}" for one in odd], at=at)
    context = {
        "page": "inbox",
        "show": show,
        "cards": cards,
        "odd": odd,
        "after": after,
        "next": following,
        "people_count": inbox.count_unseen(most=100),
        "odd_count": set_aside.count_unseen(most=100),
        "alarms": Alarm.objects.filter(incident__isnull=True, acknowledged_at__isnull=True).order_by(
            "raised_at"
        )[:50],
        "kinds": KINDS,
        "dangers": list(Danger),
        "server_time": int(at.timestamp() * 1000),
    }
    return render(request, "console/inbox.html", context)


@require_GET
@guarded(Right.SEE_SET_ASIDE)
def count(request: HttpRequest) -> HttpResponse:
    """How much waits, for the badge of pages that stay open. One counting serves all consoles for a moment."""
    return JsonResponse({"count": _counts.get("all", waiting)})


@require_GET
@guarded(Right.SEE_SET_ASIDE)
def media(request: HttpRequest, message_id: int) -> HttpResponse:
    """A picture or voice that came without an incident. Each look is logged."""
    message = (
        Message.objects.select_related("media")
        .filter(pk=message_id, incident__isnull=True, media__isnull=False)
        .first()
    )
    if message is None or message.media is None:
        raise Http404
    looked(officer_of(request), what="MEDIA", ref=f"CONTACT/{message.contact_id}/{message.pk}", at=now())
    response = file_response(message.media, str(message.pk))
    if response is None:
        raise Http404
    return response


@require_POST
@guarded(Right.TAKE_REPORT)
def answer(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Write to the person over LINE; what they had said is then seen."""
    officer, at = officer_of(request), now()
    words = given(request, "text", inbox.LONGEST_ANSWER)
    contact = _contact(contact_id)
    if not words:
        not_done(request, "EMPTY")
        return redirect("console_inbox")
    try:
        inbox.answer(
            contact.pk, words, nonce=given(request, "nonce", 50) or new_secret(96), at=at, by=officer.actor
        )
    except NotAllowed as error:
        not_done(request, error.code)
        return redirect("console_inbox")
    inbox.mark_seen(contact.pk, upto=number(given(request, "upto")) or 0, at=at)
    looked(officer, what="INBOX_ANSWERED", ref=f"CONTACT/{contact.pk}", at=at)
    done(request, "answered")
    return redirect("console_inbox")


@require_POST
@guarded(Right.TAKE_REPORT)
def open_incident(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Open an incident for the person: kind, and the place when it is known. Pressed twice, it is one."""
    officer = officer_of(request)
    contact = _contact(contact_id)
    kind = given(request, "kind")
    if kind not in set(Kind):
        not_done(request, "KIND")
        return redirect("console_inbox")
    try:
        place = _place(request)
    except ValueError:
        not_done(request, "PLACE")
        return redirect("console_inbox")
    dangers = [d for d in request.POST.getlist("danger") if d in set(Danger)]
    incident, new = open_for(contact, kind=kind, place=place, dangers=dangers, at=now(), by=officer.actor)
    done(request, "opened" if new else "had_incident", ref=show_ref(incident.ref))
    return redirect("console_incident", ref=show_ref(incident.ref))


@require_POST
@guarded(Right.SEE_SET_ASIDE)
def seen(request: HttpRequest, contact_id: int) -> HttpResponse:
    """What the person said, up to what the page showed, needs nobody."""
    at = now()
    count = inbox.mark_seen(_contact(contact_id).pk, upto=number(given(request, "upto")) or 0, at=at)
    if count:
        looked(officer_of(request), what="INBOX_SEEN", ref=f"CONTACT/{contact_id}", at=at)
        done(request, "seen")
    else:
        not_done(request, "SEEN_BEFORE")
    return redirect("console_inbox")


@require_POST
@guarded(Right.SEE_SET_ASIDE)
def event(request: HttpRequest, event_id: int, what: str) -> HttpResponse:
    """`again`: the program tries to understand it once more. `seen`: a person has. `flood`: all of that person's."""
    officer, at = officer_of(request), now()
    if what == "again":
        ok = set_aside.try_again(event_id, at=at, by=officer.actor)
    elif what == "flood":
        ok = bool(set_aside.see_flood(event_id, at=at))
    else:
        ok = set_aside.see(event_id, at=at, by=officer.actor)
    if ok:
        looked(officer, what=f"EVENT_{what.upper()}", ref=f"EVENT/{event_id}", at=at)
        done(request, f"event_{what}")
    else:
        not_done(request, "SEEN_BEFORE")
    return _back(request, "?show=odd")


@require_POST
@guarded(Right.RUN_INCIDENT)
def alarm(request: HttpRequest, alarm_id: int) -> HttpResponse:
    """An alarm about the system itself was seen."""
    if acknowledge_system_alarm(alarm_id, at=now(), by=officer_of(request).actor):
        done(request, "alarm")
    else:
        not_done(request, "NO_ALARM")
    return _back(request, "?show=odd" if given(request, "show") == "odd" else "")


def _card(thread: inbox.Thread) -> Card:
    contact = thread.contact
    reachable = contact.channel == Contact.Channel.LINE and contact.blocked_at is None
    return Card(
        thread,
        bubbles_of(thread.messages, [contact]),
        new_secret(96),
        reachable and thread.open_incident is None,
    )


def _contact(contact_id: int) -> Contact:
    contact = Contact.objects.filter(pk=contact_id).first()
    if (
        contact is None
        or not Message.objects.filter(contact=contact, direction=Message.Direction.IN).exists()
    ):
        raise Http404  # somebody who never wrote is none of this page's
    return contact


def _place(request: HttpRequest) -> Place | None:
    """The chosen place, else what the typed words name. Raises `ValueError` for words that name none."""
    typed = given(request, "place", LONGEST_SHORT)
    key, lat, lng = given(request, "place_key"), given(request, "lat"), given(request, "lng")
    if key and (candidate := place_by_code(key)) is not None:
        return place_of_candidate(candidate, words=typed)
    if lat and lng:
        point = float(lat), float(lng)
        check(*point)
        return place_at(*point, source="STAFF", accuracy_m=50.0, address=typed)
    if not typed:
        return None
    best = understand(typed).places.best
    if best is None:
        raise ValueError(typed)
    return place_of_candidate(best, words=typed)


def _back(request: HttpRequest, query: str) -> HttpResponse:
    response = redirect("console_inbox")
    response["Location"] += query
    return response

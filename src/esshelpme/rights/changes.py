"""What a change of rules does: who gains, who loses, which programmes changed and how.

The same people are judged by two sets of rules: those of two days, or of two catalogues (before and after
an edit).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from .catalogue import Amount as ProgrammeAmount
from .catalogue import Catalogue, Criterion, Programme, RuleSet, Version, default
from .check import LIKELY, MAYBE, NO, verdicts_of
from .request import Request
from .words import words

GAINS, LOSES = "GAINS", "LOSES"
_RANK = {NO: 0, MAYBE: 1, LIKELY: 2}
_PER_YEAR = {"month": 12, "year": 1, "once": 1}

Amount = tuple[int, str] | None
Line = dict[str, str]  # "th" and "en"


@dataclass(frozen=True, slots=True)
class Change:
    """One person's answer for one programme, before and after. `request` is the caller's key (a case, a
    person).
    """

    request: str
    person: str
    programme: str
    effect: str
    verdict_before: str
    verdict_after: str
    amount_before: Amount
    amount_after: Amount


@dataclass(slots=True)
class Report:
    """`changes` by request; `summary`: programme → how many gain and lose; `programmes`: what changed in the
    rules.
    """

    before: date
    after: date
    persons: int = 0
    changes: list[Change] = field(default_factory=list)
    summary: dict[str, dict[str, int]] = field(default_factory=dict)
    programmes: dict[str, list[Line]] = field(default_factory=dict)


def what_changed(
    requests: Mapping[str, Request] | Iterable[tuple[str, Request]],
    *,
    before: date,
    after: date,
    catalogue_before: Catalogue | None = None,
    catalogue_after: Catalogue | None = None,
    facts_on: date | None = None,
) -> Report:
    """Judge every request by the rules of `before` and of `after`, and tell who gains and who loses.

    `facts_on`: the day for ages and time limits under both sets of rules (default `after`), so that only
    the rules make a difference. People not yet born on that day are left out. Each request's own `on` is
    not used.
    """
    old_catalogue, new_catalogue = catalogue_before or default(), catalogue_after or default()
    old, new = old_catalogue.rules(before), new_catalogue.rules(after)
    day = facts_on or after
    report = Report(
        before=before,
        after=after,
        programmes=changed_programmes(
            before=before, after=after, catalogue_before=old_catalogue, catalogue_after=new_catalogue
        ),
    )
    pairs = requests.items() if isinstance(requests, Mapping) else requests
    for key, request in pairs:
        dated = replace(request, on=day, persons=tuple(p for p in request.persons if p.birth_date <= day))
        report.persons += len(dated.persons)
        for change in _compare(key, dated, old, new):
            report.changes.append(change)
            counts = report.summary.setdefault(change.programme, {GAINS: 0, LOSES: 0})
            counts[change.effect] += 1
    return report


def _compare(key: str, request: Request, old: RuleSet, new: RuleSet) -> Iterable[Change]:
    earlier = {
        (code, person): (verdict, amount) for code, person, verdict, amount in verdicts_of(request, rules=old)
    }
    seen = set()
    for code, person, verdict, amount in verdicts_of(request, rules=new):
        seen.add((code, person))
        was, had = earlier.get((code, person), (NO, None))
        if effect := _effect(was, had, verdict, amount):
            yield Change(key, person, code, effect, was, verdict, had, amount)
    for (code, person), (was, had) in earlier.items():
        if (code, person) not in seen and was != NO:  # the programme is gone
            yield Change(key, person, code, LOSES, was, NO, had, None)


def _effect(was: str, had: Amount, verdict: str, amount: Amount) -> str | None:
    if was != verdict:
        return GAINS if _RANK[verdict] > _RANK[was] else LOSES
    if verdict == NO or had == amount:
        return None
    return GAINS if _yearly(amount) > _yearly(had) else LOSES


def _yearly(amount: Amount) -> int:
    return amount[0] * _PER_YEAR[amount[1]] if amount else 0


def changed_programmes(
    *,
    before: date,
    after: date,
    catalogue_before: Catalogue | None = None,
    catalogue_after: Catalogue | None = None,
) -> dict[str, list[Line]]:
    """Programme code → what changed in its rules between two days (or catalogues), in Thai and English."""
    old = {p.code: p for p in (catalogue_before or default()).programmes}
    new = {p.code: p for p in (catalogue_after or default()).programmes}
    found = {}
    for code in sorted(old.keys() | new.keys()):
        lines = _lines(_version(old.get(code), before), _version(new.get(code), after))
        if lines:
            found[code] = lines
    return found


def _version(programme: Programme | None, on: date) -> Version | None:
    return programme.version(on) if programme else None


def _line(key: str, criterion: Criterion) -> Line:
    return {"th": words(key, text=criterion.text_th)[0], "en": words(key, text=criterion.text_en)[1]}


def _lines(old: Version | None, new: Version | None) -> list[Line]:
    if old is None or new is None:
        if old is new:
            return []
        th, en = words("change_begins" if old is None else "change_ends")
        return [{"th": th, "en": en}]
    had = {c.id: c for c in old.criteria}
    has = {c.id: c for c in new.criteria}
    lines = [_line("change_added", c) for c in new.criteria if c.id not in had]
    lines += [_line("change_removed", c) for c in old.criteria if c.id not in has]
    altered = [c for c in new.criteria if c.id in had and _key(c) != _key(had[c.id])]
    lines += [_line("change_criterion", c) for c in altered]
    was, now = _amounts(old), _amounts(new)
    if was != now:
        lines.append(
            {
                "th": words("change_amount", before=was[0], after=now[0])[0],
                "en": words("change_amount", before=was[1], after=now[1])[1],
            }
        )
    return lines


def _key(criterion: Criterion) -> tuple[object, str]:
    return criterion.rule, criterion.text_en


def _amounts(version: Version) -> tuple[str, str]:
    """All amounts of a version, in Thai and in English."""
    shown = [_amount(amount) for amount in version.amounts] or [words("change_no_amount")]
    return ", ".join(th for th, _ in shown), ", ".join(en for _, en in shown)


def _amount(amount: ProgrammeAmount) -> tuple[str, str]:
    th, en = words(f"amount_{amount.per}{'_up_to' if amount.up_to else ''}", baht=f"{amount.baht:,}")
    when = f" ({amount.when})" if isinstance(amount.when, str) else ""
    return th + when, en + when

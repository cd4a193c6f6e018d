"""The catalogue of programmes: data files, read, checked as a whole, and made ready for a day.

`load()` refuses a catalogue with a gap or overlap between a programme's versions, with a circle of
definitions, an unknown fact, a criterion or source that does not exist. Amounts and limits of the past stay
in their versions.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from .rules import Expressions, Node, RuleError, compile_rule

DATA = Path(__file__).parent / "data"
UNCONFIRMED = "C"


class CatalogueError(ValueError):
    """The catalogue is wrong. `problems`: one sentence each, naming file or code and place."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Source:
    """A law, regulation or notification; how sure we are of what it says: A two sources, B one, C none."""

    law_th: str
    law_en: str
    dated: date | None
    certainty: str
    seen: tuple[str, ...]

    @property
    def label(self) -> str:
        """One line for an explanation: the Thai name with the day it came into force."""
        return f"{self.law_th} ({self.dated.isoformat()})" if self.dated else self.law_th


@dataclass(frozen=True, slots=True)
class Criterion:
    id: str
    text_th: str
    text_en: str
    source: Source
    rule: object


@dataclass(frozen=True, slots=True)
class Amount:
    """Baht per month, year or once; `up_to`: a ceiling at somebody's discretion, never a promise."""

    baht: int
    per: str
    up_to: bool
    certainty: str
    when: object | None
    note_th: str
    note_en: str


@dataclass(frozen=True, slots=True)
class Version:
    valid_from: date
    valid_to: date | None
    source: Source
    criteria: tuple[Criterion, ...]
    amounts: tuple[Amount, ...]

    @property
    def confirmed(self) -> bool:
        """False when the version, or a criterion that decides, rests on something nobody has checked."""
        return all(s.certainty != UNCONFIRMED for s in (self.source, *(c.source for c in self.criteria)))

    def holds(self, on: date) -> bool:
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


@dataclass(frozen=True, slots=True)
class Programme:
    code: str
    name_th: str
    name_en: str
    agency_th: str
    agency_en: str
    kind: str
    scope: str  # PERSON, or HOUSEHOLD (one item, with the first living adult)
    deceased: str  # NO, ALSO (heirs may claim), ONLY
    documents: tuple[Mapping[str, str], ...]
    apply_th: str
    apply_en: str
    note_th: str
    note_en: str
    certainty: str
    signed_off: Mapping[str, str] | None
    versions: tuple[Version, ...]

    def version(self, on: date) -> Version | None:
        return next((v for v in self.versions if v.holds(on)), None)


@dataclass(frozen=True, slots=True)
class Ready:
    """A programme's version on a day, compiled."""

    programme: Programme
    version: Version | None
    confirmed: bool  # of the version; kept here because many people are judged by one rule set
    criteria: tuple[tuple[Criterion, Node], ...]
    amounts: tuple[tuple[Amount, Node | None], ...]


@dataclass(frozen=True, slots=True)
class RuleSet:
    """All programmes on one day, compiled together."""

    programmes: tuple[Ready, ...]
    expressions: Expressions


@dataclass(slots=True)
class Catalogue:
    programmes: tuple[Programme, ...]
    definitions: Mapping[str, object]
    _ready: dict[tuple[date | None, ...], RuleSet] = field(default_factory=dict)

    def __getitem__(self, code: str) -> Programme:
        for programme in self.programmes:
            if programme.code == code:
                return programme
        raise KeyError(code)

    def rules(self, on: date) -> RuleSet:
        """The rule set in force on the day, compiled once for every day with the same versions."""
        versions = tuple(programme.version(on) for programme in self.programmes)
        key = tuple(v.valid_from if v else None for v in versions)
        if key not in self._ready:
            self._ready[key] = self._compile(versions)
        return self._ready[key]

    def _compile(self, versions: tuple[Version | None, ...]) -> RuleSet:
        expressions = Expressions()
        ready, problems = [], []

        def node(rule: object, where: str) -> Node:
            try:
                return compile_rule(rule, expressions=expressions, definitions=self.definitions)
            except RuleError as error:
                problems.append(f"{where}: {error}")
                return ("open", 4)

        for programme, version in zip(self.programmes, versions, strict=True):
            if version is None:
                ready.append(Ready(programme, None, False, (), ()))
                continue
            where = f"{programme.code} from {version.valid_from}"
            criteria = tuple((c, node(c.rule, f"{where}, criterion {c.id}")) for c in version.criteria)
            amounts = tuple(
                (a, None if a.when is None else node(a.when, f"{where}, amount {a.baht}"))
                for a in version.amounts
            )
            ready.append(Ready(programme, version, version.confirmed, criteria, amounts))
        if problems:
            raise CatalogueError(problems)
        return RuleSet(tuple(ready), expressions)


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _impossible_days(raw: dict[str, Any]) -> list[str]:
    """Days that fit the schema's pattern but are in no calendar, such as 30 February."""
    days = [row[key] for row in raw["versions"] for key in ("valid_from", "valid_to")]
    days += [source.get("dated") for source in raw["sources"].values()]
    days.append((raw.get("signed_off") or {}).get("on"))
    found = []
    for day in days:
        try:
            _day(day)
        except ValueError:
            found.append(day)
    return found


def _versions_problems(code: str, versions: list[dict[str, Any]]) -> list[str]:
    """Gaps, overlaps and reversed periods of a programme's versions."""
    problems = [
        f"{code}: version {row['valid_from']} ends on {row['valid_to']}, before it begins"
        for row in versions
        if row["valid_to"] is not None and row["valid_to"] < row["valid_from"]
    ]
    for before, after in pairwise(versions):
        end, start = _day(before.get("valid_to")), date.fromisoformat(after["valid_from"])
        if end is None:
            problems.append(
                f"{code}: version {before['valid_from']} has no end, but one from {start} follows"
            )
        elif start > end + timedelta(days=1):
            gap = f"{end + timedelta(days=1)} to {start - timedelta(days=1)}"
            problems.append(f"{code}: gap, no version covers {gap}")
        elif start <= end:
            problems.append(f"{code}: overlap, two versions cover {start} to {end}")
    return problems


def _programme(raw: dict[str, Any], common: Mapping[str, Any], problems: list[str]) -> Programme:
    code = raw["code"]
    sources = {
        key: Source(s["law_th"], s["law_en"], _day(s.get("dated")), s["certainty"], tuple(s.get("seen", ())))
        for key, s in raw["sources"].items()
    }

    def source(key: str, where: str) -> Source:
        if key not in sources:
            problems.append(f"{code}: {where} names the unknown source {key!r}")
            return next(iter(sources.values()))
        return sources[key]

    first = next(iter(raw["sources"]))
    criteria: dict[str, Criterion] = {}
    for entry in raw["criteria"]:
        body = entry
        if "like" in entry:
            if entry["like"] not in common:
                problems.append(f"{code}: criterion {entry['id']} is like the unknown {entry['like']!r}")
                continue
            body = {**common[entry["like"]], **entry}
        if entry["id"] in criteria:
            problems.append(f"{code}: criterion {entry['id']} twice")
        if missing := [key for key in ("text_th", "text_en", "rule") if key not in body]:
            problems.append(f"{code}: criterion {entry['id']} lacks {', '.join(missing)}")
            continue
        criteria[entry["id"]] = Criterion(
            entry["id"],
            body["text_th"],
            body["text_en"],
            source(body.get("source", first), f"criterion {entry['id']}"),
            body["rule"],
        )
    problems.extend(_versions_problems(code, raw["versions"]))
    versions, used = [], set()
    for row in raw["versions"]:
        for name in row["criteria"]:
            used.add(name)
            if name not in {entry["id"] for entry in raw["criteria"]}:
                problems.append(f"{code}: version {row['valid_from']} names the unknown criterion {name!r}")
        own = source(row.get("source", first), f"version {row['valid_from']}")
        versions.append(
            Version(
                date.fromisoformat(row["valid_from"]),
                _day(row.get("valid_to")),
                own,
                tuple(criteria[name] for name in row["criteria"] if name in criteria),
                tuple(
                    Amount(
                        a["baht"],
                        a["per"],
                        a.get("up_to", False),
                        a.get("certainty", own.certainty),
                        a.get("when"),
                        a.get("note_th", ""),
                        a.get("note_en", ""),
                    )
                    for a in row["amounts"]
                ),
            )
        )
    problems.extend(
        f"{code}: criterion {name} is used by no version" for name in criteria if name not in used
    )
    return Programme(
        code=code,
        name_th=raw["name_th"],
        name_en=raw["name_en"],
        agency_th=raw["agency"]["th"],
        agency_en=raw["agency"]["en"],
        kind=raw["kind"],
        scope=raw.get("scope", "PERSON"),
        deceased=raw.get("deceased", "NO"),
        documents=tuple(raw["documents"]),
        apply_th=raw["apply"]["th"],
        apply_en=raw["apply"]["en"],
        note_th=raw.get("note", {}).get("th", ""),
        note_en=raw.get("note", {}).get("en", ""),
        certainty=versions[-1].source.certainty,
        signed_off=raw.get("signed_off"),
        versions=tuple(versions),
    )


def schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of a programme file."""
    found: dict[str, Any] = json.loads((DATA / "programme.schema.json").read_text(encoding="utf-8"))
    return found


def build(files: Mapping[str, dict[str, Any]], common: Mapping[str, Any]) -> Catalogue:
    """A catalogue from programme data by file name and the shared criteria and definitions.

    Raises CatalogueError with every problem found.
    """
    validator = Draft202012Validator(schema())
    problems: list[str] = []
    programmes: list[Programme] = []
    seen: dict[str, str] = {}
    for name, raw in sorted(files.items()):
        faults = sorted(validator.iter_errors(raw), key=lambda e: list(map(str, e.absolute_path)))
        if faults:
            problems += [f"{name}: /{'/'.join(map(str, f.absolute_path))}: {f.message}" for f in faults]
            continue
        if impossible := _impossible_days(raw):
            problems += [f"{name}: {raw['code']}: {day} is no day of the calendar" for day in impossible]
            continue
        if raw["code"] in seen:
            problems.append(f"{name}: code {raw['code']} is already in {seen[raw['code']]}")
        seen[raw["code"]] = name
        programmes.append(_programme(raw, common.get("criteria", {}), problems))
    catalogue = Catalogue(tuple(sorted(programmes, key=lambda p: p.code)), common.get("definitions", {}))
    for name in catalogue.definitions:
        try:
            compile_rule({"use": name}, expressions=Expressions(), definitions=catalogue.definitions)
        except RuleError as error:
            problems.append(f"definition {name}: {error}")
    if not problems:
        for start in sorted({v.valid_from for p in catalogue.programmes for v in p.versions}):
            try:
                catalogue.rules(start)
            except CatalogueError as error:
                problems += [p for p in error.problems if p not in problems]
    if problems:
        raise CatalogueError(problems)
    return catalogue


def load(folder: Path = DATA) -> Catalogue:
    """The catalogue in a folder: `common.json` and `programmes/*.json`. Raises CatalogueError."""
    files, problems = {}, []
    for path in sorted((folder / "programmes").glob("*.json")):
        try:
            files[path.name] = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            problems.append(f"{path.name}: not JSON: {error}")
    if problems:
        raise CatalogueError(problems)
    return build(files, json.loads((folder / "common.json").read_text(encoding="utf-8")))


@cache
def default() -> Catalogue:
    """The built-in catalogue, read once in a process."""
    return load()

"""Choosing units is a pure decision with reasons: a table of situations."""

from __future__ import annotations

import pytest

from esshelpme.dispatch.choose import Candidate, choose


def unit(code: str, km: float, **fields: object) -> Candidate:
    values = {
        "unit_id": hash(code) % 10_000,
        "code": code,
        "distance_km": km,
        "answers_for_area": False,
        **fields,
    }
    return Candidate(**values)  # type: ignore[arg-type]


TABLE = [
    (
        "the nearest able ones, three at once",
        [unit("D", 9), unit("A", 1), unit("C", 3), unit("B", 2)],
        False,
        ["A", "B", "C"],
    ),
    (
        "who answers for the area comes first, whatever the distance",
        [unit("NEAR", 1), unit("STATION", 14, answers_for_area=True, within_radius=False)],
        False,
        ["STATION", "NEAR"],
    ),
    (
        "of those who answer for the area the nearest first",
        [unit("PROVINCE", 40, answers_for_area=True), unit("STATION", 5, answers_for_area=True)],
        False,
        ["STATION", "PROVINCE"],
    ),
    (
        "beyond its radius only when nobody else is left",
        [unit("FAR", 50, within_radius=False), unit("NEAR", 20)],
        False,
        ["NEAR"],
    ),
    ("nobody else is left", [unit("FAR", 50, within_radius=False)], False, ["FAR"]),
    (
        "an island's own units before any across the water, and roads never over it while boats are left",
        [
            unit("ROAD", 8, same_island=False),
            unit("BOAT", 12, same_island=False, reach="BOAT"),
            unit("ISLAND", 20),
            unit("STATION", 10, same_island=False, answers_for_area=True),
        ],
        True,
        ["ISLAND", "BOAT", "ROAD"],
    ),
    ("nobody to reach is passed over", [unit("MUTE", 1, reachable=False), unit("B", 2)], False, ["B"]),
    ("nobody at all", [], False, []),
]


@pytest.mark.parametrize(
    ("why", "candidates", "across_water", "expected"), TABLE, ids=[row[0] for row in TABLE]
)
def test_who_is_asked(why: str, candidates: list[Candidate], across_water: bool, expected: list[str]) -> None:
    choice = choose(candidates, size=3, across_water=across_water)
    assert [chosen.candidate.code for chosen in choice.ring] == expected
    assert all(chosen.reasons for chosen in choice.ring)
    told = {code for code, _ in choice.refused} | set(expected)
    assert told == {candidate.code for candidate in candidates}


def test_who_was_asked_before_is_not_asked_again() -> None:
    first, second = unit("A", 1), unit("B", 2)
    choice = choose([first, second], size=3, already=frozenset({first.unit_id}))
    assert [chosen.candidate.code for chosen in choice.ring] == ["B"]
    assert choice.refused == (("A", "OFFERED_BEFORE"),)

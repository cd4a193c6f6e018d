"""The rights of hand-made households, as a table: who gets which answer, with which amount, by which law."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from esshelpme.rights.catalogue import default
from esshelpme.rights.check import check_rights

HOUSEHOLDS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "households.json").read_text(encoding="utf-8")
)["households"]


def test_there_are_at_least_forty() -> None:
    assert len(HOUSEHOLDS) >= 40


def test_every_programme_is_judged_in_some_household() -> None:
    judged = {row[1] for household in HOUSEHOLDS for row in household["expect"]}
    missing = {p.code for p in default().programmes} - judged
    assert missing == {"AIDS_ALLOWANCE"}, "asks nothing, so that no household shows more than MAYBE"


@pytest.mark.parametrize("household", HOUSEHOLDS, ids=[h["name"] for h in HOUSEHOLDS])
def test_household(household: dict[str, Any]) -> None:
    items = check_rights({**household["request"], "on": household["on"]}, on=date(2026, 11, 24))
    found = {(item["person"], item["programme"]): item for item in items}
    assert len(found) == len(items), "at most one item per programme and person"
    for person, programme, verdict, amount, law, *missing in household["expect"]:
        item = found[person, programme]
        assert item["verdict"] == verdict, item
        shown = item.get("amount")
        assert (f"{shown['baht']} {shown['per']}" if shown else None) == amount
        assert any(law in criterion["source"] for criterion in item["criteria"]), item["criteria"]
        if missing:
            assert item["missing"] == missing[0]

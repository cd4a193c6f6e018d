"""The examples are sound, the model is small and plain, and training gives the same bytes each time."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter

import pytest

from esshelpme.triage import examples as data
from esshelpme.triage import report, rules
from esshelpme.triage.model import MODEL_FILE, parse
from esshelpme.triage.reading import FIVE, read
from esshelpme.triage.signs import signs


def test_at_least_1500_examples_and_none_twice() -> None:
    texts = Counter(example.text for example in data.examples())
    assert len(texts) >= 1500
    assert max(texts.values()) == 1
    assert len({example.id for example in data.examples()}) == len(data.examples())


def test_untouched_writers_are_not_trained_on() -> None:
    assert {example.writer for example in data.untouched()} == set(data.TEST_WRITERS)
    assert not {example.writer for example in data.training()} & set(data.TEST_WRITERS)


def test_labels_agree_with_each_other() -> None:
    for example in data.examples():
        assert example.kind in data.KINDS, example
        assert example.urgency in data.URGENCIES, example
        assert example.emergency == (example.kind != "OTHER" or example.urgency == "now"), example
        assert example.handover in (None, "199", "1669", "1323", "191", "1300"), example
        assert example.handover is None or example.kind == "OTHER", example
        assert example.handover or not (example.kind == "OTHER" and example.emergency), example


def test_model_is_small_text_that_needs_no_library() -> None:
    assert MODEL_FILE.stat().st_size <= 3_000_000
    code = "import sys; from esshelpme import triage; triage.read('ช่วยด้วย'); print(*sorted(sys.modules))"
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"numpy", "scipy", "sklearn", "pythainlp", "django", "pickle"} & set(found)


def test_model_of_another_format_is_refused() -> None:
    with pytest.raises(ValueError, match="format 99"):
        parse('{"format": 99}')


def test_model_with_missing_weights_is_refused() -> None:
    broken = '{"format":1,"threshold":0.5,"scale":1.0,"heads":{"emergency":{"classes":["yes"],"bias":[0.0]}},'
    with pytest.raises(ValueError, match="1 pieces but 0 weights"):
        parse(broken + '"idf":"","weights":"","pieces":["กข"]}')


def test_training_twice_gives_the_same_bytes() -> None:
    train = pytest.importorskip("esshelpme.triage.train", reason="training needs scikit-learn")
    some = data.training()[::9]
    assert train.learn(some, 0.3) == train.learn(some, 0.3)


def test_every_sign_that_a_rule_asks_for_exists() -> None:
    named = {
        *rules.KIND_SIGNS,
        *rules.HARMLESS,
        *(sign for sign, _ in rules.HANDOVERS),
        *rules.HARMLESS_KINDS,
    }
    assert named <= {sign.name for sign in signs()}


def test_figures_on_untouched_writers_do_not_fall() -> None:
    pairs = [(example, read(example.text)) for example in data.untouched()]
    figures = [part.part / part.whole for _, _, part in report.headline(pairs)]
    recognised, right, alarms = figures[:3]
    assert recognised >= 0.96
    assert right >= 0.85
    assert alarms <= 0.08
    assert sum(report.confusion(pairs)[kind].total() for kind in FIVE) == figures_of_five(pairs)


def figures_of_five(pairs: list[report.Pair]) -> int:
    return sum(report.is_five(pair) for pair in pairs)


def test_the_page_shows_the_committed_model() -> None:
    assert report.PAGE.read_text(encoding="utf-8") == report.page(), "run python -m esshelpme.triage.report"

"""Measure the committed model on writers nobody trained on.

`python -m esshelpme.triage.report` writes docs/triage.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from esshelpme.triage import examples as data
from esshelpme.triage.examples import Example
from esshelpme.triage.model import MODEL_FILE, model
from esshelpme.triage.reading import FIVE, Reading, read

PAGE = Path(__file__).parents[3] / "docs" / "triage.md"
TEXT = Path(__file__).parent / "data" / "report.md"
Pair = tuple[Example, Reading]
NOT_SEEN, NOT_TOLD = "no emergency", "not told"
COLUMNS = (*FIVE, "OTHER", NOT_TOLD, NOT_SEEN)


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    part: int
    whole: int

    def __str__(self) -> str:
        return f"{self.part} of {self.whole} ({self.part / self.whole:.1%})" if self.whole else "none"


def share(pairs: Iterable[Pair], of: Callable[[Pair], bool], is_so: Callable[[Pair], bool]) -> Share:
    """How many of those that `of` picks are so."""
    picked = [pair for pair in pairs if of(pair)]
    return Share(sum(is_so(pair) for pair in picked), len(picked))


def is_five(pair: Pair) -> bool:
    """One of the five kinds, by its label."""
    return pair[0].kind in FIVE


def is_quiet(pair: Pair) -> bool:
    """No emergency, by its label."""
    return not pair[0].emergency


def seen(pair: Pair) -> bool:
    """Read as an emergency."""
    return pair[1].emergency


def answer(reading: Reading) -> str:
    """The column of the confusion matrix."""
    if not reading.emergency:
        return NOT_SEEN
    return reading.kind or NOT_TOLD


def confusion(pairs: Sequence[Pair]) -> dict[str, Counter[str]]:
    """Rows by label (quiet OTHER apart from urgent OTHER), columns by answer."""
    rows: dict[str, Counter[str]] = {
        name: Counter() for name in (*FIVE, "UNKNOWN", "OTHER, urgent", "OTHER, quiet")
    }
    for example, reading in pairs:
        label = example.kind
        if label == "OTHER":
            label = "OTHER, urgent" if example.emergency else "OTHER, quiet"
        rows[label][answer(reading)] += 1
    return rows


def headline(pairs: Sequence[Pair]) -> list[tuple[str, str, Share]]:
    """The figures that have goals, and those beside them: name, goal, share."""
    return [
        ("emergencies of the five kinds recognised", "≥ 97 %", share(pairs, is_five, seen)),
        ("kind right (recognised, and as the right kind)", "≥ 85 %",
         share(pairs, is_five, lambda pair: seen(pair) and pair[1].kind == pair[0].kind)),
        ("false alarms among texts without an emergency", "≤ 5 %", share(pairs, is_quiet, seen)),
        ("bare and veiled calls recognised", "", share(pairs, lambda pair: pair[0].kind == "UNKNOWN", seen)),
        ("urgent, none of the five kinds: not met by silence", "",
         share(pairs, lambda pair: pair[0].kind == "OTHER" and pair[0].emergency,
               lambda pair: seen(pair) or pair[1].handover is not None)),
        ("urgent, none of the five kinds: right number", "",
         share(pairs, lambda pair: pair[0].kind == "OTHER" and pair[0].emergency,
               lambda pair: pair[1].handover == pair[0].handover)),
        ("urgency right, five kinds", "", share(pairs, is_five, lambda pair: pair[1].urgency ==
        pair[0].urgency)),
    ]  # fmt: skip


def precision_and_recall(pairs: Sequence[Pair]) -> list[tuple[str, Share, Share]]:
    """For each kind and flag: its name, precision, recall."""
    says: dict[str, tuple[Callable[[Pair], bool], Callable[[Pair], bool]]] = {
        kind: (partial(_read_as, kind), partial(_labelled, kind)) for kind in FIVE
    }
    says |= {
        flag: (partial(_flag, 1, flag), partial(_flag, 0, flag)) for flag in ("weapon", "child", "discreet")
    }
    return [
        (name, share(pairs, answered, labelled), share(pairs, labelled, answered))
        for name, (answered, labelled) in says.items()
    ]


def _read_as(kind: str, pair: Pair) -> bool:
    return seen(pair) and pair[1].kind == kind


def _labelled(kind: str, pair: Pair) -> bool:
    return pair[0].kind == kind


def _flag(side: int, flag: str, pair: Pair) -> bool:
    return bool(getattr(pair[side], flag))


def tables(pairs: Sequence[Pair]) -> str:
    """The figures as Markdown."""
    lines = ["| figure | goal | untouched writers |", "|---|---|---|"]
    lines += [f"| {name} | {goal} | {part} |" for name, goal, part in headline(pairs)]
    lines += ["", "| answer | precision | recall |", "|---|---|---|"]
    lines += [
        f"| {name} | {precision} | {recall} |" for name, precision, recall in precision_and_recall(pairs)
    ]
    lines += ["", "Confusion matrix: a row is the label, a column what was read.", ""]
    lines += ["| | " + " | ".join(COLUMNS) + " |", "|---|" + "---:|" * len(COLUMNS)]
    for label, row in confusion(pairs).items():
        lines.append(f"| {label} | " + " | ".join(str(row[column] or "·") for column in COLUMNS) + " |")
    lines += [
        "",
        "| writer | texts | emergencies recognised | kind right | false alarms |",
        "|---|---:|---|---|---|",
    ]
    for writer in sorted(data.TEST_WRITERS):
        own = [pair for pair in pairs if pair[0].writer == writer]
        figures = headline(own)
        lines.append(
            f"| {writer} | {len(own)} | " + " | ".join(str(figures[place][2]) for place in range(3)) + " |"
        )
    return "\n".join(lines)


def page() -> str:
    """The whole page: the words of data/report.md with the figures in their places."""
    pairs = [(example, read(example.text, example.lang)) for example in data.untouched()]
    languages = Counter(example.lang for example in data.examples())
    text = TEXT.read_text(encoding="utf-8")
    places = {
        "examples": f"{len(data.examples()):,}",
        "training": f"{len(data.training()):,}",
        "untouched": f"{len(pairs)}",
        "writers": str(len({example.writer for example in data.examples()})),
        "test_writers": ", ".join(sorted(data.TEST_WRITERS)),
        "languages": ", ".join(f"{name} {count:,}" for name, count in languages.most_common()),
        "threshold": str(model().threshold),
        "pieces": f"{len(model().rows):,}",
        "size": f"{MODEL_FILE.stat().st_size / 1e6:.1f}",
        "tables": tables(pairs),
    }
    for name, value in places.items():
        text = text.replace("{" + name + "}", value)
    return text


def main() -> None:
    """Write docs/triage.md."""
    PAGE.write_text(page(), encoding="utf-8")
    print(PAGE)  # noqa: T201  # a command's answer


if __name__ == "__main__":
    main()

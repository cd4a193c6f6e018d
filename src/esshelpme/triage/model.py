"""The model at work: sums of small whole numbers read from `data/model.json`.

Needs nothing but the standard library.

The file holds, for each piece of text (see features.py), one signed byte for each column; a column is
one answer of
one head ("kind" has eight). A score is bias + scale × (sum over the pieces ÷ their length + sum over
the signs).
Whoever wants to know why reads the columns of the pieces found: `Scores.because`.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from pathlib import Path

MODEL_FILE = Path(__file__).parent / "data" / "model.json"
FORMAT = 1
#: idf is stored in steps of 1/IDF_STEPS in one byte.
IDF_STEPS = 25
#: How much the pieces of a text weigh together, and one sign: the text's pieces form a vector of this length.
PIECES_LENGTH, SIGN_VALUE = 3.0, 0.5


@dataclass(frozen=True, slots=True)
class Head:
    """One question with its answers. One class only: yes or no."""

    name: str
    classes: tuple[str, ...]
    first: int
    bias: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Scores:
    """Probabilities of every head's answers, and the pieces that speak most for an emergency."""

    probability: Mapping[str, Mapping[str, float]]
    because: tuple[str, ...]

    def yes(self, head: str) -> float:
        """Probability of yes of a head with one class."""
        return self.probability[head]["yes"]


@dataclass(frozen=True, slots=True)
class Model:
    """Everything of the file, ready to score."""

    heads: tuple[Head, ...]
    width: int
    scale: float
    rows: Mapping[str, memoryview]
    idf: Mapping[str, int]
    emergency_column: int
    threshold: float

    def scores(self, found: Iterable[str]) -> Scores:
        """Score a set of features. Features the model never saw count nothing."""
        signs, pieces, length = [], [], 0
        for feature in found:
            row = self.rows.get(feature)
            if row is None:
                continue
            if feature[0] == "@":
                signs.append(row)
            else:
                pieces.append((row[self.emergency_column], feature, row))
                length += self.idf[feature] ** 2
        norm = PIECES_LENGTH * IDF_STEPS / math.sqrt(length) if length else 0.0
        nothing = [0] * self.width
        from_pieces = list(map(sum, zip(*(row for _, _, row in pieces), strict=True))) or nothing
        from_signs = list(map(sum, zip(*signs, strict=True))) or nothing
        sums = [
            self.scale * (norm * a + SIGN_VALUE * b) for a, b in zip(from_pieces, from_signs, strict=True)
        ]
        probability = {head.name: _probabilities(head, sums) for head in self.heads}
        return Scores(probability, _strongest(pieces))


def _probabilities(head: Head, sums: list[float]) -> dict[str, float]:
    values = [bias + sums[head.first + place] for place, bias in enumerate(head.bias)]
    if len(values) == 1:
        return {"yes": 1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, values[0]))))}
    top = max(values)
    powers = [math.exp(value - top) for value in values]
    total = sum(powers)
    return {name: power / total for name, power in zip(head.classes, powers, strict=True)}


def _strongest(pieces: list[tuple[int, str, memoryview]], most: int = 3) -> tuple[str, ...]:
    """The pieces that speak loudest for an emergency, none inside another."""
    chosen: list[str] = []
    for weight, piece, _ in sorted(pieces, key=itemgetter(0, 1), reverse=True)[: most * 6]:
        if weight > 0 and not any(piece in other or other in piece for other in chosen):
            chosen.append(piece)
        if len(chosen) == most:
            break
    return tuple(chosen)


@lru_cache(maxsize=1)
def model() -> Model:
    """The committed model. Raises `ValueError` when the file is of another format."""
    return parse(MODEL_FILE.read_text(encoding="utf-8"))


def parse(text: str) -> Model:
    """A model from the text of its file."""
    table = json.loads(text)
    if table.get("format") != FORMAT:
        raise ValueError(f"{MODEL_FILE.name}: format {table.get('format')!r}, this program reads {FORMAT}")
    heads, column = [], 0
    for name, entry in table["heads"].items():
        heads.append(Head(name, tuple(entry["classes"]), column, tuple(entry["bias"])))
        column += len(entry["bias"])
    weights = memoryview(base64.b64decode(table["weights"])).cast("b")
    idf = base64.b64decode(table["idf"])
    names = table["pieces"]
    if len(weights) != len(names) * column or len(idf) != len(names):
        raise ValueError(
            f"{MODEL_FILE.name}: {len(names)} pieces but {len(weights)} weights and {len(idf)} idf values"
        )
    rows = {name: weights[place * column : (place + 1) * column] for place, name in enumerate(names)}
    first = {head.name: head.first for head in heads}
    return Model(
        heads=tuple(heads),
        width=column,
        scale=table["scale"],
        rows=rows,
        idf=dict(zip(names, idf, strict=True)),
        emergency_column=first["emergency"],
        threshold=table["threshold"],
    )

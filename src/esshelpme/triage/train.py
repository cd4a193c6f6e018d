"""Make `data/model.json` from the examples: `python -m esshelpme.triage.train`.

This needs scikit-learn; using the model does not.

Logistic regression for every question (heads below) over the same features. The threshold for an
emergency is the
highest that keeps the wanted recall on writers the model was not trained on: each is left out once.
Writers of
`examples.TEST_WRITERS` are never looked at. The same examples and signs give the same bytes.
"""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_matrix  # type: ignore[import-untyped]  # ships no types
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # ships no types

from esshelpme.triage import examples as data
from esshelpme.triage.examples import Example
from esshelpme.triage.features import pieces
from esshelpme.triage.model import FORMAT, IDF_STEPS, MODEL_FILE, PIECES_LENGTH, SIGN_VALUE, Model, parse
from esshelpme.triage.normal import normalise
from esshelpme.triage.reading import decide
from esshelpme.triage.signs import signs_in

#: A piece must stand in this many examples to be learnt.
RAREST = 2
#: Inverse strength of regularisation of the logistic regressions.
FREEDOM = 10.0
#: Share of left-out emergencies of the five kinds that the threshold must keep.
WANTED_RECALL = 0.97
#: Writers are left out in this many groups when the threshold is looked for.
FOLDS = 5
CANDIDATES = tuple(round(0.15 + 0.01 * step, 2) for step in range(46))

_YES_NO = ("yes",)


def _kind(example: Example) -> str:
    return "OTHER_NOW" if example.kind == "OTHER" and example.urgency == "now" else example.kind


#: The questions, each with how an example answers it.
HEADS: dict[str, Callable[[Example], str]] = {
    "emergency": lambda example: str(example.emergency),
    "kind": _kind,
    "urgency": lambda example: example.urgency,
    "weapon": lambda example: str(example.weapon),
    "child": lambda example: str(example.child),
    "discreet": lambda example: str(example.discreet),
    "handover": lambda example: example.handover or "none",
}


def features(text: str) -> set[str]:
    """The features of a raw text, as `reading.read` sees them."""
    plain = normalise(text)
    return pieces(plain, signs_in(plain))


@dataclass(frozen=True)
class Vocabulary:
    """The pieces that are learnt, in order, with their idf in steps of 1/IDF_STEPS."""

    place: dict[str, int]
    idf: np.ndarray
    is_sign: np.ndarray

    @classmethod
    def of(cls, found: Sequence[set[str]]) -> Vocabulary:
        """Build from the feature sets of the training examples."""
        count = Counter(feature for features_ in found for feature in features_)
        names = sorted(name for name, times in count.items() if times >= RAREST)
        idf = [1.0 + np.log((1 + len(found)) / (1 + count[name])) for name in names]
        steps = np.clip(np.rint(np.array(idf) * IDF_STEPS), 1, 255).astype(np.uint8)
        signs = np.array([name[0] == "@" for name in names])
        return cls({name: place for place, name in enumerate(names)}, steps, signs)

    def matrix(self, found: Sequence[set[str]]) -> csr_matrix:
        """Rows of texts: signs count SIGN_VALUE each, the pieces form a vector of length PIECES_LENGTH."""
        indices: list[int] = []
        values: list[np.ndarray] = []
        ends = [0]
        for features_ in found:
            places = sorted(self.place[name] for name in features_ if name in self.place)
            signs = self.is_sign[places]
            value = np.where(signs, 0.0, self.idf[places].astype(float))
            length = np.sqrt((value**2).sum()) or 1.0
            values.append(np.where(signs, SIGN_VALUE, value * PIECES_LENGTH / length))
            indices.extend(places)
            ends.append(len(indices))
        return csr_matrix((np.concatenate(values), indices, ends), shape=(len(found), len(self.place)))


def _fit(rows: csr_matrix, answers: Sequence[str]) -> LogisticRegression:
    return LogisticRegression(C=FREEDOM, max_iter=500).fit(rows, np.array(answers))


def threshold(labelled: Sequence[Example]) -> float:
    """The highest threshold that keeps WANTED_RECALL of the five kinds among writers that were left out.

    The whole reading is measured, rules included, not the model alone.
    """
    writers = sorted({example.writer for example in labelled})
    read: list[tuple[str, Model]] = []
    for fold in range(FOLDS):
        out = set(writers[fold::FOLDS])
        without = parse(learn([example for example in labelled if example.writer not in out], CANDIDATES[0]))
        read.extend(
            (normalise(example.text), without)
            for example in labelled
            if example.writer in out and example.kind in data.KINDS[:5]
        )
    kept = CANDIDATES[0]
    for candidate in CANDIDATES:
        seen = sum(decide(text, replace(model, threshold=candidate)).emergency for text, model in read)
        if seen < WANTED_RECALL * len(read):
            break
        kept = candidate
    return kept


def train(labelled: Sequence[Example]) -> str:
    """The text of a model file learnt from these examples, with its threshold."""
    return learn(labelled, threshold(labelled))


def learn(labelled: Sequence[Example], at: float) -> str:
    """The text of a model file learnt from these examples, with a given threshold."""
    found = [features(example.text) for example in labelled]
    vocabulary = Vocabulary.of(found)
    rows = vocabulary.matrix(found)
    heads: dict[str, dict[str, list[str] | list[float]]] = {}
    columns = []
    for name, answer in HEADS.items():
        fitted = _fit(rows, [answer(example) for example in labelled])
        classes = list(_YES_NO) if len(fitted.classes_) == 2 else [str(name) for name in fitted.classes_]
        heads[name] = {"classes": classes, "bias": [round(float(bias), 4) for bias in fitted.intercept_]}
        columns.append(fitted.coef_)
    weights = np.concatenate(columns).T
    # A piece's idf is part of its weight, so that using the model needs sums only.
    weights = np.where(vocabulary.is_sign[:, None], weights, weights * vocabulary.idf[:, None] / IDF_STEPS)
    scale = float(np.quantile(np.abs(weights).max(axis=1), 0.9995) / 127)
    small = np.clip(np.rint(weights / scale), -127, 127).astype(np.int8)
    names = list(vocabulary.place)
    table = {
        "format": FORMAT,
        "threshold": at,
        "scale": round(scale, 8),
        "heads": heads,
        "idf": base64.b64encode(vocabulary.idf.tobytes()).decode("ascii"),
        "weights": base64.b64encode(small.tobytes()).decode("ascii"),
        "pieces": names,
    }
    text = json.dumps(table, ensure_ascii=False, separators=(",", ":")) + "\n"
    parse(text)
    return text


def main() -> None:
    """Train on everything but the test writers and write the model file."""
    with threadpool_limits(
        limits=1
    ):  # the order of sums, and so the last bits, must not depend on the machine's cores
        text = train(data.training())
    MODEL_FILE.write_text(text, encoding="utf-8")
    table = json.loads(text)
    about = f"{len(table['pieces'])} pieces, {len(text.encode())} bytes, threshold {table['threshold']}"
    print(f"{MODEL_FILE}: {about}")  # noqa: T201  # a command's answer


if __name__ == "__main__":
    main()

"""Make `data/model.json` from the examples: `python -m esshelpme.triage.train`. Needs scikit-learn; using does not.

Logistic regression for every question (heads below) over the same features. The threshold for an emergency is the
one that keeps the wanted recall on writers the model was not trained on: each writer is left out once. Writers of
`examples.TEST_WRITERS` are never looked at. The same examples and signs give the same bytes.
"""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from esshelpme.triage import examples as data
from esshelpme.triage.examples import Example
from esshelpme.triage.features import pieces
from esshelpme.triage.model import FORMAT, IDF_STEPS, MODEL_FILE, PIECES_LENGTH, SIGN_VALUE, parse
from esshelpme.triage.normal import normalise
from esshelpme.triage.signs import signs_in

#: A piece must stand in this many examples to be learnt.
RAREST = 2
#: Inverse strength of regularisation of the logistic regressions.
FREEDOM = 10.0
#: Share of left-out emergencies of the five kinds that the threshold must keep.
WANTED_RECALL = 0.97

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


def probability_of_emergency(emergency: float, other: float) -> float:
    """Two witnesses, one question: the yes/no head, and whatever the kind head does not give to quiet OTHER."""
    return (emergency + 1.0 - other) / 2.0


def threshold(found: Sequence[set[str]], labelled: Sequence[Example]) -> float:
    """The highest threshold that keeps WANTED_RECALL of the five kinds when each writer is left out in turn."""
    writers = np.array([example.writer for example in labelled])
    kept = []
    for writer in sorted(set(writers)):
        out = writers == writer
        seen = [features_ for features_, left in zip(found, out, strict=True) if not left]
        vocabulary = Vocabulary.of(seen)
        rows = vocabulary.matrix(seen)
        known = [example for example, left in zip(labelled, out, strict=True) if not left]
        asked = [
            (features_, example)
            for features_, example, left in zip(found, labelled, out, strict=True)
            if left and example.kind in data.KINDS[:5]
        ]
        if not asked:
            continue
        tests = vocabulary.matrix([features_ for features_, _ in asked])
        yes = _fit(rows, [HEADS["emergency"](example) for example in known])
        kind = _fit(rows, [HEADS["kind"](example) for example in known])
        p_yes = yes.predict_proba(tests)[:, 1]
        p_other = kind.predict_proba(tests)[:, list(kind.classes_).index("OTHER")]
        kept.extend(probability_of_emergency(a, b) for a, b in zip(p_yes, p_other, strict=True))
    return float(np.floor(np.quantile(kept, 1.0 - WANTED_RECALL) * 100) / 100)


def train(labelled: Sequence[Example]) -> str:
    """The text of a model file learnt from these examples."""
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
        "threshold": threshold(found, labelled),
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
    with threadpool_limits(limits=1):  # the order of sums, and so the last bits, must not depend on the machine's cores
        text = train(data.training())
    MODEL_FILE.write_text(text, encoding="utf-8")
    table = json.loads(text)
    print(f"{MODEL_FILE}: {len(table['pieces'])} pieces, {len(text.encode())} bytes, threshold {table['threshold']}")


if __name__ == "__main__":
    main()

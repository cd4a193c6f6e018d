"""Reading texts: messages a second and p50, p99 of one message.

Beside it the cheapest thing that looks at a whole text: making it equal to texts that look alike.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from statistics import quantiles
from typing import Final

from esshelpme.cli.bench.results import BenchResult, Figure
from esshelpme.triage.examples import examples
from esshelpme.triage.normal import normalise
from esshelpme.triage.reading import read

_ROUNDS: Final = 3
_TARGET_MS: Final = 20.0


def run() -> BenchResult:
    """Texts a second and milliseconds a text over all examples; seconds to import and read the first text."""
    texts = [example.text for example in examples()]
    longest = "ช่วยด้วย เขาถือมีด " * 300
    read(texts[0])
    reading = _times(read, texts)
    alone = _times(normalise, texts)
    long_ones = _times(read, [longest] * 50)
    figures = [
        Figure("read", 1000 * len(reading) / sum(reading), "texts/s", 1000 * len(alone) / sum(alone)),
        Figure("read, p50", quantiles(reading, n=100)[49], "ms", quantiles(alone, n=100)[49]),
        Figure("read, p99", quantiles(reading, n=100)[98], "ms", quantiles(alone, n=100)[98]),
        Figure(f"read {len(longest):,} characters, p99", quantiles(long_ones, n=100)[98], "ms"),
        Figure("import and first text in a new process", _first(), "ms", _first("")),
    ]
    notes = [
        f"{len(texts):,} messages, {_ROUNDS} rounds; limit: normalising alone",
        f"target: {_TARGET_MS:g} ms a text",
    ]
    return BenchResult("triage", figures, notes)


def _times(action: Callable[[str], object], texts: Sequence[str]) -> list[float]:
    """Milliseconds of each call."""
    found = []
    for _ in range(_ROUNDS):
        for text in texts:
            started = time.perf_counter()
            action(text)
            found.append(1000 * (time.perf_counter() - started))
    return found


def _first(code: str = "from esshelpme import triage; triage.read('ช่วยด้วย')") -> float:
    """Milliseconds of a new process that runs the code."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return 1000 * (time.perf_counter() - started)

"""What a benchmark gives back, and how it is shown.

Figures, each beside its limit measured in the same run.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Figure:
    """One measured number.

    `limit`: what it is measured against, in the same unit; `ratio` is value by limit.
    """

    metric: str
    value: float
    unit: str
    limit: float | None = None

    @property
    def ratio(self) -> float | None:
        """Value by limit; None without a limit."""
        return None if not self.limit else self.value / self.limit

    def as_json(self) -> dict[str, Any]:
        """The shape that `--json` prints."""
        shown: dict[str, Any] = {"metric": self.metric, "value": _short(self.value), "unit": self.unit}
        if self.limit is not None:
            shown["limit"] = _short(self.limit)
        if self.ratio is not None:
            shown["ratio"] = round(self.ratio, 3)
        return shown


@dataclass(frozen=True)
class BenchResult:
    """All figures of one benchmark; `notes` are for people (an EXPLAIN, what held it back)."""

    name: str
    figures: list[Figure]
    notes: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The shape that `--json` prints: name, machine, figures."""
        return {
            "name": self.name,
            "machine": {"cores": os.cpu_count() or 1},
            "figures": [figure.as_json() for figure in self.figures],
        }

    def as_text(self) -> str:
        """A table for people."""
        lines = [f"{self.name} ({os.cpu_count() or 1} cores)"]
        width = max((len(figure.metric) for figure in self.figures), default=0)
        for figure in self.figures:
            line = f"  {figure.metric:<{width}}  {_short(figure.value):>12,} {figure.unit}"
            if figure.limit is not None:
                line += f"   limit {_short(figure.limit):,} {figure.unit}"
            if figure.ratio is not None:
                line += f"   ratio {figure.ratio:.2f}"
            lines.append(line)
        return "\n".join([*lines, *(f"  {line}" for note in self.notes for line in note.splitlines())])


def _short(value: float) -> float:
    """Four significant digits or all before the point, so that noise does not pose as precision."""
    return round(value) if abs(value) >= 1000 else float(f"{value:.4g}")

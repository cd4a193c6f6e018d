"""Figures are shown with their limit and ratio, in the shape that is promised."""

from __future__ import annotations

from esshelpme.cli.bench.results import BenchResult, Figure


def test_a_result_in_json() -> None:
    result = BenchResult(
        "webhook", [Figure("throughput", 8123.456, "1/s", limit=6400.0), Figure("p99", 4.56789, "ms")]
    )
    shown = result.as_json()
    assert shown["name"] == "webhook"
    assert shown["machine"]["cores"] >= 1
    assert shown["figures"] == [
        {"metric": "throughput", "value": 8123, "unit": "1/s", "limit": 6400, "ratio": 1.269},
        {"metric": "p99", "value": 4.568, "unit": "ms"},
    ]


def test_a_result_for_people() -> None:
    result = BenchResult(
        "board", [Figure("p99", 12.0, "ms", limit=50.0)], notes=["Index Scan\n  on incident"]
    )
    text = result.as_text()
    assert "limit 50.0 ms" in text
    assert "ratio 0.24" in text
    assert "on incident" in text

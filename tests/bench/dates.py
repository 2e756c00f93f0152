"""(e) `replay` against `assess` for each of its dates."""

import tempfile
from datetime import timedelta
from pathlib import Path

from machine import DAY, drawdown

NUMBER, EVERY = 6, 7


def table() -> list[str]:
    """Seconds of both, quick."""
    days = [DAY + timedelta(days=EVERY * n) for n in range(NUMBER)]
    with tempfile.TemporaryDirectory() as scratch:
        span = ["--from", days[0].isoformat(), "--to", days[-1].isoformat(), "--every", str(EVERY)]
        whole = drawdown(
            "replay", "evidence/syria-2024", *span, "--quick", "--out", str(Path(scratch) / "replay")
        )
        single = [
            drawdown(
                *("assess", "evidence/syria-2024", "--as-of", day.isoformat(), "--quick"),
                *("--out", str(Path(scratch) / day.isoformat())),
            )
            for day in days
        ]
    wall, work = sum(t.wall for t in single), sum(t.processor for t in single)
    return [
        f"| {NUMBER} dates, `--quick` | seconds | processor | a date |",
        "| --- | --- | --- | --- |",
        f"| `replay` | {whole.wall:.1f} | {whole.processor:.1f} | {whole.wall / NUMBER:.1f} |",
        f"| `assess` each | {wall:.1f} | {work:.1f} | {wall / NUMBER:.1f} |",
        f"| ratio | {wall / whole.wall:.1f} | {work / whole.processor:.1f} | |",
    ]

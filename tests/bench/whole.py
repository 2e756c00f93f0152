"""(a) Whole runs: `assess --quick` against the plain script, with warm and with empty caches."""

import json
import tempfile
from pathlib import Path

from machine import DAY, ENDING, ROOT, Timed, drawdown, result, run

PLAIN = str(ROOT / "tests" / "bench" / "plain.py")


def table(every: tuple[str, ...] = ("warm", "empty")) -> list[str]:
    """Seconds of each, in turn.

    Parameters
    ----------
    every : tuple of str
        States of the caches: `warm`, `empty`.
    """
    rows = [
        "| run | seconds | processor | P(full exit) | error | to the same error |",
        "| --- " * 6 + "|",
    ]
    with tempfile.TemporaryDirectory() as scratch:
        for caches in every:
            own = {"NUMBA_CACHE_DIR": f"{scratch}/n", "PYTENSOR_FLAGS": f"base_compiledir={scratch}/p"}
            more = own if caches == "empty" else None
            if caches == "warm":
                assess(Path(scratch) / "first", more)
            ours = assess(Path(scratch) / caches, more)
            full = assess(Path(scratch) / f"{caches}-full", more, quick=False) if not more else None
            theirs = plain(more)
            rows += [_row(f"`assess --quick`, {caches} caches", *ours, ours[2])]
            if full:
                rows += [_row("`assess`, warm caches", *full, ours[2])]
            rows += [_row(f"plain script, {caches} caches", *theirs, ours[2])]
            if not more:
                rows += [_row("plain script, after an edit", *plain(more, "edited"), ours[2])]
    return rows


def assess(folder: Path, more: dict[str, str] | None, quick: bool = True) -> tuple[Timed, float, float]:
    """Assess Syria; also P(full exit) and its Monte Carlo error."""
    words = ["--quick"] if quick else []
    timed = drawdown(
        "assess",
        "evidence/syria-2024",
        "--as-of",
        DAY.isoformat(),
        "--out",
        str(folder),
        *words,
        more=more,
    )
    read = json.loads((folder / "assessment.json").read_text(encoding="utf-8"))
    full = read["outcomes"]["full_exit"]
    return timed, full["probability"], full["mcse"]


def plain(more: dict[str, str] | None, *kind: str) -> tuple[Timed, float, float]:
    """Run the plain script; also P(full exit) as a hypothesis and its Monte Carlo error."""
    timed = run(PLAIN, DAY.isoformat(), *kind, more=more)
    [(p, error)] = result(timed)["answers"][ENDING]
    return timed, p, error


def _row(name: str, timed: Timed, p: float, error: float, goal: float) -> str:
    same = timed.wall * max((error / goal) ** 2, 1.0)
    return (
        f"| {name} | {timed.wall:.1f} | {timed.processor:.1f} | {p:.3f} | {error:.4f} | {same:,.0f} s |"
    )

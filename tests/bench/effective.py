"""(b) Effective draws of P(full exit) a second: against the plain script and other samplers."""

import statistics
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from machine import DAY, result, run

HERE = Path(__file__).parent
LIMIT = 600.0
"""Seconds after which a sampler is stopped."""
OURS = "a fit a hypothesis, bridge (`assess`)"
PLAIN, EDITED = "mixture, `pm.sample`, the same run again", "the same, after an edit"
WAYS = {
    OURS: ("ours.py",),
    "the same, `--quick`": ("ours.py", "quick"),
    "the same, three times the proposals": ("ours.py", "sharp"),
    PLAIN: ("plain.py",),
    EDITED: ("plain.py", "edited"),
    "mixture, NumPyro NUTS": ("plain.py", "numpyro"),
    "mixture, `pm.sample_smc`": ("plain.py", "smc"),
}
SEEDS = {"ours.py": 32, "plain.py": 40}


def table() -> list[str]:
    """One run of each way, and then many of two."""
    rows = [
        "| way | P(full exit) of | is | effective draws | whole process | draws a second"
        " | sampling alone | draws a second |",
        "| --- " * 8 + "|",
    ]
    whole: dict[str, float] = {}
    for name, words in WAYS.items():
        found, whole[name] = _timed(*words)
        if isinstance(found, str):
            rows.append(f"| {name} | {found} | | | | | | |")
            continue
        for asked, [(mean, error)] in found["answers"].items():
            draws = _worth(mean, error**2)
            rates = [f"{s:.1f} s | {draws / s:,.0f}" for s in (whole[name], found["sampling"])]
            rows.append(f"| {name} | {asked} | {mean:.3f} | {draws:,.0f} | {' | '.join(rates)} |")
    return [*rows, "", *over_seeds(whole)]


def over_seeds(whole: dict[str, float]) -> list[str]:
    """What answers are worth by how much they differ from seed to seed, and by what they state.

    Parameters
    ----------
    whole : dict of float
        Seconds of a whole process, by way.
    """
    rows = [
        "| way | P(full exit) of | seeds | standard deviation | stated | draws by repetition, stated"
        " | whole process | draws a second by repetition, stated |",
        "| --- " * 8 + "|",
    ]
    for script, names in (("ours.py", [OURS]), ("plain.py", [PLAIN, EDITED])):
        number = SEEDS[script]
        found = result(run(str(HERE / script), DAY.isoformat(), str(number)))
        for asked, answers in found["answers"].items():
            means, errors = zip(*answers, strict=True)
            spread, p = statistics.stdev(means), statistics.fmean(means)
            draws = [_worth(p, spread**2), statistics.median(_worth(p, e**2) for e in errors)]
            stated = statistics.fmean(e**2 for e in errors) ** 0.5
            start = (
                f"{asked} | {number} | {spread:.4f} | {stated:.4f} | {draws[0]:,.0f}, {draws[1]:,.0f}"
            )
            for name in names:
                rates = ", ".join(f"{d / whole[name]:,.0f}" for d in draws)
                rows.append(f"| {name} | {start} | {whole[name]:.1f} s | {rates} |")
    return rows


def _timed(script: str, *kind: str) -> tuple[dict[str, Any] | str, float]:
    """What a way gave and the seconds of its process, or why it gave nothing.

    In a process of its own, most of them twice: the second counts, with what the first kept.
    """
    if "numpyro" in kind and not (find_spec("numpyro") and find_spec("jax")):
        return "not installed", 0.0
    words = str(HERE / script), DAY.isoformat(), *kind
    try:
        # what takes so long has no use for a warm cache, and an edit has none
        for _ in range(1 if {"smc", "edited"} & set(kind) else 2):
            timed = run(*words, limit=LIMIT)
    except subprocess.TimeoutExpired:
        return f"stopped after {LIMIT:.0f} s", LIMIT
    return result(timed), timed.wall


def _worth(mean: float, variance: float) -> float:
    """How many independent draws would be as sharp."""
    return mean * (1.0 - mean) / variance

"""(b) Effective draws of P(full exit) a second: against the plain script and other samplers."""

import subprocess
from importlib.util import find_spec
from pathlib import Path

from machine import DAY, result, run

HERE = Path(__file__).parent
LIMIT = 600.0
"""Seconds after which a sampler is stopped."""
WAYS = (
    ("a fit a hypothesis, bridge (`assess`)", "ours.py", ()),
    ("the same, `--quick`", "ours.py", ("quick",)),
    ("the same, three times the proposals", "ours.py", ("sharp",)),
    ("mixture, `pm.sample`, the same run again", "plain.py", ()),
    ("the same, after an edit", "plain.py", ("edited",)),
    ("mixture, NumPyro NUTS", "plain.py", ("numpyro",)),
    ("mixture, `pm.sample_smc`", "plain.py", ("smc",)),
)


def table() -> list[str]:
    """Each in a process of its own, most of them twice: the second counts, with what the first kept."""
    rows = [
        "| way | P(full exit) | effective draws | whole process | draws a second | sampling alone"
        " | draws a second |",
        "| --- " * 7 + "|",
    ]
    for name, script, kind in WAYS:
        if "numpyro" in kind and not (find_spec("numpyro") and find_spec("jax")):
            rows.append(f"| {name} | not installed | | | | | |")
            continue
        words = str(HERE / script), DAY.isoformat(), *kind
        try:
            # what takes so long has no use for a warm cache, and an edit has none
            if not {"smc", "edited"} & set(kind):
                run(*words, limit=LIMIT)
            timed = run(*words, limit=LIMIT)
        except subprocess.TimeoutExpired:
            rows.append(f"| {name} | stopped after {LIMIT:.0f} s | | | | | |")
            continue
        found = result(timed)
        draws = found["draws"]
        rates = [f"{s:.1f} s | {draws / s:,.0f}" for s in (timed.wall, found["sampling"])]
        rows.append(f"| {name} | {found['mean']:.3f} | {draws:,.0f} | {' | '.join(rates)} |")
    return rows

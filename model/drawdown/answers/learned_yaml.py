"""`learned.yaml`: what past episodes say, in the very form in which a forecaster says it."""

import numpy as np

from drawdown.answers.durations import Completion
from drawdown.answers.learn import Learned
from drawdown.files.priors import Priors
from drawdown.files.reference import ReferenceClass
from drawdown.outcomes import OUTCOMES

HEAD = """\
# Written by `make learn` from {cases} past episodes; edit an overlay instead, which overrules it.
# Chances are of an indicator in a case whose factor is at its mean; each interval is the middle 80 %
# of the posterior. Counts are of all coded cases; the fit weighs them as learning.yaml says.
# How good this is, and what it cannot say: docs/learning.md."""
SMALLEST = 0.0005


def learned_yaml(
    found: Learned, reference: ReferenceClass, priors: Priors, paced: Completion | None
) -> str:
    """Return the text of the file.

    Only indicators of the priors that track `intent` are written: the physical strand sees the rest
    for itself, and would count them twice.
    """
    low, high = (np.clip(side, SMALLEST, 1.0 - SMALLEST) for side in found.interval())
    loading = float(np.median(found.loading))
    lines = [
        HEAD.format(cases=len(reference.episodes)),
        "reference:",
        f"  cases: {len(reference.episodes)}",
        f"  sha256: {reference.sha256}",
    ]
    if paced is not None:
        lines += ["", "clock:", "  lasts:", *(_pace(o, paced) for o in OUTCOMES)]
    lines += ["", "indicators:"]
    for i, name in enumerate(found.indicators):
        if name not in priors.indicators or priors.indicators[name].tracks != "intent":
            continue
        lines += [f"  {name}:", "    present:"]
        for j, outcome in enumerate(OUTCOMES):
            interval = f"[{100 * low[i, j]:.1f}%, {100 * high[i, j]:.1f}%]"
            why = _counts(reference, name, outcome)
            lines.append(f"      {outcome}: {{between: {interval}, sure: 80%, why: {why}}}")
        lines.append(
            f"    shared: {{loading: {loading:.2f}, why: Log odds by which the factor of a case moves "
            "all its indicators together; learned}"
        )
    return "\n".join(lines) + "\n"


def _counts(reference: ReferenceClass, name: str, outcome: str) -> str:
    coded = [e.codes[name] for e in reference.episodes if e.outcome == outcome and name in e.codes]
    return f"Present in {sum(coded)} of {len(coded)} coded cases"


def _pace(outcome: str, paced: Completion) -> str:
    """One pace for all outcomes: nothing known separates them."""
    low, high = paced.lasts
    why = (
        f"With the start and the slower of two bases, {paced.episodes} full exits completed at a median "
        f"of {paced.median:.0f} days from the first sign; sd of the log of the next {paced.log_sd:.2f}"
    )
    if outcome != "full_exit":
        why = "As for full exit; nothing known separates them"
    text = f'"{why}"' if "," in why else why
    days = f"between: [{_round(low)}, {_round(high)}], sure: 80%, unit: days"
    return f"    {outcome}: {{{days}, why: {text}}}"


def _round(days: float) -> str:
    return f"{days:.0f}" if days >= 10 else f"{days:.1f}"

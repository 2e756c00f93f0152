"""What a finished series says: scores where it is resolved, the largest movers, the predictions."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from scipy.special import logsumexp
from scipy.stats import chisquare, kstest

from drawdown.answers.baselines import naive_bayes
from drawdown.answers.scoring import NAMES, score
from drawdown.files.reference import ReferenceClass
from drawdown.inference.reweight import MAX_KHAT
from drawdown.model.episodes import Coded, code
from drawdown.outcomes import OUTCOMES

Record = dict[str, Any]
TICKS = 5
BINS = 10
ALONE = {"physical": "the physical strand alone", "political": "the political strand alone"}


def scores(
    dates: Sequence[Record],
    stated_rates: Mapping[str, float],
    resolved: Mapping[str, Any],
    reference: ReferenceClass | None,
) -> Record:
    """Score every date against what came, and again against what it was near to.

    Parameters
    ----------
    stated_rates : dict
        Base rates as a person stated them, which say nothing of the case.

    Returns
    -------
    dict
        `outcome`, `scores`, `strands`, `baselines`, `by_date` and, where the case names one, `near`.
    """
    stated = forecasts(dates, stated_rates, reference)
    out = _against(stated, resolved["outcome"])
    near = resolved["near"]
    return out | {"near": _against(stated, near) if near else None}


def forecasts(
    dates: Sequence[Record], stated_rates: Mapping[str, float], reference: ReferenceClass | None
) -> dict[str, np.ndarray]:
    """Probabilities of every method; dims (date, outcome) each."""
    strand = {
        name: np.array([[d["strands"][key][o] for o in OUTCOMES] for d in dates])
        for name, key in (("full", "both"), ("physical", "physical"), ("political", "political"))
    }
    strand["climatology"] = np.tile([stated_rates[o] for o in OUTCOMES], (len(dates), 1))
    if reference is not None:
        strand["naive_bayes"] = counted(dates, reference)
    return strand


def counted(dates: Sequence[Record], reference: ReferenceClass) -> np.ndarray:
    """Naive Bayes on the past episodes, given the codes of each date; dims (date, outcome).

    A code that is mixed or not known says nothing.
    """
    names = tuple(name for name in dates[0]["codes"] if name in reference.indicators)
    states = [[d["codes"][name] for name in names] for d in dates]
    shape = (len(dates), len(names))
    present = np.array([[float(s == "present") for s in row] for row in states]).reshape(shape)
    known = np.array([[float(s in ("present", "absent")) for s in row] for row in states])
    test = Coded(present, known.reshape(shape), np.zeros(len(dates), dtype=np.int64))
    return naive_bayes(code(reference.episodes, names), test)


def _against(stated: Mapping[str, np.ndarray], outcome: str) -> Record:
    came = OUTCOMES.index(outcome)
    found = {name: score(p, np.full(len(p), came)) for name, p in stated.items()}
    means = {name: {n: float(getattr(s, n).mean()) for n in NAMES} for name, s in found.items()}
    return {
        "outcome": outcome,
        "scores": means["full"],
        "strands": {name: means[name] for name in ALONE},
        "baselines": {name: means[name] for name in means if name not in ("full", *ALONE)},
        "by_date": {n: [float(v) for v in getattr(found["full"], n)] for n in NAMES},
    }


def verdict(scored: Record) -> list[str]:
    """Say whether the full model did worse than something simpler; one sentence each."""
    ours, said = scored["scores"], []
    names = ALONE | {name: name.replace("_", " ") for name in scored["baselines"]}
    names |= {"naive_bayes": "naive Bayes"} if "naive_bayes" in names else {}
    for name, words in names.items():
        theirs = scored["strands" if name in ALONE else "baselines"][name]
        worse = [n for n in NAMES if ours[n] > theirs[n]]
        if worse:
            gaps = ", ".join(f"{n} {ours[n]:.3f} against {theirs[n]:.3f}" for n in worse)
            said.append(f"The full model is worse than {words}: {gaps}.")
    return said


def largest_movers(dates: Sequence[Record], number: int = TICKS) -> list[Record]:
    """The origins that moved any outcome most on the date on which they were first seen."""
    found = [
        {"as_of": d["as_of"], "move": max(abs(v) for v in m["delta_probability"].values())} | m
        for d in dates
        for m in d["movers"]
    ]
    return sorted(found, key=lambda m: (-m["move"], m["as_of"], m["origin"]))[:number]


def predicted(dates: Sequence[Record]) -> Record | None:
    """How well each date foresaw the reports of the next, beside persistence; None without reports.

    Returns
    -------
    dict
        Mean log scores a week in nats (higher is better), the mean of the differences with its
        standard error over the weeks, and how evenly the transforms of the counts are spread.
        `by_evidence` counts the weeks whose weights did not hold, scored by both dates' fits.
    """
    found = [(d, after) for d, after in pairwise([*dates, {}]) if d["foreseen"] is not None]
    weeks = [d["foreseen"] for d, _ in found]
    if not weeks:
        return None
    held = [w["khat"] is None or w["khat"] <= MAX_KHAT for w in weeks]
    ours = np.array(
        [
            d["foreseen"]["log_score"] if holds else by_evidence(d, after)
            for (d, after), holds in zip(found, held, strict=True)
        ]
    )
    theirs = np.array([w["persistence"] for w in weeks])
    gap, reports = ours - theirs, sum(w["reports"] for w in weeks)
    se = float(gap.std(ddof=1) / np.sqrt(len(gap))) if len(gap) > 1 else None
    pits = np.array([e["pit"] for w in weeks for e in w["each"] if e["pit"] is not None])
    khats = [w["khat"] for w in weeks if w["khat"] is not None]
    return {
        "weeks": len(weeks),
        "reports": reports,
        "log_score": float(ours.mean()),
        "persistence": float(theirs.mean()),
        "difference": {"mean": float(gap.mean()), "se": se},
        "difference_a_report": float(gap.sum() / reports),
        "max_khat": max(khats, default=None),
        "by_evidence": held.count(False),
        "pit": _spread(pits),
    }


def by_evidence(now: Record, after: Record) -> float:
    """Log chance of the reports between two dates from both fits: a ratio of marginal likelihoods.

    Exact but for the errors of both, if no gate became known between the dates.
    """
    weight = np.array([now["hypotheses"][h] for h in OUTCOMES])
    gain = [after["log_marginal_likelihood"][h] - now["log_marginal_likelihood"][h] for h in OUTCOMES]
    return float(logsumexp(np.array(gain), b=weight))


def _spread(pits: np.ndarray) -> Record | None:
    """Histogram of the transforms and two tests of their being uniform."""
    if not len(pits):
        return None
    counts = np.histogram(pits, bins=BINS, range=(0.0, 1.0))[0]
    return {
        "n": len(pits),
        "counts": [int(c) for c in counts],
        "kolmogorov_p": float(kstest(np.clip(pits, 0.0, 1.0), "uniform").pvalue),
        "chi_square_p": float(chisquare(counts).pvalue),
    }

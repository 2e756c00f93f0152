"""What a series says of one of its dates: the answer, its strands, what moved it, what it foresaw."""

from dataclasses import asdict
from typing import Any

import numpy as np

from drawdown.answers.assess import Assessment
from drawdown.answers.contribute import NOT_COMPUTED, Contribution, bearing
from drawdown.answers.movers import movers
from drawdown.answers.prequential import Predicted, Week, predict
from drawdown.answers.summarise import strands
from drawdown.files.view import View
from drawdown.outcomes import OUTCOMES

Record = dict[str, Any]
TOP = 3
"""Origins that are named as having moved the answer since the date before."""


def dated(a: Assessment, before: View | None, after: View | None) -> Record:
    """Say everything of one date, in what JSON can hold.

    Parameters
    ----------
    before, after : View or None
        The case as of the dates beside it in the series.
    """
    q = a.question
    used = bearing(q)
    moved = movers(a, before) if before is not None else []
    foreseen = predict(a, after) if after is not None else None
    return {
        "as_of": q.view.as_of.isoformat(),
        "outcomes": _named(a.weighed.outcomes),
        "mcse": _named(a.mcse),
        "method": "fitted",
        "passed": a.passed,
        "failed": [asdict(r) | {"passed": False} for r in a.readings if not r.passed],
        "strands": strands(a),
        "hypotheses": _named(a.weighed.hypotheses),
        "log_marginal_likelihood": _named(a.log_z),
        "draws": {h: len(a.fits[h].draws) for h in OUTCOMES},
        "reports": len(used),
        "origins": len({r.origin for r in used}),
        "evidence_sha256": q.view.sha256,
        "codes": {code.indicator: code.state for code in q.codes},
        "movers": [_mover(a, c) for c in moved if c.method != NOT_COMPUTED][:TOP],
        "not_computed": [c.origin for c in moved if c.method == NOT_COMPUTED],
        "foreseen": _week(foreseen) if foreseen is not None else None,
    }


def _named(values: np.ndarray) -> dict[str, float]:
    return dict(zip(OUTCOMES, map(float, values), strict=True))


def _mover(a: Assessment, c: Contribution) -> Record:
    first = min((r for r in bearing(a.question) if r.origin == c.origin), key=lambda r: (r.date, r.line))
    return {
        "origin": c.origin,
        "collector": first.collector,
        "date": first.date.isoformat(),
        "reports": c.reports,
        "delta_probability": _named(c.delta),
        "method": c.method,
        "khat": _finite(c.khat),
    }


def _week(week: Week) -> Record:
    return {
        "until": week.until.isoformat(),
        "reports": len(week.each),
        "log_score": week.log_score,
        "persistence": week.persistence,
        "khat": _finite(week.khat),
        "each": [_predicted(p) for p in week.each],
    }


def _predicted(p: Predicted) -> Record:
    r = p.report
    return {
        "site": r.site,
        "indicator": r.indicator,
        "observed": r.observed,
        "date": r.date.isoformat(),
        "origin": r.origin,
        "log_score": p.log_score,
        "persistence": p.persistence,
        "last": p.last,
        "pit": p.pit,
    }


def _finite(value: float | None) -> float | None:
    return None if value is None or not np.isfinite(value) else float(value)

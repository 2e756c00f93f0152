"""The numbers of `assessment.json`: the contract's keys, from an assessment."""

from datetime import timedelta
from typing import Any

import numpy as np

from drawdown.answers import fitness
from drawdown.answers.assess import Assessment
from drawdown.answers.contribute import NOT_COMPUTED, Contribution
from drawdown.answers.looks import MOST_LOOKS, MOST_PAIRS, Outlook, summary
from drawdown.answers.stored import identity
from drawdown.answers.weigh import weigh
from drawdown.outcomes import CUT_LINE, OUTCOMES

NEAR_LINE = 0.05
"""A cut within five points of the line is a coin's toss on the shares of the sites."""
MONTH_DAYS = 30


def summarise(
    a: Assessment,
    origins: list[Contribution],
    indicators: list[Contribution],
    outlook: Outlook | None = None,
    sensitivity: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Return `assessment.json` as a dictionary.

    Parameters
    ----------
    origins, indicators : list of Contribution
        What each origin, and each site and indicator, contributes alone given the rest.
    outlook : Outlook, optional
        What to look for next.
    sensitivity : dict, optional
        The answer under other judgements; see `answers.sensitivity`.
    """
    q = a.question
    ahead = summary(outlook or Outlook([], [], 0.0))
    return {
        "case": q.case.slug,
        "as_of": q.view.as_of.isoformat(),
        "horizon": q.case.horizon.isoformat(),
        "outcomes": {
            o: {
                "probability": float(a.weighed.outcomes[i]),
                "mcse": float(a.mcse[i]),
                "prior": float(q.besides.base_rates[i]),
                "stated": float(q.stated_rates[i]),
            }
            for i, o in enumerate(OUTCOMES)
        },
        "hypotheses": {
            h: {
                "posterior": float(a.weighed.hypotheses[i]),
                "prior": float(a.weighed.prior_hypotheses[i]),
                "log_marginal_likelihood": float(a.log_z[i]),
                "se": float(a.fits[h].evidence.se),
                "stands": dict(zip(OUTCOMES, map(float, a.table.chance[i]), strict=True)),
            }
            for i, h in enumerate(OUTCOMES)
        },
        "reserve": q.priors.reserve,
        "strands": strands(a),
        "sites": _sites(a),
        "exit_by": _exit_by(a),
        "boundary_risk": _boundary_risk(a),
        "change": {"since": None, "rows": []},
        "families": [],
        "contributions": [_by_origin(c) for c in origins if c.method != NOT_COMPUTED],
        "carries": [_by_indicator(c) for c in indicators if c.method != NOT_COMPUTED],
        "not_computed": [_left_aside(c) for c in (*origins, *indicators) if c.method == NOT_COMPUTED],
        "looks": ahead["looks"][:MOST_LOOKS],
        "look_pairs": ahead["look_pairs"][:MOST_PAIRS],
        "sensitivity": sensitivity or {"rows": [], "driven_by_prior": False},
        "controls": {"base": controls_base(a), "families": {}},
        "diagnostics": _diagnostics(a, [*origins, *indicators], sensitivity or {}),
        "provenance": identity(q),
    }


def strands(a: Assessment) -> dict[str, dict[str, float]]:
    """Outcomes by strand, each with the reserve: base rates, one strand alone, both."""
    q = a.question
    silent, prior = np.zeros(len(OUTCOMES)), a.prior_table.chance
    physical = weigh(a.log_z, a.table.chance, prior, q.besides.saying(silent)).outcomes
    political = weigh(silent, prior, prior, q.besides).outcomes
    rows = {
        "base_rates": q.besides.base_rates,
        "physical": physical,
        "political": political,
        "both": a.weighed.outcomes,
    }
    return {name: dict(zip(OUTCOMES, map(float, row), strict=True)) for name, row in rows.items()}


def averaged(a: Assessment, per_draw: dict[str, np.ndarray]) -> np.ndarray:
    """Mean over the draws of all hypotheses; dims (draw, ...) to (...)."""
    weights = a.draw_weights()
    parts = [np.tensordot(weights[h], per_draw[h], axes=(0, 0)) for h in OUTCOMES]
    out: np.ndarray = np.sum(parts, axis=0)
    return out


def _sites(a: Assessment) -> dict[str, Any]:
    q, weights = a.question, a.draw_weights()
    days = np.array([q.view.day, q.horizon], dtype=float)
    by_date = _given_up_by(a)
    gone = {h: a.fits[h].future.garrisons(days) for h in OUTCOMES}
    given_up = averaged(a, {h: a.fits[h].future.given_up(q.horizon) for h in OUTCOMES})
    weight = np.concatenate([weights[h] for h in OUTCOMES])
    touched = {r.site for r in q.observations.reports}
    out = {}
    for i, site in enumerate(q.layout.sites):
        values = np.concatenate([gone[h][:, i] for h in OUTCOMES])
        out[site] = {
            "name": q.case.sites[site].name,
            "kind": q.layout.kinds[i],
            "own_fate": q.case.sites[site].fate is not None,
            "drawdown": _spread(values[:, 0], weight),
            "drawdown_at_horizon": _spread(values[:, 1], weight),
            "given_up": float(given_up[i]),
            "given_up_by": [{"date": day, "probability": float(p[i])} for day, p in by_date],
            "information": site in touched,
        }
    return out


def _spread(values: np.ndarray, weight: np.ndarray) -> dict[str, float]:
    order = np.argsort(values, kind="stable")
    below = np.cumsum(weight[order])
    last = len(order) - 1
    at = [values[order][min(int(np.searchsorted(below, p)), last)] for p in (0.05, 0.95)]
    return {"mean": float(values @ weight), "q05": float(at[0]), "q95": float(at[1])}


def _dates(a: Assessment) -> list[tuple[int, str]]:
    """Days from the date of the assessment to the horizon, a month apart, and their dates."""
    q = a.question
    days = [*range(q.view.day, q.horizon, MONTH_DAYS), q.horizon]
    return [(day, (q.case.trigger + timedelta(days=day)).isoformat()) for day in days]


def _exit_by(a: Assessment) -> list[dict[str, Any]]:
    rows = []
    for day, when in _dates(a):
        full = {h: a.fits[h].future.stands(day) == OUTCOMES.index("full_exit") for h in OUTCOMES}
        rows.append({"date": when, "probability": float(averaged(a, full))})
    return rows


def _given_up_by(a: Assessment) -> list[tuple[str, np.ndarray]]:
    """Chance that each garrison is gone by each date; dims (site,)."""
    return [
        (when, averaged(a, {h: a.fits[h].future.given_up(day) for h in OUTCOMES}))
        for day, when in _dates(a)
    ]


def controls_base(a: Assessment) -> dict[str, Any]:
    """What `weigh` is given, in the order of `OUTCOMES`: the page weighs again from these alone.

    Returns
    -------
    dict
        `log_z`, `log_politics` and `stated`, one number each; `table` and `prior_table`, one row a
        hypothesis; `crossing`, one row an outcome; `reserve`. Base rates are `stated` @ `crossing`.
    """
    q, besides = a.question, a.question.besides
    return {
        "log_z": list(map(float, a.log_z)),
        "table": a.table.chance.tolist(),
        "prior_table": a.prior_table.chance.tolist(),
        "log_politics": list(map(float, besides.log_politics)),
        "stated": list(map(float, q.stated_rates)),
        "crossing": q.crossing.tolist(),
        "reserve": float(besides.reserve),
    }


def _boundary_risk(a: Assessment) -> float:
    """Chance that the cut alone decides, and lies within five points of the line."""
    q, per_draw = a.question, {}
    for h in OUTCOMES:
        future = a.fits[h].future
        near = np.abs(future.cut(q.horizon) - CUT_LINE) < NEAR_LINE
        per_draw[h] = near & ~future.given_up(q.horizon)[:, q.layout.named].any(axis=1)
    return float(averaged(a, per_draw))


def _by_origin(c: Contribution) -> dict[str, Any]:
    return {"origin": c.origin} | _contribution(c)


def _by_indicator(c: Contribution) -> dict[str, Any]:
    return {"site": c.site, "indicator": c.indicator} | _contribution(c)


def _contribution(c: Contribution) -> dict[str, Any]:
    return {
        "reports": c.reports,
        "delta_probability": dict(zip(OUTCOMES, map(float, c.delta), strict=True)),
        "delta_log_odds": dict(zip(OUTCOMES, map(float, c.log_odds), strict=True)),
        "additive": False,
        "method": c.method,
        "khat": c.khat if c.khat is None or np.isfinite(c.khat) else None,
    }


def _left_aside(c: Contribution) -> dict[str, Any]:
    return {"origin": c.origin, "site": c.site, "indicator": c.indicator, "reports": c.reports}


def _diagnostics(
    a: Assessment, contributions: list[Contribution], sensitivity: dict[str, Any]
) -> dict[str, Any]:
    used = [c.khat for c in contributions if c.method == "reweighted" and c.khat is not None]
    used += [
        row["khat"]
        for row in (*sensitivity.get("rows", []), *sensitivity.get("power", []))
        if row["method"] == "reweighted" and row["khat"] is not None
    ]
    return {
        "passed": a.passed,
        "max_rhat": max(float(f.health.rhat.max()) for f in a.fits.values()),
        "min_ess": min(float(f.health.ess.min()) for f in a.fits.values()),
        "divergences": sum(f.health.divergent for f in a.fits.values()),
        "max_khat": max([0.0, *(k for k in used if np.isfinite(k))]),
        "checks": [
            {"name": r.name, "value": r.value, "limit": r.limit, "passed": r.passed} for r in a.readings
        ],
        "fit": fitness.summary(a.fitness, a.question.observations),
    }

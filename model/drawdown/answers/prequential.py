"""The reports of the time to come, predicted from a fit: where somebody looks is taken as known.

A look is its site, indicator, window, grade and origin; what is predicted is the interval that it
reported. Beside the model stands persistence: the last count again.
"""

from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

import numpy as np
from scipy.special import logsumexp
from scipy.stats import nbinom

from drawdown.answers.assess import Assessment
from drawdown.even import some
from drawdown.files.reports import Report
from drawdown.files.view import View
from drawdown.inference.reweight import reweight
from drawdown.model.heard import hear
from drawdown.model.likelihood import FLOOR, Arrays, State, add_up, log_chances
from drawdown.model.observations import Observations, observe, select
from drawdown.outcomes import OUTCOMES
from drawdown.seeds import stage_generator

MOST_DRAWS = 3000
"""Of a hypothesis; more are thinned."""
PRIOR_STEP = 10
"""One draw of the prior in so many: a chance of one report needs no more."""
LEAST_MEAN = 0.5
"""Persistence expects this where the last look found none: what was absent may come."""


@dataclass(frozen=True)
class Predicted:
    """One report, predicted on its own.

    Attributes
    ----------
    log_score, persistence : float
        Log chance of its interval, by the model and by the last count.
    last : float or None
        The last count of the same site and indicator; None where there was none, and persistence is
        the prior predictive.
    pit : float or None
        Randomised probability integral transform; None for a bound, whose place the reporter chose.
    """

    report: Report
    log_score: float
    persistence: float
    last: float | None
    pit: float | None


@dataclass(frozen=True)
class Week:
    """All physical facts that became known between two dates, predicted together.

    Attributes
    ----------
    until : date
    log_score, persistence : float
        Joint log chance, in nats.
    khat : float
        Of the weights that the joint chance is the mean of, the largest over the hypotheses.
    each : tuple of Predicted
    """

    until: date
    log_score: float
    persistence: float
    khat: float
    each: tuple[Predicted, ...]


def predict(a: Assessment, after: View) -> Week | None:
    """Predict what a later view knows and the assessment does not.

    Parameters
    ----------
    a : Assessment
        Fitted to what was known before.
    after : View
        Of the same case, on a later date.

    Returns
    -------
    Week or None
        None if no new physical report can enter the model.
    """
    q = a.question
    obs = observe(after, q.priors, q.layout)
    known = {report.fact for report in q.observations.reports}
    new = np.array([report.fact not in known for report in obs.reports], dtype=bool)
    if not new.any():
        return None
    fresh = tuple(report for report, is_new in zip(obs.reports, new, strict=True) if is_new)
    alone = observe(replace(after, reports=fresh), q.priors, q.layout)
    looks = _Looks(after, obs, np.flatnonzero(new), obs.without(new), alone)
    told = [_tell(a, h, looks) for h in OUTCOMES]
    total = logsumexp(np.concatenate([t.log_weight for t in told]))
    joint = logsumexp(np.concatenate([t.log_weight + t.change for t in told])) - total
    chance, below = np.exp(-total) * np.sum([t.chances for t in told], axis=0)
    (guess, last), noise = persistence(a, looks), _noise(looks.new)
    rng = stage_generator(q.seed, "pit", after.as_of.isoformat())
    v = rng.random(len(looks.rows))
    each = tuple(
        Predicted(
            report=obs.reports[i],
            log_score=float(np.log(chance[n])),
            persistence=float(_right_or_not(looks, i, np.log(guess[n]), noise[n])),
            last=last[n],
            pit=float(below[n] + v[n] * chance[n]) if _counted(obs.reports[i]) else None,
        )
        for n, i in enumerate(looks.rows)
    )
    return Week(
        until=after.as_of,
        log_score=float(joint),
        persistence=_together(looks, np.log(guess), noise),
        khat=max(t.khat for t in told),
        each=each,
    )


@dataclass(frozen=True)
class _Looks:
    """Observations of the later view; the rows that are new; without those, and those by themselves."""

    view: View
    obs: Observations
    rows: np.ndarray
    old: Observations
    new: Observations

    @cached_property
    def near(self) -> Arrays:
        """The old arrays of the origins that are heard anew."""
        return select(self.old.arrays, self._again[self.obs.group_of])

    @cached_property
    def places(self) -> np.ndarray:
        """Group of each new row among those of `near`; dims (new,)."""
        out: np.ndarray = (np.cumsum(self._again) - 1)[self.obs.group_of[self.rows]]
        return out

    @cached_property
    def _again(self) -> np.ndarray:
        out = np.zeros(len(self.obs.groups), dtype=bool)
        out[self.obs.group_of[self.rows]] = True
        return out

    @cached_property
    def below(self) -> Observations:
        """The new ones as if each had counted less than it did; of none there is nothing below."""
        low = self.new.low
        return self.new.recount(np.zeros_like(low), np.maximum(low - 1.0, 0.0))


def _noise(obs: Observations) -> np.ndarray:
    """Log chance of each row if its report is mistaken; dims (observation,)."""
    rows = np.arange(len(obs.reports))
    return np.array([obs.without(rows != i).arrays["log_noise"][obs.group_of[i]] for i in rows])


@dataclass(frozen=True)
class _Told:
    """What the draws of one hypothesis say.

    Attributes
    ----------
    log_weight : dims (draw,)
        In the answer given the old reports, up to a constant of all hypotheses.
    change : dims (draw,)
        Log chance of all new reports.
    khat : float
    chances : dims (2, new)
        Weighted chance of the interval of each new report, and of the counts below it.
    """

    log_weight: np.ndarray
    change: np.ndarray
    khat: float
    chances: np.ndarray


def _tell(a: Assessment, h: str, looks: _Looks) -> _Told:
    q, obs = a.question, looks.obs
    draws, weight = a.fits[h].draws, a.draw_weights()[h]
    pick = some(len(draws), MOST_DRAWS, stage_generator(q.seed, "foreseen", h))
    z, thin = draws[pick], weight[pick]
    hyper, layout = q.hyper[h], q.layout
    own = hear(z, hyper, q.observations.arrays, layout)
    # a look's chance hangs on the gates, and only on them does it change with the date
    before = own if looks.view.gates == q.view.gates else hear(z, hyper, looks.old.arrays, layout)
    # a gate that became known meanwhile changes what the old looks say: weigh them by it first
    with np.errstate(divide="ignore"):
        log_weight = np.log(thin * weight.sum() / thin.sum()) + before.log_weight - own.log_weight
    after = hear(z, hyper, obs.arrays, layout)
    fates = before.fates()
    chance, asked = log_chances(own.state, looks.near), log_chances(own.state, looks.new.arrays)
    below = log_chances(own.state, looks.below.arrays)
    each = np.stack(
        [
            _apart(looks, chance, asked, _noise(looks.new), fates, log_weight),
            _apart(looks, chance, below, _noise(looks.below), fates, log_weight) * (looks.new.low > 0),
        ]
    )
    change = after.log_weight - before.log_weight
    return _Told(log_weight, change, reweight(after.log_weight - own.log_weight).khat, each)


def _apart(
    looks: _Looks,
    chance: np.ndarray,
    asked: np.ndarray,
    noise: np.ndarray,
    by_site: np.ndarray,
    log_weight: np.ndarray,
) -> np.ndarray:
    """Weighted chance of each new report on its own, given all old ones; dims (new,).

    An origin that was heard before has shown already how far it is right.

    Parameters
    ----------
    chance : dims (draw, observation, fate)
        Log chance of the old looks of `near`.
    asked : dims (draw, new, fate)
        Log chance of the interval asked about, if the report is right.
    noise : dims (new,)
        The same if it is mistaken.
    """
    old = looks.near
    told = add_up(chance * old["said"][:, None], old["group_of"], len(old["log_right"]))
    right = told + old["log_right"][:, None]
    wrong = old["log_wrong"] + old["log_noise"]
    weight, out = np.exp(log_weight), np.empty(len(looks.rows))
    for n, g in enumerate(looks.places):
        now = np.logaddexp(right[:, g] + asked[:, n], wrong[g] + noise[n])
        ratio = np.exp(now - np.logaddexp(right[:, g], wrong[g]))
        out[n] = weight @ (by_site[:, old["group_site"][g]] * ratio).sum(axis=1)
    return out


def _counted(report: Report) -> bool:
    """Whether the intervals that could have been reported are the same whatever was seen."""
    return report.hi == report.lo or report.observed == "yes"


def persistence(a: Assessment, looks: _Looks) -> tuple[np.ndarray, list[float | None]]:
    """Chance of each new interval if the last count stands, were its report right; dims (new,).

    Where there was no count before it is the prior predictive.

    Returns
    -------
    chance : dims (new,)
    last : list of float or None
        The counts.
    """
    obs, counts = looks.obs, last_counts(a.question.observations.reports)
    last = [counts.get((obs.reports[i].site, obs.reports[i].indicator)) for i in looks.rows]
    unknown = np.array([count is None for count in last])
    chance = np.array(
        [
            0.0 if count is None else repeated(count, obs.size[i], obs.low[i], obs.high[i])
            for count, i in zip(last, looks.rows, strict=True)
        ]
    )
    if unknown.any():
        chance[unknown] = _prior_chance(a, looks)[unknown]
    return np.maximum(chance, FLOOR), last


def last_counts(reports: tuple[Report, ...]) -> dict[tuple[str, str], float]:
    """The newest count of each site and indicator; the middle of an interval, the edge of a bound."""
    out = {}
    for report in sorted(reports, key=lambda r: (r.until, r.published, r.date, r.origin)):
        middle = report.lo if report.hi is None else (report.lo + report.hi) / 2
        out[report.site, report.indicator] = float(middle)
    return out


def repeated(count: float, size: float, low: float, high: float) -> float:
    """Chance that a negative-binomial count around the last one lies in an interval.

    Parameters
    ----------
    count : float
        The last count.
    size : float
        As the indicator's looks are spread.
    low, high : float
        `high` is infinite for a lower bound.
    """
    share = size / (size + max(count, LEAST_MEAN))
    return float(nbinom.cdf(high, size, share) - nbinom.cdf(low - 1, size, share))


def _prior_chance(a: Assessment, looks: _Looks) -> np.ndarray:
    """Chance of each new interval before any report; dims (new,)."""
    obs = looks.obs
    sites = obs.arrays["group_site"][obs.group_of[looks.rows]]
    out = np.zeros(len(looks.rows))
    for i, h in enumerate(OUTCOMES):
        run, pick = a.prior_runs[h], slice(None, None, PRIOR_STEP)
        weight = run.weights[pick] / run.weights[pick].sum()
        at = log_chances(_taken(run.state, pick), obs.arrays)[:, looks.rows]
        fate = run.future.fate[pick][:, sites]
        chance = np.exp(np.take_along_axis(at, fate[..., None], axis=-1)[..., 0])
        out += a.weighed.prior_hypotheses[i] * (weight @ chance)
    return out


def _taken(state: State, pick: slice) -> State:
    return state.take(np.arange(len(state.onset))[pick])


def _together(looks: _Looks, right: np.ndarray, noise: np.ndarray) -> float:
    """Log chance of all new reports by persistence: an origin is right about all, or about none.

    Parameters
    ----------
    right, noise : dims (new,)
        Log chance of each interval, if its report is right and if it is mistaken.
    """
    group = looks.obs.group_of[looks.rows]
    parts = [
        _right_or_not(looks, looks.rows[group == g][0], right[group == g].sum(), noise[group == g].sum())
        for g in np.unique(group)
    ]
    return float(np.sum(parts))


def _right_or_not(looks: _Looks, i: int, right: float, noise: float) -> float:
    arrays, g = looks.obs.arrays, looks.obs.group_of[i]
    return float(np.logaddexp(arrays["log_right"][g] + right, arrays["log_wrong"][g] + noise))

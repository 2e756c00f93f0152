"""Looks that nobody has made yet, and the counts that each posterior draw expects of them."""

from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np
from scipy.special import gammaln

from drawdown.answers.assess import Assessment, Question
from drawdown.answers.expectations import seen_at
from drawdown.files.reports import Report, unmade
from drawdown.files.view import View
from drawdown.model.layout import GARRISON
from drawdown.model.likelihood import expected_pace, expected_remaining, natural
from drawdown.model.noise import at_least
from drawdown.model.observations import Observations, observe
from drawdown.outcomes import OUTCOMES

WINDOW_DAYS = 7
"""Days that a look at a flow covers, unless what it counts stays in view."""
STEPS = ((10, 1), (20, 2), (40, 5), (100, 10), (500, 50))
"""Counts up to the first number are told apart by the second: finer than counts of one look vary."""
UNSEEN = 1e-3
"""Counts above which all but this chance lies are told together."""
CHUNK = 1000
TINY_MEAN = 1e-12


@dataclass(frozen=True)
class Imagined:
    """One look after the date, at one indicator and site.

    Attributes
    ----------
    report : Report
        With the dates that it would have; what it says is left open.
    mean : dims (draw,)
        Expected count if the report is right, at the draws of all hypotheses in order.
    size, noise_middle : float
        Negative-binomial size of a right report; middle of a mistaken one.
    right : float
        Chance that the report is right.
    counted : bool
        Whether the report says how many, or only whether any.
    """

    report: Report
    mean: np.ndarray
    size: float
    noise_middle: float
    right: float
    counted: bool

    def edges(self, weight: np.ndarray) -> np.ndarray:
        """Lowest count of each answer that is told apart; dims (answer,)."""
        if not self.counted:
            return np.array([0, 1])
        # what is made up has no upper end: beyond what may be true it is one answer
        high = max(_upper(self.mean, self.size, weight), int(2.0 * self.noise_middle))
        edges, start = [], 0
        for end, step in STEPS:
            edges += list(range(start, end, step))
            start = end
        return np.array([e for e in edges if e <= max(high, 1)])

    def chance(self, edges: np.ndarray) -> np.ndarray:
        """Chance of each answer at each draw, mistakes included; dims (answer, draw)."""
        tail = at_least(edges, self.noise_middle)
        noise = tail - np.append(tail[1:], 0.0)
        return self.right * cells(self.mean, self.size, edges) + (1.0 - self.right) * noise[:, None]


def imagine(a: Assessment, grade: str) -> list[Imagined]:
    """Every physical look that could be made next.

    A look at a stock, or at what stays in view, is made the day after the date; a look at a flow
    covers the week after it. Late starts and returns within that week are not in the draws' paths.

    Parameters
    ----------
    a : Assessment
    grade : str
        Of the source.

    Returns
    -------
    list of Imagined
        None if the horizon has come.
    """
    q = a.question
    reports = [
        _report(q, site, name, grade)
        for site in q.layout.sites
        for name in q.layout.indicators
        if seen_at(q.layout, q.priors, site, name) and _watched(q, site, name)
    ]
    if not reports or q.view.as_of >= q.case.horizon:
        return []
    observations = observe(_looking(q, reports), q.priors, q.layout)
    mean = np.concatenate([_means(a, h, observations) for h in OUTCOMES])
    return [
        Imagined(
            report=report,
            mean=mean[:, n],
            size=float(observations.size[n]),
            noise_middle=float(observations.noise_middle[n]),
            right=q.priors.chance_right(report.collector, report.grade),
            # a visitor sees that a gate is held, and does not count the guarded posts
            counted=q.priors.indicators[report.indicator].of != GARRISON,
        )
        for n, report in enumerate(observations.reports)
    ]


def cells(mean: np.ndarray, size: float, edges: np.ndarray) -> np.ndarray:
    """Chance that a negative-binomial count lies between neighbouring edges; dims (answer, draw).

    The last answer has no upper end, so that the answers sum to one.
    """
    stay, step = size / (size + mean), mean / (size + mean)
    mass = np.exp(size * np.log(stay))
    out = np.zeros((len(edges), len(mean)))
    at = 0
    for count in range(int(edges[-1])):
        if edges[at + 1] == count:
            at += 1
        out[at] += mass
        mass = mass * step * ((count + size) / (count + 1.0))
    out[-1] = np.maximum(1.0 - out[:-1].sum(axis=0), 0.0)
    return out


def _upper(mean: np.ndarray | float, size: float, weight: np.ndarray | float) -> int:
    """Count above which a weighted mixture of counts hardly goes; at most the last of the steps."""
    counts = np.arange(STEPS[-1][0])
    means, weights = np.atleast_1d(mean), np.atleast_1d(weight)
    # the mixture needs no more than the spread of the means: a few hundred of their quantiles
    order = np.argsort(means)
    upto = np.cumsum(weights[order])
    picks = np.searchsorted(upto, np.linspace(0.0, 1.0, 200) * upto[-1] * (1.0 - 1e-12))
    m = np.maximum(means[order][picks], TINY_MEAN)[:, None]
    log = gammaln(counts + size) - gammaln(size) - gammaln(counts + 1)
    mass = np.exp(log + size * np.log(size / (size + m)) + counts * np.log(m / (size + m)))
    return int(np.searchsorted(np.cumsum(mass.mean(axis=0)), 1.0 - UNSEEN))


def _watched(q: Question, site: str, name: str) -> bool:
    """Whether anybody would look there: no flights are counted at a port whose kit leaves by sea.

    A flow whose routine the case states somewhere is looked for where it states it, and where it has
    been reported.
    """
    stated = [s for s, there in q.case.sites.items() if name in there.routine]
    return (
        not stated
        or site in stated
        or any(r.site == site and r.indicator == name for r in q.observations.reports)
    )


def _report(q: Question, site: str, name: str, grade: str) -> Report:
    """A report of the days after the date; what it says is not yet known."""
    indicator = q.priors.indicators[name]
    window = indicator.tracks == "pace" and indicator.dwell is None
    first = q.view.as_of + timedelta(days=1)
    until = q.view.as_of + timedelta(days=WINDOW_DAYS) if window else first
    until = min(until, q.case.horizon)
    # who follows movements over days knows which way they went; an image does not
    flow = "out" if window else ""
    return unmade(site, name, "no", first, until, origin=f"{site}/{name}", grade=grade, flow=flow)


def _looking(q: Question, reports: list[Report]) -> View:
    """The view of the looks alone; a gate that is shut on the date stays shut while they are made."""
    end = max(report.until for report in reports)
    gates = [replace(g, end=end) if g.end == q.view.as_of else g for g in q.view.gates]
    return replace(q.view, reports=tuple(reports), gates=tuple(gates))


def _means(a: Assessment, h: str, observations: Observations) -> np.ndarray:
    """Expected counts of one hypothesis's draws, each under the fate it drew; dims (draw, look)."""
    q, fit = a.question, a.fits[h]
    site = np.array([q.layout.sites.index(r.site) for r in observations.reports])
    parts = []
    for rows in np.array_split(np.arange(len(fit.outcome)), max(1, len(fit.outcome) // CHUNK)):
        state = natural(fit.draws[rows], q.hyper[h], q.layout)
        arrays = observations.arrays
        mean = np.concatenate([expected_remaining(state, arrays), expected_pace(state, arrays)], axis=1)
        fate = fit.future.fate[rows][:, site, None]
        parts.append(np.take_along_axis(mean, fate, axis=2)[..., 0])
    return np.concatenate(parts)

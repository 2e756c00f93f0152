"""Whether any hypothesis could have given reports like these: a check against data made from its draws.

Each posterior draw makes every report once more: the same looks, with the chance of error of their
grades. If what was reported is less likely than nearly all that is made so, under every hypothesis, then
no answer of theirs means anything, however well its draws converged.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import gammaln

from drawdown.errors import FitError
from drawdown.even import some
from drawdown.inference.gate import Reading
from drawdown.model.likelihood import FLOOR, State, expected_pace, expected_remaining, log_chances
from drawdown.model.noise import chance, draw
from drawdown.model.observations import Observations

DRAWS = 2000
ROOM = 1_000_000
"""Draws times reports that are made; with very many reports fewer draws do."""
LEAST = 1000
MIN_CHANCE = 0.002
"""Below it, under every hypothesis, the reports are not of the model's world."""
TIED = 1e-9
SHOWN = 5
NAME = "chance of reports so far off, under the hypothesis that fits best"
ADVICE = (
    "no outcome explains these reports: check the least likely ones (`diagnostics.fit.least_likely` of"
    " assessment.json) for unit, site, dates and grade, then the judgements of the stocks and of the"
    " routine that they bear on"
)


LEAST_PRIOR = 200
"""Draws of the prior that must count: with fewer, the base rates of the answer are those of a few."""


def check_prior(weights: Mapping[str, np.ndarray]) -> None:
    """Refuse priors of which nearly nothing lies where their hypothesis has its outcomes.

    Parameters
    ----------
    weights : mapping
        Weight of each draw of the prior, by hypothesis.

    Raises
    ------
    FitError
        If the weights of a hypothesis have collapsed onto a few draws.
    """
    for h, weight in weights.items():
        count = float(weight.sum() ** 2 / (weight**2).sum())
        # not a number is none
        if not count >= LEAST_PRIOR:
            name = h.replace("_", " ")
            raise FitError(
                f"of {len(weight):,} draws of the prior of {name} only {count:.0f} count. To do: let the"
                " judgements of `fates`, `gone` and the shares of the sites allow what the outcome means"
            )


@dataclass(frozen=True)
class Fitness:
    """How usual the reports are among those that one hypothesis makes.

    Attributes
    ----------
    unlikely : float
        Chance of reports that are together as unlikely.
    mistaken : float
        Chance that as many of them must be mistaken, of the origins that there are.
    each : dims (observation,)
        Chance of a count as unlikely, report by report.
    """

    unlikely: float
    mistaken: float
    each: np.ndarray

    @property
    def joint(self) -> float:
        """Chance that either is as bad: twice the smaller, as two looks at one thing deserve."""
        return min(1.0, 2.0 * min(self.unlikely, self.mistaken))


def fitness(
    state: State,
    fate: np.ndarray,
    observations: Observations,
    rng: np.random.Generator,
) -> Fitness:
    """Compare the reports with those that posterior draws make.

    Two measures, given the draw and its fates: the log likelihood of all origins, each right or
    mistaken; and how many of them are mistaken, by their chances. The second is needed since reports
    that contradict one another can each be likely, some as right and the rest as mistaken. A count is
    made as a count; a bound stays where its reporter put it, and is met or not.

    Parameters
    ----------
    state : State
        Of posterior draws.
    fate : int array, dims (draw, site)
        Drawn with them.
    observations : Observations
    rng : numpy.random.Generator

    Notes
    -----
    Gelman, Meng and Stern (1996, Statistica Sinica 6): a posterior predictive p-value with a realised
    discrepancy. It is conservative, so that a small one means what it says.
    """
    many = len(observations.reports)
    if not many:
        return Fitness(1.0, 1.0, np.zeros(0))
    number = min(len(fate), DRAWS, max(LEAST, ROOM // many))
    picks = some(len(fate), number, rng)
    # a few draws at a time: each holds every report several times over
    parts = [
        _compare(state.take(pick), fate[pick], observations, rng)
        for pick in np.array_split(picks, -(-number * many // ROOM))
    ]
    unlikely, mistaken = (sum(part[n] for part in parts) for n in (0, 1))
    each = np.sum([part[2] for part in parts], axis=0)
    of = 1.0 + number
    return Fitness(float(1 + unlikely) / of, float(1 + mistaken) / of, (1.0 + each) / of)


def _compare(
    state: State,
    fate: np.ndarray,
    observations: Observations,
    rng: np.random.Generator,
) -> tuple[int, int, np.ndarray]:
    """In how many draws what is made is as bad: as unlikely, as mistaken, and report by report."""
    arrays = observations.arrays
    row, column = np.arange(len(fate))[:, None], np.arange(len(observations.reports))
    at = fate[:, arrays["group_site"][observations.group_of]]
    mean, seen = _means(state, arrays)[row, column, at], log_chances(state, arrays)[row, column, at]
    noise = chance(observations.low, observations.high, observations.noise_middle)
    made = _made(mean, np.exp(seen), noise, observations, rng)
    told = np.broadcast_to(np.log(noise + FLOOR), seen.shape)
    likely, wrong = _by_origin((seen, told), observations)
    made_likely, made_wrong = _by_origin(made, observations)
    alone, made_alone = _alone((seen, told), observations), _alone(made, observations)
    return (
        int((made_likely <= likely + TIED).sum()),
        int((made_wrong >= wrong - TIED).sum()),
        (made_alone <= alone + TIED).sum(axis=0),
    )


Pair = tuple[np.ndarray, np.ndarray]
"""Log chances of what was seen or made, if its origin is right and if not; dims (draw, observation)."""


def _means(state: State, arrays: dict[str, np.ndarray]) -> np.ndarray:
    return np.concatenate([expected_remaining(state, arrays), expected_pace(state, arrays)], axis=1)


def _made(
    mean: np.ndarray, inside: np.ndarray, noise: np.ndarray, o: Observations, rng: np.random.Generator
) -> Pair:
    """Make every report once for each draw; its log chance if right, and if mistaken."""
    right = rng.random((len(mean), len(o.groups))) < np.exp(o.arrays["log_right"])
    right = right[:, o.group_of]
    rate = np.minimum(mean * rng.gamma(o.size, 1.0 / o.size, mean.shape), 1e12)
    count = np.where(right, rng.poisson(rate), draw(o.noise_middle, rng, mean.shape))
    within, exact = (count >= o.low) & (count <= o.high), o.low == o.high
    if_right = np.where(exact, _mass(count, mean, o.size), np.where(within, inside, 1.0 - inside))
    mistaken = np.where(within, noise, 1.0 - noise)
    if_mistaken = np.where(exact, chance(count, count, o.noise_middle), mistaken)
    return np.log(np.clip(if_right, 0.0, 1.0) + FLOOR), np.log(np.clip(if_mistaken, 0.0, 1.0) + FLOOR)


def _mass(count: np.ndarray, mean: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Negative-binomial chance of a count."""
    log = gammaln(count + size) - gammaln(size) - gammaln(count + 1.0)
    log = log + size * np.log(size / (size + mean)) + count * np.log((mean + 1e-300) / (size + mean))
    out: np.ndarray = np.exp(log)
    return out


def _by_origin(pair: Pair, o: Observations) -> tuple[np.ndarray, np.ndarray]:
    """Log likelihood of all origins, each at a site right or mistaken as a whole; and mistaken ones."""
    said, groups = o.arrays["said"], len(o.groups)
    order = np.argsort(o.group_of, kind="stable")
    first = np.searchsorted(o.group_of[order], np.arange(groups))
    right, wrong = (np.add.reduceat((part * said)[:, order], first, axis=1) for part in pair)
    wrong = wrong + o.arrays["log_wrong"]
    both = np.logaddexp(right + o.arrays["log_right"], wrong)
    return both.sum(axis=1), np.exp(wrong - both).sum(axis=1)


def _alone(pair: Pair, o: Observations) -> np.ndarray:
    """The same of each report by itself; dims (draw, observation)."""
    right, wrong = (o.arrays[name][o.group_of] for name in ("log_right", "log_wrong"))
    out: np.ndarray = np.logaddexp(pair[0] + right, pair[1] + wrong)
    return out


def reading(found: Mapping[str, Fitness]) -> Reading:
    """The line of the gate: one hypothesis under which the reports are usual is enough."""
    return Reading(NAME, max(f.joint for f in found.values()), MIN_CHANCE, floor=True, advice=ADVICE)


def summary(found: Mapping[str, Fitness], observations: Observations) -> dict[str, Any]:
    """What `diagnostics.fit` of an assessment says."""
    best = np.max([f.each for f in found.values()], axis=0)
    least = np.argsort(best, kind="stable")[:SHOWN]
    return {
        "chance": {h: f.joint for h, f in found.items()},
        "limit": MIN_CHANCE,
        "least_likely": [_row(int(n), found, observations) for n in least],
    }


def _row(n: int, found: Mapping[str, Fitness], observations: Observations) -> dict[str, Any]:
    report = observations.reports[n]
    return {
        "origin": report.origin,
        "site": report.site,
        "indicator": report.indicator,
        "date": report.date.isoformat(),
        "observed": report.observed,
        "chance": {h: float(f.each[n]) for h, f in found.items()},
    }

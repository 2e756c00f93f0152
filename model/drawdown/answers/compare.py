"""Forecasters side by side: where their priors and answers differ, and which prior matters most.

Two answers are as far apart as the outcome on which they differ most. Each prior in which they differ
is taken from the one to the other, alone and in both directions; it explains what that takes away from
the distance, in the mean of both.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from drawdown.answers.alternatives import swaps
from drawdown.answers.assess import Assessment, Progress
from drawdown.answers.pool import distance
from drawdown.answers.retell import Teller
from drawdown.answers.whatif import Effect, effect_of, named, row
from drawdown.errors import InputError
from drawdown.outcomes import OUTCOMES

SURE = 2.0
"""Standard errors beyond which two numbers are told apart."""


@dataclass(frozen=True)
class Forecaster:
    """One set of overlays and its answer.

    Attributes
    ----------
    name : str
    overlays : tuple of path or str
        In order; none are the default priors.
    answer : Assessment
    """

    name: str
    overlays: tuple[Path | str, ...]
    answer: Assessment

    @property
    def outcomes(self) -> np.ndarray:
        """Probability of each outcome; dims (outcome,)."""
        return self.answer.weighed.outcomes


@dataclass(frozen=True)
class Swap:
    """One prior, taken alone from each of two forecasters to the other.

    Attributes
    ----------
    path : str
    first, second : Effect or None
        Of the first with the second's value, and of the second with the first's; None where a value
        cannot stand there without the others.
    closes : float
        What it takes away from the distance between the two, in the mean of what is known.
    error : float
        Monte Carlo error of that.
    """

    path: str
    first: Effect | None
    second: Effect | None
    closes: float
    error: float

    @property
    def moves(self) -> float:
        """Largest move of an outcome, in either direction."""
        found = [effect for effect in (self.first, self.second) if effect is not None]
        return max((float(np.abs(effect.delta).max()) for effect in found), default=0.0)


@dataclass(frozen=True)
class Comparison:
    """Forecasters on one case and date, and the swaps between the two furthest apart.

    Attributes
    ----------
    forecasters : tuple of Forecaster
    pair : (int, int)
        The two that are furthest apart, in the order in which they were named.
    swaps : tuple of Swap
        What explains most first.
    """

    forecasters: tuple[Forecaster, ...]
    pair: tuple[int, int]
    swaps: tuple[Swap, ...]

    @property
    def distance(self) -> float:
        """How far the pair is apart: the largest difference of an outcome."""
        return distance(*(self.forecasters[n].outcomes for n in self.pair))

    @property
    def distance_error(self) -> float:
        """Monte Carlo error of the distance."""
        return float(np.hypot(*(self.forecasters[n].answer.mcse.max() for n in self.pair)))

    @property
    def apart(self) -> bool:
        """Whether the answers of the pair differ by more than their Monte Carlo error."""
        return self.distance > SURE * self.distance_error

    @property
    def most(self) -> Swap | None:
        """The prior that explains most of the difference; None where there is none to explain."""
        told = [s for s in self.swaps if s.first is not None or s.second is not None]
        return told[0] if told and self.apart and told[0].closes > SURE * told[0].error else None

    @property
    def near_most(self) -> tuple[Swap, ...]:
        """Priors that cannot be told from the first within Monte Carlo error."""
        first = self.most
        if first is None:
            return ()
        return tuple(
            s
            for s in self.swaps
            if s is not first and first.closes - s.closes <= SURE * float(np.hypot(first.error, s.error))
        )

    @property
    def passed(self) -> bool:
        """Whether every refit passed the checks of the gate."""
        effects = [effect for swap in self.swaps for effect in (swap.first, swap.second)]
        return all(effect.answer.passed for effect in effects if effect is not None)


def compare(
    forecasters: Sequence[Forecaster],
    *,
    quick: bool = False,
    progress: Progress = lambda _: None,
) -> Comparison:
    """Compare forecasters, and swap each prior in which the two that are furthest apart differ.

    Parameters
    ----------
    forecasters : sequence of Forecaster
        At least two, of one case and date.
    quick : bool
        Few draws where a value needs a fit.
    """
    pairs = list(combinations(range(len(forecasters)), 2))
    pair = max(pairs, key=lambda p: distance(*(forecasters[n].outcomes for n in p)))
    one, two = (forecasters[n] for n in pair)
    into_one, into_two = (_taken(*way, quick, progress) for way in ((one, two), (two, one)))
    found = [_swap(path, into_one[path], into_two[path], one, two) for path in into_one]
    found.sort(key=lambda swap: (-round(swap.closes, 9), -round(swap.moves, 9), swap.path))
    return Comparison(tuple(forecasters), pair, tuple(found))


def _taken(
    of: Forecaster, other: Forecaster, quick: bool, progress: Progress
) -> dict[str, Effect | None]:
    """The answer of one forecaster with each value of the other, by path."""
    teller = Teller(of.answer)
    found: dict[str, Effect | None] = {}
    for path, alternative in swaps(of.answer.question, of.overlays, other.overlays).items():
        progress(f"{of.name} with {path} of {other.name}")
        try:
            told = effect_of(teller, alternative, progress, quick=quick) if alternative else None
        except InputError:
            # under this value and the rest of the one's the stated base rates cannot come about
            told = None
        found[path] = told
    return found


def _swap(
    path: str, into_one: Effect | None, into_two: Effect | None, one: Forecaster, two: Forecaster
) -> Swap:
    apart = distance(one.outcomes, two.outcomes)
    sides = [(into_one, two), (into_two, one)]
    known = [(effect, goal) for effect, goal in sides if effect is not None]
    closes = [apart - distance(effect.answer.outcomes, goal.outcomes) for effect, goal in known]
    errors = [float(effect.answer.change_mcse.max()) for effect, _ in known]
    error = float(np.sqrt(np.sum(np.square(errors)))) / max(len(errors), 1)
    return Swap(path, into_one, into_two, float(np.mean(closes)) if closes else 0.0, error)


def record(found: Comparison, seconds: float) -> dict[str, Any]:
    """Return what `compare --json` prints."""
    q = found.forecasters[0].answer.question
    one, two = (found.forecasters[n] for n in found.pair)
    most = found.most
    return {
        "case": q.case.slug,
        "as_of": q.view.as_of.isoformat(),
        "forecasters": [
            {
                "name": f.name,
                "overlays": list(f.answer.question.priors.names),
                "outcomes": named(f.outcomes),
                "mcse": named(f.answer.mcse),
            }
            for f in found.forecasters
        ],
        "pair": [one.name, two.name],
        "distance": found.distance,
        "distance_mcse": found.distance_error,
        "apart": found.apart,
        "most": most.path if most is not None else None,
        "near_most": [swap.path for swap in found.near_most],
        "swaps": [_swap_row(swap, one, two) for swap in found.swaps],
        "outcomes": list(OUTCOMES),
        "seconds": round(seconds, 3),
    }


def _swap_row(swap: Swap, one: Forecaster, two: Forecaster) -> dict[str, Any]:
    sides = ((one.name, swap.first), (two.name, swap.second))
    return {
        "path": swap.path,
        "says": _says(swap, one.name, two.name),
        "closes": swap.closes,
        "closes_mcse": swap.error,
        "into": {name: row(effect) if effect is not None else None for name, effect in sides},
    }


def _says(swap: Swap, one: str, two: str) -> dict[str, str]:
    """What each of the two says of a path."""
    if swap.first is not None:
        return {one: swap.first.alternative.said, two: swap.first.alternative.becomes}
    if swap.second is not None:
        return {one: swap.second.alternative.becomes, two: swap.second.alternative.said}
    return {one: "", two: ""}

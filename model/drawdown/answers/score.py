"""How good the learned strand is out of sample: cases and clusters left out, and another folder."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from drawdown.answers.baselines import BASELINES
from drawdown.answers.learn import Learned, Learner
from drawdown.answers.scoring import Scored, difference, score
from drawdown.errors import InputError, Problem, did_you_mean
from drawdown.files.learning import Learning
from drawdown.files.reference import ReferenceClass
from drawdown.model.episodes import Coded, code
from drawdown.outcomes import OUTCOMES
from drawdown.seeds import stage_seed

Progress = Callable[[str, int, int], None]
"""Told a stage, how much of it is done, and how much there is."""


@dataclass(frozen=True)
class Trial:
    """Forecasts of cases that were not learned from.

    Attributes
    ----------
    cases : tuple of str
    learned : Scored
        From every coded indicator by one interval a chance, which is what `learned.yaml` holds and
        `assess` uses.
    joint : Scored
        The same from the joint draws, which the file cannot keep.
    political : Scored
        As `learned`, from the political indicators alone, as in a case with a physical strand.
    baselines : dict of str to Scored
    """

    cases: tuple[str, ...]
    learned: Scored
    joint: Scored
    political: Scored
    baselines: dict[str, Scored]

    def take(self, kept: np.ndarray) -> "Trial":
        """Return some of the cases; bool, dims (case,)."""
        return Trial(
            tuple(name for name, k in zip(self.cases, kept, strict=True) if k),
            self.learned.take(kept),
            self.joint.take(kept),
            self.political.take(kept),
            {name: scored.take(kept) for name, scored in self.baselines.items()},
        )

    def record(self) -> dict[str, Any]:
        """Mean scores, and paired differences to each baseline."""
        return self.learned.means() | {
            "joint_draws": self.joint.means(),
            "political_alone": self.political.means(),
            "baselines": {name: s.means() for name, s in self.baselines.items()},
            "less": {name: difference(self.learned, s) for name, s in self.baselines.items()},
            "largest_wrong": self.largest_wrong(),
        }

    def largest_wrong(self) -> float:
        """Largest probability that was given to an outcome which did not come."""
        came = np.eye(len(OUTCOMES), dtype=bool)[self.learned.outcome]
        return float(np.where(came, 0.0, self.learned.stated).max())


def left_out(
    learner: Learner,
    political: frozenset[str],
    seed: int,
    *,
    by_cluster: bool = False,
    among: np.ndarray | None = None,
    progress: Progress = lambda *_: None,
) -> Trial:
    """Leave each case or cluster out, learn from the rest, and forecast what was left out.

    Parameters
    ----------
    political : frozenset of str
        Indicators that a case with a physical strand would be judged by.
    among : bool array, dims (case,), optional
        Cases to learn from and to forecast; the others are ignored.
    """
    episodes = learner.reference.episodes
    among = np.ones(len(episodes), dtype=bool) if among is None else among
    keys = np.array([e.cluster if by_cluster else e.name for e in episodes])
    folds = [(keys == key) & among for key in dict.fromkeys(keys[among])]
    stage = "cluster" if by_cluster else "case"
    parts = []
    for n, out in enumerate(folds):
        progress(f"Leaving one {stage} out", n, len(folds))
        kept = among & ~out
        fold = learner.fit(kept, stage_seed(seed, "fold", str(keys[out][0])))
        train, test = learner.coded.take(kept), learner.coded.take(out)
        parts.append((out, _forecasts(fold, train, test, political)))
    return _joined(learner, parts)


def held_out(
    found: Learned, learner: Learner, other: ReferenceClass, political: frozenset[str]
) -> Trial:
    """Forecast the cases of another folder.

    Raises
    ------
    InputError
        If it codes an indicator that was never learned.
    """
    problems = [
        Problem(f"{name}", 0, 0, "an indicator that the reference class does not code", hint=hint)
        for name in other.indicators
        if name not in found.indicators
        for hint in [did_you_mean(name, found.indicators)]
    ]
    if problems:
        raise InputError(problems)
    test = code(other.episodes, found.indicators)
    stated = _forecasts(found, learner.coded, test, political)
    return _trial(tuple(e.name for e in other.episodes), stated, test.outcome)


def _forecasts(
    found: Learned, train: Coded, test: Coded, political: frozenset[str]
) -> dict[str, np.ndarray]:
    told = np.array([name in political for name in found.indicators], dtype=float)
    alone = Coded(test.present * told, test.known * told, test.outcome)
    return {
        "learned": found.predict_from_intervals(test),
        "joint": found.predict(test),
        "political": found.predict_from_intervals(alone),
    } | {name: method(train, test) for name, method in BASELINES.items()}


def _joined(learner: Learner, parts: list[tuple[np.ndarray, dict[str, np.ndarray]]]) -> Trial:
    """Put the folds back into the order of the cases."""
    tested = np.concatenate([np.flatnonzero(out) for out, _ in parts])
    order = np.argsort(tested)
    stated = {
        name: np.concatenate([forecast[name] for _, forecast in parts])[order] for name in parts[0][1]
    }
    cases = tuple(learner.reference.episodes[i].name for i in tested[order])
    return _trial(cases, stated, learner.coded.outcome[tested[order]])


def _trial(cases: tuple[str, ...], stated: dict[str, np.ndarray], outcome: np.ndarray) -> Trial:
    scored = {name: score(p, outcome) for name, p in stated.items()}
    return Trial(
        cases,
        scored["learned"],
        scored["joint"],
        scored["political"],
        {name: scored[name] for name in BASELINES},
    )


@dataclass(frozen=True)
class Report:
    """Everything that `score` says of a reference class."""

    loo: Trial
    loco: Trial
    settled_apart: Trial
    """Learned from, and forecast for, the cases that were not near-settled."""
    unsettled: np.ndarray
    holdout: Trial | None

    @property
    def unsettled_loo(self) -> Trial:
        """Learned from all, scored on the cases that were not near-settled."""
        return self.loo.take(self.unsettled)

    def record(self) -> dict[str, Any]:
        """The contract's keys, and more."""
        loo = self.loo.record()
        return {
            "loo": loo,
            "loco": self.loco.record(),
            "loo_of_the_unsettled": self.unsettled_loo.record(),
            "without_near_settled": self.settled_apart.record(),
            "holdout": None if self.holdout is None else self.holdout.record(),
            "baselines": loo["baselines"],
            "cases": _cases(self.loo) + (_cases(self.holdout) if self.holdout else []),
        }


def _cases(trial: Trial) -> list[dict[str, Any]]:
    s = trial.learned
    return [
        {
            "case": name,
            "outcome": OUTCOMES[s.outcome[i]],
            "probability": dict(zip(OUTCOMES, map(float, s.stated[i]), strict=True)),
            "rps": float(s.rps[i]),
            "log": float(s.log[i]),
            "brier": float(s.brier[i]),
        }
        for i, name in enumerate(trial.cases)
    ]


def score_reference(
    reference: ReferenceClass,
    learning: Learning,
    political: frozenset[str],
    seed: int,
    other: ReferenceClass | None = None,
    progress: Progress = lambda *_: None,
) -> Report:
    """Score the learned strand out of sample, in every way that the cases allow."""
    progress("Compiling", 0, 1)
    learner = Learner(reference, learning)
    unsettled = np.array([not e.near_settled for e in reference.episodes])
    loo = left_out(learner, political, seed, progress=progress)
    loco = left_out(learner, political, seed, by_cluster=True, progress=progress)
    apart = left_out(learner, political, seed, among=unsettled, progress=progress)
    holdout = None
    if other is not None:
        progress("Forecasting the other folder", 0, 1)
        everything = np.ones(len(reference.episodes), dtype=bool)
        found = learner.fit(everything, stage_seed(seed, "learn"), whole=True)
        holdout = held_out(found, learner, other, political)
    return Report(loo, loco, apart, unsettled, holdout)

"""The primitive of every explanation: the same draws under another question.

Reweighted where Pareto-smoothed weights hold, fitted again where they do not; every answer says
which. Draws already reweighted are never reweighted again: a teller starts from a fit.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from drawdown.answers.assess import (
    Assessment,
    Question,
    assemble,
    compile_sampler,
    fit_each,
    foresee,
    future_tape,
    integral_se,
    prior_run,
)
from drawdown.answers.pooled import Fewer
from drawdown.answers.prior import PriorRun, prior_table, same_run
from drawdown.answers.weigh import (
    Table,
    Weighed,
    Weighing,
    error_of_change,
    monte_carlo_error,
    tabulate,
)
from drawdown.inference.fitted import FULL, ROUGH, Effort, Fitted
from drawdown.inference.reweight import Reweighted, reweight, within_limits
from drawdown.inference.sample import Sampler
from drawdown.model.heard import Heard, hear
from drawdown.model.hyper import Arrays
from drawdown.model.observations import GROUPS, log_most
from drawdown.model.transport import carried
from drawdown.outcomes import OUTCOMES
from drawdown.seeds import stage_generator

STRUCTURE = ("gone_mu", "gone_sd", "together", "log_fate", "pattern_sign", "pattern_log")
"""Prior values that decide where a site ends: what a new value allows, old draws may never have seen,
and no weight shows it. A change of them is always fitted again (docs/reweighting.md)."""

GUARD = ROUGH.near()
"""Effort of a refit of which the error need not be that of an answer."""
PLENTY = 0.5
"""Of the draws still effective: another way to carry them would gain less than the bridge's error."""


@dataclass(frozen=True)
class Answer:
    """The outcomes under a question, and how they were got.

    Attributes
    ----------
    question : Question
    weighed : Weighed
    log_z : dims (hypothesis,)
    table : Table
    method : str
        `exact` (nothing that was sampled changed), `reweighted` or `refitted`.
    khat : float
        Largest over the hypotheses; minus infinity where no weight was needed.
    ess : float
        Fewest effective draws of a hypothesis.
    unseen : float
        Largest share of the weight of a hypothesis that may lie where there is no draw.
    before, after : Weighing
        What the base's answer and this one are weighed from.
    seed : int
    passed : bool
        Whether a refit passed the checks of the gate; true of any other answer.
    """

    question: Question
    weighed: Weighed
    log_z: np.ndarray
    table: Table
    method: str
    khat: float
    ess: float
    before: Weighing
    after: Weighing
    seed: int
    passed: bool = True
    unseen: float = np.inf

    @property
    def outcomes(self) -> np.ndarray:
        """Probability of each outcome, with the reserve; dims (outcome,)."""
        return self.weighed.outcomes

    @cached_property
    def mcse(self) -> np.ndarray:
        """Monte Carlo error of each probability; dims (outcome,)."""
        return self._error(self.after)

    @cached_property
    def change_mcse(self) -> np.ndarray:
        """Monte Carlo error of the answer less the base's; dims (outcome,).

        Of a reweighted answer much the smaller, since both are of the same draws; of a refitted one at
        most this.
        """
        if self.method == "refitted":
            return np.hypot(self.mcse, self._error(self.before))
        return error_of_change(self.before, self.after, self._rng())

    def _error(self, weighing: Weighing) -> np.ndarray:
        return monte_carlo_error(weighing, self._rng())

    def _rng(self) -> np.random.Generator:
        return stage_generator(self.seed, "monte carlo error")


class Teller:
    """Answers other questions from the draws of one assessment.

    Parameters
    ----------
    a : Assessment
    sampler : callable, optional
        Gives a compiled sampler when the first refit asks for one.
    """

    def __init__(self, a: Assessment, sampler: Callable[[], Sampler] | None = None):
        self.base = a
        self._compile = sampler or (lambda: compile_sampler(a.question))
        self._runs: dict[str, tuple[Question, PriorRun]] = {}
        self._tapes = {h: future_tape(a.question, h) for h in OUTCOMES}
        self._fewer: list[Fewer] = []

    @cached_property
    def sampler(self) -> Sampler:
        """A sampler, compiled when first asked for."""
        return self._compile()

    @cached_property
    def _threads(self) -> ThreadPoolExecutor:
        # NumPy lets go of the lock, so that the hypotheses share the cores
        return ThreadPoolExecutor(len(OUTCOMES))

    def answer(self, q: Question, effort: Effort = FULL) -> Answer:
        """Answer a question: from the draws where their weights hold, else by a refit."""
        if q.layout != self.base.question.layout:
            return self.refitted(q, effort)
        told = self.reweighted(q)
        return told if self.holds(told) else self.refitted(q, effort)

    def holds(self, told: Answer) -> bool:
        """Whether a reweighted answer is within the limits."""
        sound = within_limits(told.khat, told.ess, told.unseen)
        return sound and not self._restructured(told.question)

    def heard_less(self, q: Question, fitted: Mapping[str, Fitted]) -> None:
        """Keep fits of a question with reports left out: they serve questions that lie between."""
        self._fewer.append(Fewer.of(self.base.question, self.base.fits, q, fitted))

    def pooled(self, q: Question) -> Answer | None:
        """Answer a question with reports left out from the base's draws and those that heard less.

        None where no kept fit heard so little.
        """
        fewer = next((f for f in self._fewer if f.within(q)), None)
        if fewer is None:
            return None
        pools = [fewer.pools[h] for h in OUTCOMES]
        found = list(self._threads.map(lambda pool: pool.weigh(q), pools))
        told = self._threads.map(lambda h, f: foresee(q, h, f[1]).stands(q.horizon), OUTCOMES, found)
        outcomes = list(told)
        parts = [part for part, _ in found]
        se = np.array([pool.se for pool in pools])
        return self._answer(q, parts, outcomes, np.array([part.log_ratio for part in parts]), se)

    def refitted(self, q: Question, effort: Effort = GUARD) -> Answer:
        """Answer by fitting again every hypothesis of which something that is sampled changed.

        Parameters
        ----------
        q : Question
        effort : Effort
            If not said, few draws, once: the error of a move of some points need not be that of an
            answer.
        """
        a = self.refit(q, effort)
        return Answer(
            question=q,
            weighed=a.weighed,
            log_z=a.log_z,
            table=a.table,
            method="refitted",
            khat=-np.inf,
            ess=np.inf,
            before=self.base.weighing,
            after=a.weighing,
            seed=q.seed,
            passed=a.passed,
        )

    def refit(self, q: Question, effort: Effort = GUARD) -> Assessment:
        """The assessment behind `refitted`."""
        same_shape = q.layout == self.base.question.layout
        fitted = {h: self.base.fits[h].fitted for h in OUTCOMES if same_shape and self._unmoved(q, h)}
        moved = [h for h in OUTCOMES if h not in fitted]
        if moved:
            sampler = self.sampler if same_shape else compile_sampler(q)
            fitted |= fit_each(q, moved, sampler, effort, self.base.fits if same_shape else None)
        return assemble(q, fitted, quick=effort.slack > 1.0)

    def _unmoved(self, q: Question, h: str) -> bool:
        """Whether all that is sampled under a hypothesis is the base's."""
        base = self.base.question
        return same_priors(q, base, h) and same_reports(q, base)

    def reweighted(self, q: Question) -> Answer:
        """Answer from the draws alone, whatever their weights are worth."""
        told = list(self._threads.map(lambda h: self._reweighted(q, h), OUTCOMES))
        parts, outcomes = [part for part, _ in told], [outcome for _, outcome in told]
        ratio = np.array([part.log_ratio for part in parts])
        log = np.array([self.base.fits[h].evidence.log for h in OUTCOMES]) + ratio
        return self._answer(q, parts, outcomes, log, integral_se(self.base.fits))

    def _answer(
        self,
        q: Question,
        parts: list[Reweighted],
        outcomes: list[np.ndarray],
        log_evidence: np.ndarray,
        evidence_se: np.ndarray,
    ) -> Answer:
        """Weigh draws with weights; `log_evidence` still holds the mass of the prior's region."""
        known = self._threads.map(lambda h: self._prior_run(q, h), OUTCOMES)
        runs = dict(zip(OUTCOMES, known, strict=True))
        table = tabulate(outcomes, [part.weights for part in parts])
        prior = prior_table(runs)
        log_z = log_evidence - [runs[h].log_region for h in OUTCOMES]
        even = np.array([np.ptp(part.weights) == 0.0 for part in parts])
        gained = np.where(even, 0.0, table.gain_se)
        weighing = Weighing.of(log_z, np.hypot(evidence_se, gained), table, prior, q.besides)
        return Answer(
            question=q,
            weighed=weighing.weighed,
            log_z=log_z,
            table=table,
            method="exact" if even.all() else "reweighted",
            khat=max(part.khat for part in parts),
            ess=min(part.ess for part in parts),
            unseen=max(part.unseen for part in parts),
            before=self.base.weighing,
            after=weighing,
            seed=self.base.question.seed,
        )

    def ratio(self, q: Question) -> np.ndarray:
        """Log of the marginal likelihood of each hypothesis under a question over the base's.

        Unsmoothed, and without the prior's region; dims (hypothesis,).
        """
        return np.array([self._weights(q, h)[0].log_ratio for h in OUTCOMES])

    def _reweighted(self, q: Question, h: str) -> tuple[Reweighted, np.ndarray]:
        part, told = self._weights(q, h)
        if told is None:
            return part, self.base.fits[h].outcome
        return part, self._stands(q, h, told)

    def _stands(self, q: Question, h: str, told: Heard) -> np.ndarray:
        """Where the base's draws stand on the horizon under a question; dims (draw,)."""
        base, fit = self.base.question, self.base.fits[h]
        future = foresee(q, h, told, self._tapes[h].play() if q.seed == base.seed else None)
        if q.horizon != base.horizon:
            return future.stands(q.horizon)
        return future.stands_given(fit.future, fit.outcome, q.horizon)

    def _weights(self, q: Question, h: str) -> tuple[Reweighted, Heard | None]:
        """Weights of the draws of one hypothesis; no draws where their futures are the base's."""
        base, own = self.base.question, self.base.fits[h].heard
        was, now = base.observations.arrays, q.observations.arrays
        if same_priors(q, base, h) and same_reports(q, base):
            even = reweight(np.zeros(len(own.z)))
            return even, None if same_late(q, base) else own
        if same_priors(q, base, h) and _same_looks(q, base):
            told = own.told(was, now)
            part = reweight(told.log_weight - own.log_weight)
            return part.bounded(log_most(was, now), float(np.median(self.base.fits[h].health.ess))), told
        found = []
        for way in carried(own.z, base.hyper[h], q.hyper[h], q.layout):
            if way.still and same_reports(q, base):
                told = own.judged(way.z, q.hyper[h])
            else:
                told = hear(way.z, q.hyper[h], now, q.layout)
            found.append((reweight(told.log_weight + way.shift - own.log_weight), told))
            if found[-1][0].holds and found[-1][0].ess > PLENTY * len(own.z):
                break
        return max(found, key=lambda pair: (pair[0].holds, pair[0].ess))

    def _prior_run(self, q: Question, h: str) -> PriorRun:
        base = self.base.question
        if same_late(q, base) and same_run(q.hyper[h], base.hyper[h], q.layout):
            return self.base.prior_runs[h]
        # one question after another is asked of the same day and judgements
        last, run = self._runs.get(h, (None, None))
        if last is None or run is None or not (same_priors(q, last, h) and same_late(q, last)):
            run = prior_run(q, h)
            self._runs[h] = q, run
        return run

    def _restructured(self, q: Question) -> bool:
        base = self.base.question
        return any(
            not np.array_equal(q.hyper[h][name], base.hyper[h][name])
            for h in OUTCOMES
            for name in STRUCTURE
        )


def same_priors(q: Question, other: Question, h: str) -> bool:
    """Whether two questions have the same prior values of a hypothesis."""
    return _same(q.hyper[h], other.hyper[h])


def same_reports(q: Question, other: Question) -> bool:
    """Whether the physical reports of two questions are the same numbers."""
    ours, theirs = q.observations.arrays, other.observations.arrays
    return ours is theirs or _same(ours, theirs)


def _same_looks(q: Question, other: Question) -> bool:
    """Whether the same origins looked and saw the same; how far each is believed may differ."""
    ours, theirs = q.observations.arrays, other.observations.arrays
    if ours is theirs:
        return True
    believed = ("said", *GROUPS)
    return all(np.array_equal(ours[name], theirs[name]) for name in ours if name not in believed)


def same_late(q: Question, other: Question) -> bool:
    """Whether the same may still happen after the date, and until the same horizon."""
    one, two = q.late, other.late
    hazards = (one.starts, one.returns) == (two.starts, two.returns)
    days = (q.view.day, q.horizon) == (other.view.day, other.horizon)
    return hazards and days and np.array_equal(one.closes, two.closes)


def _same(one: Arrays, other: Arrays) -> bool:
    return one is other or all(np.array_equal(one[name], other[name]) for name in one)

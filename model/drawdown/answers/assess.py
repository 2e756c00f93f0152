"""One assessment: a case as of a date, fitted under each hypothesis and weighed."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date

import numpy as np

from drawdown.answers.fitness import Fitness, check_prior, fitness
from drawdown.answers.fitness import reading as fitness_reading
from drawdown.answers.prior import PriorRun, prior_as_of, prior_table
from drawdown.answers.simulate import Future, along, simulate
from drawdown.answers.weigh import (
    REACH,
    Besides,
    Table,
    Weighed,
    Weighing,
    monte_carlo_error,
    solve_hypotheses,
    tabulate,
)
from drawdown.even import Even, Tape
from drawdown.files.case import Case
from drawdown.files.priors import Priors
from drawdown.files.view import View, view
from drawdown.inference.bridge import Density
from drawdown.inference.fitted import FULL, Effort, Fitted, fit, usual
from drawdown.inference.gate import MAX_MCSE, Reading, read_fits
from drawdown.inference.sample import Sampler
from drawdown.model.heard import Heard, hear
from drawdown.model.hyper import Arrays, Late, late_values
from drawdown.model.layout import Layout, layout_of
from drawdown.model.likelihood import natural
from drawdown.model.observations import Observations, observe, spoken
from drawdown.model.own_fates import prior_values
from drawdown.model.politics import Code, code_indicators, political_log_likelihood
from drawdown.outcomes import OUTCOMES
from drawdown.seeds import stage_generator, stage_seed
from drawdown.threads import by_hypothesis

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Question:
    """Everything that is known before anything is sampled."""

    case: Case
    priors: Priors
    view: View
    layout: Layout
    hyper: dict[str, Arrays]
    crossing: np.ndarray
    late: Late
    observations: Observations
    codes: tuple[Code, ...]
    log_politics: np.ndarray
    seed: int
    reach: float = REACH
    """How far from the base rates an answer may leave the outcomes without reports."""

    @property
    def horizon(self) -> int:
        """Day of the horizon."""
        return (self.case.horizon - self.case.trigger).days

    @property
    def stated_rates(self) -> np.ndarray:
        """Base rates as a person stated them; dims (outcome,)."""
        return np.array([self.priors.outcome_chance[o] for o in OUTCOMES])

    @property
    def besides(self) -> Besides:
        """Base rates, reserve and politics: what is weighed besides the physical reports."""
        rates = self.stated_rates @ self.crossing
        return Besides(rates, self.priors.reserve, self.log_politics, self.reach)

    def seeds(self, h: str) -> Callable[..., int]:
        """Seed of a stage of one hypothesis, by the stage's name."""
        return lambda *stage: stage_seed(self.seed, stage[0], h, *stage[1:])


@dataclass(frozen=True)
class Fit(Fitted):
    """One hypothesis, fitted to the physical reports and simulated to the horizon.

    Attributes
    ----------
    heard : Heard
        The draws, and what the reports say at each.
    future : Future
    outcome : int array, dims (draw,)
        Where each draw stands on the horizon.
    fitness : Fitness
        How usual the reports are among those that the draws make.
    """

    heard: Heard
    future: Future
    outcome: np.ndarray
    fitness: Fitness

    @property
    def fitted(self) -> Fitted:
        """What sampling gave, without what was made of it."""
        return Fitted(self.draws, self.evidence, self.worth, self.health)


@dataclass(frozen=True)
class Assessment:
    """The answer and all that it rests on."""

    question: Question
    fits: dict[str, Fit]
    prior_runs: dict[str, PriorRun]
    table: Table
    prior_table: Table
    weighed: Weighed
    mcse: np.ndarray
    readings: list[Reading]
    fitness: dict[str, Fitness]

    @property
    def passed(self) -> bool:
        """Whether every check of the gate holds."""
        return all(reading.passed for reading in self.readings)

    @property
    def log_z(self) -> np.ndarray:
        """Log marginal likelihood of the physical reports; dims (hypothesis,)."""
        return log_marginal(self.fits, self.prior_runs)

    @property
    def weighing(self) -> Weighing:
        """What the answer is weighed from."""
        tables = self.table, self.prior_table
        return Weighing.of(self.log_z, integral_se(self.fits), *tables, self.question.besides)

    def draw_weights(self) -> dict[str, np.ndarray]:
        """Weight of each draw in the answer without the reserve; all sum to one."""
        out = {}
        for i, h in enumerate(OUTCOMES):
            share = self.weighed.joint[i] / np.maximum(self.table.chance[i], 1e-300)
            out[h] = share[self.fits[h].outcome] / len(self.fits[h].outcome)
        return out


def log_marginal(fits: dict[str, Fit], prior_runs: dict[str, PriorRun]) -> np.ndarray:
    """Log marginal likelihood: the bridge's integral over the region's mass; dims (hypothesis,)."""
    return np.array([fits[h].evidence.log - prior_runs[h].log_region for h in OUTCOMES])


def integral_se(fits: Mapping[str, Fitted]) -> np.ndarray:
    """Standard error of the bridge's integral; dims (hypothesis,)."""
    return np.array([fits[h].evidence.se for h in OUTCOMES])


def ask(case: Case, priors: Priors, as_of: date | None, seed: int) -> Question:
    """Turn a case as of a date into arrays."""
    seen = view(case, as_of)
    layout = layout_of(case, priors)
    codes = code_indicators(seen, priors)
    politics = political_log_likelihood(codes, priors, seen.day)
    return Question(
        case=case,
        priors=priors,
        view=seen,
        layout=layout,
        **vars(prior_values(case, priors, layout)),
        late=late_values(priors, layout),
        observations=observe(seen, priors, layout),
        codes=codes,
        log_politics=np.array([politics[o] for o in OUTCOMES]),
        seed=seed,
    )


def assess(
    question: Question,
    *,
    quick: bool = False,
    sampler: Sampler | None = None,
    progress: Progress = lambda _: None,
) -> Assessment:
    """Fit every hypothesis and weigh them.

    Parameters
    ----------
    question : Question
    quick : bool
        Fewer draws; the gate allows twice the error.
    sampler : Sampler, optional
        One compiled for the same layout; else one is compiled.
    progress : callable
        Told the name of each stage.

    Raises
    ------
    OutOfReach
        Before anything is fitted, if the stated base rates cannot come about.
    """
    q = question
    if sampler is None:
        progress("Compiling the model")
        sampler = prepare(q)
    check_base_rates(q)
    progress("Fitting")
    return settled(q, fit_each(q, OUTCOMES, sampler, usual(quick)), sampler, quick=quick)


def settled(
    q: Question, fitted: dict[str, Fitted], sampler: Sampler, *, quick: bool = False
) -> Assessment:
    """Assemble fits; where the gate would find the answer too blurred, of longer runs of the chains."""
    a = assemble(q, fitted, quick=quick)
    effort = usual(quick)
    if a.mcse.max() <= MAX_MCSE * effort.slack:
        return a
    return assemble(q, fit_each(q, OUTCOMES, sampler, effort.sharper()), quick=quick)


def check_base_rates(q: Question) -> None:
    """Raise `OutOfReach` if under no chances of the hypotheses the outcomes have their base rates."""
    table = prior_table(by_hypothesis(lambda h: prior_run(q, h)))
    solve_hypotheses(table.chance, q.besides.base_rates, q.besides.reach)


def compile_sampler(q: Question) -> Sampler:
    """Compile the model of a case; it then serves every date, overlay and set of reports."""
    return Sampler.of_case(q.layout, q.hyper[OUTCOMES[0]] | q.observations.arrays)


def prepare(q: Question) -> Sampler:
    """Compile the model of a case, if its base rates can come about.

    Raises
    ------
    OutOfReach
        As `check_base_rates`.
    """
    check_base_rates(q)
    return compile_sampler(q)


def fit_each(
    q: Question,
    hypotheses: Sequence[str],
    sampler: Sampler,
    effort: Effort = FULL,
    near: Mapping[str, Fitted] | None = None,
) -> dict[str, Fitted]:
    """Fit hypotheses side by side: while one is integrated another is sampled, and no core waits.

    Parameters
    ----------
    near : dict of Fitted, optional
        Fits of a question that is nearly this one, from which an effort that is `nearby` starts.
    """
    with ThreadPoolExecutor(len(OUTCOMES)) as pool:
        starts = {h: near[h].draws for h in hypotheses} if near and effort.nearby else {}
        found = pool.map(lambda h: fit_hypothesis(q, h, sampler, effort, starts.get(h)), hypotheses)
        return dict(zip(hypotheses, found, strict=True))


def fit_hypothesis(
    q: Question, h: str, sampler: Sampler, effort: Effort = FULL, start: np.ndarray | None = None
) -> Fitted:
    """Sample one hypothesis given the reports, and integrate it; `start` as for `fit`."""
    # compiled code is loaded only where something is fitted
    from drawdown.model.kernel import log_density_rows, slopes_rows

    hyper, obs = q.hyper[h], spoken(q.observations.arrays)
    density = Density(
        lambda z: log_density_rows(z, hyper, obs, q.layout),
        lambda z: slopes_rows(z, hyper, obs, q.layout),
        lambda z: along(natural(z, hyper, q.layout), hyper, q.horizon),
    )
    return fit(sampler, hyper | obs, density, q.seeds(h), effort, start)


def assemble(q: Question, fitted: dict[str, Fitted], *, quick: bool = False) -> Assessment:
    """Simulate the fits of all hypotheses to the horizon, and weigh them.

    Parameters
    ----------
    fitted : dict of Fitted, by hypothesis
        New, or read back from disk: the answer is the same.
    """
    prior_runs = by_hypothesis(lambda h: prior_run(q, h))
    fits = by_hypothesis(lambda h: with_future(q, h, fitted[h]))
    check_prior({h: run.weights for h, run in prior_runs.items()})
    table = tabulate([fits[h].outcome for h in OUTCOMES])
    unseen = prior_table(prior_runs)
    log_z = log_marginal(fits, prior_runs)
    weighing = Weighing.of(log_z, integral_se(fits), table, unseen, q.besides)
    mcse = monte_carlo_error(weighing, stage_generator(q.seed, "monte carlo error"))
    readings = read_fits(
        {h: fit.health for h, fit in fits.items()},
        {h: fit.evidence for h, fit in fits.items()},
        float(mcse.max()),
        quick,
    )
    likeness = {h: fits[h].fitness for h in OUTCOMES}
    readings.append(fitness_reading(likeness))
    weighed = weighing.weighed
    return Assessment(q, fits, prior_runs, table, unseen, weighed, mcse, readings, likeness)


def prior_run(q: Question, h: str) -> PriorRun:
    """Draw the prior of one hypothesis; the same numbers whatever the reports."""
    seed = stage_seed(q.seed, "prior", h)
    return prior_as_of(q.hyper[h], q.layout, q.late, q.view.day, q.horizon, seed)


def with_future(q: Question, h: str, fitted: Fitted) -> Fit:
    """Simulate the draws of one hypothesis to the horizon, and make its reports once more."""
    heard = hear(fitted.draws, q.hyper[h], q.observations.arrays, q.layout)
    future = foresee(q, h, heard)
    rng = stage_generator(q.seed, "fitness", h)
    usual = fitness(heard.state, future.fate, q.observations, rng)
    stands = future.stands(q.horizon)
    return Fit(**vars(fitted), heard=heard, future=future, outcome=stands, fitness=usual)


def foresee(q: Question, h: str, heard: Heard, rng: Even | None = None) -> Future:
    """Simulate draws of one hypothesis to the horizon.

    The random numbers are the same for every question of one seed, so that two answers from the
    same draws differ by what was asked alone.

    Parameters
    ----------
    rng : Even, optional
        From the beginning of `future_tape`, where it is at hand.
    """
    rng, obs = rng or Even(stage_generator(q.seed, "future", h)), q.observations.arrays
    pattern = heard.patterns(rng)
    return simulate(heard.state, q.hyper[h], obs, q.late, q.view.day, rng, pattern)


def future_tape(q: Question, h: str) -> Tape:
    """The random numbers of `foresee`, for so many draws as first ask for them."""
    return Tape(stage_generator(q.seed, "future", h))

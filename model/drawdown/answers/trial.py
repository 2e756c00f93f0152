"""Trials: simulated episodes, answered as real ones are, and where their truth lies in the answers.

Talts et al. (2018) and Modrak et al. (2023): if truth and reports are drawn from the model, the truth
is one more draw of the posterior. So its place among the draws is uniform, and an outcome that is
called so likely comes so often.
"""

import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from typing import Any

import numpy as np

from drawdown.answers.assess import (
    Fit,
    Question,
    ask,
    compile_sampler,
    fit_hypothesis,
    prior_run,
    with_future,
)
from drawdown.answers.episode import Episode, simulate_episode
from drawdown.answers.prior import prior_table
from drawdown.answers.stored import code_version
from drawdown.answers.weigh import Weighed, solve_hypotheses, tabulate, weigh
from drawdown.errors import InputError, Problem
from drawdown.even import some
from drawdown.files.case import Case
from drawdown.files.priors import Priors
from drawdown.inference.fitted import QUICK
from drawdown.inference.gate import SLACK
from drawdown.model.likelihood import log_weight
from drawdown.outcomes import OUTCOMES
from drawdown.seeds import stage_generator, stage_seed

Record = dict[str, Any]
DAYS = (8, 27, 60, 120, 240)
"""Days after the trigger as of which the looks of a case are taken; those after its horizon are not."""
KEPT = 199
"""Draws that a true value is ranked among, at most: as many as are independent."""


@dataclass(frozen=True)
class Mask:
    """The looks of a case as of a date, and what the model says without any report.

    Attributes
    ----------
    question : Question
        As of the date; its counts and codes are those of the real reports, and never read.
    chances : dims (hypothesis,)
        P(h), solved so that the outcomes have their base rates.
    log_region : dims (hypothesis,)
        Log mass of the prior in the region of each hypothesis.
    table : dims (hypothesis, outcome)
        Where each hypothesis stands on the horizon without reports.
    """

    question: Question
    chances: np.ndarray
    log_region: np.ndarray
    table: np.ndarray

    @classmethod
    def of(cls, q: Question) -> "Mask":
        """Work out the prior of a question."""
        runs = {h: prior_run(q, h) for h in OUTCOMES}
        table = prior_table(runs).chance
        chances, _ = solve_hypotheses(table, q.besides.base_rates, q.besides.reach)
        return cls(q, chances, np.array([runs[h].log_region for h in OUTCOMES]), table)


@dataclass(frozen=True)
class Trials:
    """Masks in turn, and what the episodes that are simulated under them depend on besides.

    Attributes
    ----------
    masks : tuple of Mask
    seed : int
    code : str
        Version of the code, which every worker must have.
    """

    masks: tuple[Mask, ...]
    seed: int
    code: str

    @cached_property
    def sha256(self) -> str:
        """Hash of all that an episode depends on besides its number."""
        seen = [
            [m.question.case.slug, str(m.question.view.as_of), m.question.view.sha256, *_priors(m)]
            for m in self.masks
        ]
        facts = [self.code, self.seed, seen]
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()

    def mask(self, n: int) -> Mask:
        """Mask of an episode."""
        return self.masks[n % len(self.masks)]


def _priors(mask: Mask) -> list[str]:
    return [mask.question.priors.sha256, str(mask.question.case.horizon)]


def trials(cases: Sequence[Case], priors: Priors, seed: int, days: Sequence[int] = DAYS) -> Trials:
    """Take the looks of cases on some days; one case after another, so that few episodes see each."""
    masks = []
    for n, day in enumerate(days):
        for case in cases:
            when = case.trigger + timedelta(days=day)
            # a case whose horizon comes first is seen as of that, once
            if when <= case.horizon or n == 0:
                masks.append(Mask.of(ask(case, priors, min(when, case.horizon), seed)))
    return Trials(tuple(masks), seed, code_version())


def attempt(plan: Trials, n: int) -> Record:
    """Simulate an episode and answer it.

    Returns
    -------
    dict
        `trial`: what is checked (see `place`), and `seconds` of processor time.
    """
    began = time.process_time()
    if code_version() != plan.code:
        raise InputError(
            [Problem("--scheduler", 0, 0, f"a worker has drawdown {code_version()}", plan.code)]
        )
    mask, name = plan.mask(n), str(n)
    rng = stage_generator(plan.seed, "episode", name)
    hypothesis = OUTCOMES[rng.choice(len(OUTCOMES), p=mask.chances)]
    episode = simulate_episode(mask.question, hypothesis, rng)
    # every episode has random numbers of its own, so that their errors are independent
    q = replace(episode.question, seed=stage_seed(plan.seed, "trial", name))
    sampler = compile_sampler(q)
    fits = {h: with_future(q, h, fit_hypothesis(q, h, sampler, QUICK)) for h in OUTCOMES}
    record = {"n": n} | place(q, mask, episode, fits, rng)
    return {"trial": record, "seconds": time.process_time() - began}


def place(
    q: Question, mask: Mask, episode: Episode, fits: dict[str, Fit], rng: np.random.Generator
) -> Record:
    """Weigh the fits of an episode, and place its truth among their draws.

    Returns
    -------
    dict
        `hypotheses` and `outcomes` as stated (without the reserve, which no simulated model draws on)
        beside what is true; `ranks` of the parameters and the log weight under the true hypothesis,
        `sites` (on the date, on the horizon) and `cut` in the whole answer, as places from 0 to 1.
    """
    table = tabulate([fits[h].outcome for h in OUTCOMES])
    log_z = np.array([fits[h].evidence.log for h in OUTCOMES]) - mask.log_region
    weighed = weigh(log_z, table.chance, mask.table, q.besides)
    stated = weighed.joint.sum(axis=0)
    settled = [not f.health.would_stop(SLACK) for f in fits.values()]
    return {
        "case": q.case.slug,
        "as_of": q.view.as_of.isoformat(),
        "hypothesis": episode.hypothesis,
        "outcome": episode.outcome,
        "hypotheses": _named(weighed.hypotheses),
        "outcomes": _named(stated),
        "printed": _named(weighed.outcomes),
        "settled": all(settled),
        "error": max(fits[h].evidence.se for h in OUTCOMES),
        "ranks": _ranks(q, episode, fits[episode.hypothesis], rng),
    } | _paths(q, episode, fits, _weights(weighed, table.chance, fits), rng)


def _named(values: np.ndarray) -> dict[str, float]:
    return dict(zip(OUTCOMES, map(float, values), strict=True))


def _ranks(q: Question, episode: Episode, fit: Fit, rng: np.random.Generator) -> dict[str, float]:
    """Place of each parameter, and of the log weight of the draw, under the hypothesis that is true.

    Among as many draws as are independent.
    """
    number = max(1, min(KEPT, int(fit.worth)))
    few = fit.draws[some(len(fit.draws), number, rng)]
    hyper, obs = q.hyper[episode.hypothesis], q.observations.arrays
    weight = log_weight(np.concatenate([episode.z, few]), hyper, obs, q.layout)
    drawn = np.column_stack([few, weight[1:]])
    true = np.append(episode.z[0], weight[0])
    places = ((drawn < true).sum(axis=0) + rng.random(len(true))) / (number + 1)
    names = [*q.layout.labels(), "log_weight"]
    return dict(zip(names, map(float, places), strict=True))


def _weights(weighed: Weighed, chance: np.ndarray, fits: dict[str, Fit]) -> np.ndarray:
    """Weight of every draw in the answer, hypothesis after hypothesis; sums to one."""
    share = weighed.joint / np.maximum(chance, 1e-300)
    parts = [share[i][fits[h].outcome] / len(fits[h].outcome) for i, h in enumerate(OUTCOMES)]
    return np.concatenate(parts)


def _paths(
    q: Question,
    episode: Episode,
    fits: dict[str, Fit],
    weight: np.ndarray,
    rng: np.random.Generator,
) -> Record:
    """Place of how far each garrison, and the force, has gone."""
    days = np.array([q.view.day, q.horizon], dtype=float)
    gone = np.concatenate([fits[h].future.garrisons(days) for h in OUTCOMES])
    cut = np.concatenate([fits[h].future.cut(q.horizon) for h in OUTCOMES])
    true = episode.future.garrisons(days)[0]
    sites = {
        site: [_place(gone[:, i, k], weight, true[i, k], rng) for k in range(len(days))]
        for i, site in enumerate(q.layout.sites)
    }
    return {"sites": sites, "cut": _place(cut, weight, episode.future.cut(q.horizon)[0], rng)}


def _place(values: np.ndarray, weight: np.ndarray, true: float, rng: np.random.Generator) -> float:
    """Share of the answer below the truth; of what equals it (nobody has left), a random part."""
    tied = weight[values == true].sum()
    return float(min(1.0, weight[values < true].sum() + rng.random() * tied))

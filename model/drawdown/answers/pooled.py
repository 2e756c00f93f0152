"""Draws of two fits weighed together, toward a question that lies between them.

Leaving reports out widens a posterior, and where it widens to, the fit to all reports has few draws. A
fit that heard less still has plenty there. Each draw of either is weighed against both densities that
may have drawn it (the balance heuristic; Veach and Guibas 1995), so that no weight is large.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from drawdown.answers.assess import Fit, Question
from drawdown.inference.fitted import Fitted
from drawdown.inference.reweight import Reweighted, reweight
from drawdown.model.heard import Heard, hear


@dataclass(frozen=True)
class Pool:
    """Draws of one hypothesis from two fits that differ in the reports they heard.

    Attributes
    ----------
    question, other : Question
        Of the fit to all reports, and of one to fewer.
    h : str
        The hypothesis.
    fit : Fit
    fewer : Fitted
    """

    question: Question
    other: Question
    h: str
    fit: Fit
    fewer: Fitted

    @cached_property
    def heard(self) -> Heard:
        """All draws as told all reports, in an order in which runs of them hold some of each fit."""
        q = self.question
        parts = self.fit.heard.z, self.fewer.draws
        places = np.concatenate([(np.arange(len(z)) + 0.5) / len(z) for z in parts])
        z = np.concatenate(parts)[np.argsort(places, kind="stable")]
        return hear(z, q.hyper[self.h], q.observations.arrays, q.layout)

    @cached_property
    def log_mixture(self) -> np.ndarray:
        """Log density of the pool, less what is common to all questions; dims (draw,)."""
        q, number = self.question, np.log([len(self.fit.heard.z), len(self.fewer.draws)])
        less = self.heard.told(q.observations.arrays, self.other.observations.arrays)
        both = (
            number[0] + self.heard.log_weight - self.fit.evidence.log,
            number[1] + less.log_weight - self.fewer.evidence.log,
        )
        out: np.ndarray = np.logaddexp(*both) - np.logaddexp(*number)
        return out

    @property
    def se(self) -> float:
        """Standard error of the log evidence that the draws are weighed from."""
        return max(self.fit.evidence.se, self.fewer.evidence.se)

    def weigh(self, q: Question) -> tuple[Reweighted, Heard]:
        """Weights under a question of other reports alone; `log_ratio` is its log evidence."""
        told = self.heard.told(self.question.observations.arrays, q.observations.arrays)
        return reweight(told.log_weight - self.log_mixture), told


@dataclass(frozen=True)
class Fewer:
    """A question with reports left out, fitted under every hypothesis.

    Attributes
    ----------
    question : Question
    pools : dict of Pool, by hypothesis
    """

    question: Question
    pools: dict[str, Pool]

    @classmethod
    def of(
        cls, q: Question, fits: Mapping[str, Fit], other: Question, fitted: Mapping[str, Fitted]
    ) -> "Fewer":
        """Pool the fits of a question with those of another that heard less."""
        return cls(other, {h: Pool(q, other, h, fits[h], fitted[h]) for h in fits})

    def within(self, q: Question) -> bool:
        """Whether a question has heard all that this one has."""
        ours, theirs = (other.observations.arrays["said"] for other in (self.question, q))
        return len(ours) == len(theirs) and bool(np.all(ours <= theirs))

"""Draws of several fits of one hypothesis, pooled: one mixture, from which many questions are answered.

Each fit saw some of the reports, the prior none. Weights of a question against the mixture of all
(Veach and Guibas 1995; the balance heuristic) are even wherever any one of the fits is near, and no
draw is weighed twice. Left out from the full fit alone, a family of reports has k-hat above one.
"""

from dataclasses import dataclass, fields

import numpy as np
from scipy.special import logsumexp

from drawdown.answers.assess import Question
from drawdown.answers.prior import PriorRun
from drawdown.answers.simulate import Future, simulate
from drawdown.inference.fitted import Fitted
from drawdown.inference.reweight import Reweighted, reweight
from drawdown.model.likelihood import State, log_chances, natural, pattern_terms
from drawdown.seeds import stage_generator

MOST_DRAWS = 2000
"""Of one fit; more would cost more than they tell."""
Part = tuple[State, np.ndarray]


@dataclass(frozen=True)
class Source:
    """One member of the mixture: the observations it saw, how many draws, and its log integral."""

    left_out: np.ndarray
    draws: int
    log_z: float


class Pool:
    """Draws of one hypothesis from the prior and from fits to some of its reports.

    Parameters
    ----------
    q : Question
        With all reports; every member saw them or fewer.
    h : str
        The hypothesis.
    prior : PriorRun
        Its draws are members: standard normal, without the region.
    """

    def __init__(self, q: Question, h: str, prior: PriorRun):
        self.q, self.h = q, h
        self._rows = len(q.observations.reports)
        state = prior.state.take(np.arange(min(MOST_DRAWS, len(prior.state.onset))))
        self._parts: list[Part] = [(state, self._chances(state))]
        self._sources: list[Source] = []
        self._mixed = np.zeros(len(state.onset))
        self._found: dict[bytes, list[np.ndarray]] = {}

    @property
    def draws(self) -> int:
        """Number of draws of all members."""
        return sum(len(state.onset) for state, _ in self._parts)

    def add(self, left_out: np.ndarray, fitted: Fitted) -> None:
        """Add the draws of a fit.

        Parameters
        ----------
        left_out : bool array, dims (observation,)
            Reports that the fit did not see.
        """
        flat = fitted.draws.flat
        every = -(-len(flat) // MOST_DRAWS)
        state = natural(flat[::every], self.q.hyper[self.h], self.q.layout)
        self._parts.append((state, self._chances(state)))
        self._sources.append(Source(left_out, len(state.onset), fitted.evidence.log))
        self._mixed = self._mixture()

    def weights(self, left_out: np.ndarray) -> Reweighted:
        """Weights of all draws under the question without some reports.

        `log_ratio` is the log integral of its unnormalised density.
        """
        return reweight(self._log_weight(left_out) - self._mixed)

    def future(self, left_out: np.ndarray) -> Future:
        """Simulate all draws to the horizon under the question without some reports.

        The random numbers of a draw are the same whatever is left out.
        """
        rng = stage_generator(self.q.seed, "pooled future", self.h)
        q, obs = self.q, self._arrays(left_out)
        parts = []
        for state, chance in self._parts:
            hyper = q.hyper[self.h]
            terms = pattern_terms(state, hyper, obs, chance)
            parts.append(simulate(state, hyper, None, q.late, q.view.day, rng, terms=terms))
        return _joined(parts)

    def _chances(self, state: State) -> np.ndarray:
        return log_chances(state, self.q.observations.arrays)

    def _arrays(self, left_out: np.ndarray) -> dict[str, np.ndarray]:
        return self.q.observations.without(left_out).arrays

    def _log_weight(self, left_out: np.ndarray) -> np.ndarray:
        """Log of region times likelihood without some reports; dims (draw,)."""
        found = self._found.setdefault(left_out.tobytes(), [])
        hyper, obs = self.q.hyper[self.h], self._arrays(left_out)
        # draws that joined since it was last asked
        for state, chance in self._parts[len(found) :]:
            found.append(logsumexp(pattern_terms(state, hyper, obs, chance), axis=1))
        return np.concatenate(found)

    def _mixture(self) -> np.ndarray:
        """Log density of the mixture over the standard normal; dims (draw,)."""
        total = self.draws
        prior = total - sum(source.draws for source in self._sources)
        terms = [np.full(total, np.log(prior / total))]
        for source in self._sources:
            own = self._log_weight(source.left_out) - source.log_z
            terms.append(own + np.log(source.draws / total))
        out: np.ndarray = logsumexp(np.stack(terms), axis=0)
        return out


def _joined(parts: list[Future]) -> Future:
    names = [f.name for f in fields(Future) if f.name != "layout"]
    arrays = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    return Future(layout=parts[0].layout, **arrays)

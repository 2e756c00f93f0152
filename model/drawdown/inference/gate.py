"""The gate: what must hold before a number may be cited.

nutpie prints no warning of its own, and its tree-depth statistic has another name than PyMC's, so
that the checks of other libraries pass it by.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from drawdown.inference.bridge import Evidence
from drawdown.inference.sample import Draws

MAX_RHAT = 1.01
MIN_ESS = 400
MAX_DEEP = 0.01
"""Share of draws that may hit the greatest tree depth."""
MAX_EVIDENCE_SE = 0.1
MAX_MCSE = 0.01
LOOK = "see rhat and ess in posterior.csv for the judgement that the reports leave loose, and narrow it"
MORE = "run again without --quick, or with another --seed"
SLACK = 2.0
"""A quick run has fewer draws: half the effective size and twice the error are allowed."""


@dataclass(frozen=True)
class Reading:
    """One line of the gate.

    Attributes
    ----------
    name : str
    value, limit : float
        The check passes if value <= limit, or >= where `floor`.
    floor : bool
    advice : str
        What to do where it does not.
    """

    name: str
    value: float
    limit: float
    floor: bool = False
    advice: str = ""

    @property
    def passed(self) -> bool:
        """Whether the limit holds; not a number never passes."""
        return bool(self.value >= self.limit if self.floor else self.value <= self.limit)


@dataclass(frozen=True)
class Health:
    """What the chains of one fit say of themselves.

    Attributes
    ----------
    rhat, ess : dims (parameter,)
        Rank-normalised split R-hat, and the smaller of bulk and tail effective size. Not a number where
        they were not asked for, which no gate lets pass.
    divergent : int
        Draws that diverged.
    deep : float
        Share of draws whose tree reached the greatest depth.
    """

    rhat: np.ndarray
    ess: np.ndarray
    divergent: int
    deep: float

    @classmethod
    def of(cls, draws: Draws, *, read: bool = True) -> "Health":
        """Read the chains; of those that no gate reads, only what the sampler says itself."""
        unread = np.full(draws.z.shape[-1], np.nan)
        rhat, ess = _convergence(draws) if read else (unread, unread)
        return cls(rhat, ess, int(draws.divergent.sum()), float(draws.deep.mean()))

    @classmethod
    def independent(cls, parameters: int, number: float) -> "Health":
        """Of so many draws that are known to be independent."""
        return cls(np.ones(parameters), np.full(parameters, float(number)), 0, 0.0)

    def would_stop(self, slack: float = 1.0) -> bool:
        """Whether chains disagree, too few draws are effective, or a draw diverged."""
        limit = 1.0 + (MAX_RHAT - 1.0) * slack
        agreed = self.ess.min() >= MIN_ESS / slack and self.rhat.max() <= limit
        return not agreed or self.divergent > 0


def _convergence(draws: Draws) -> tuple[np.ndarray, np.ndarray]:
    from arviz_stats.base import array_stats

    series = np.moveaxis(draws.z, -1, 0)
    rhat = np.array([array_stats.rhat(s) for s in series])
    bulk = np.array([array_stats.ess(s, method="bulk") for s in series])
    tail = np.array([array_stats.ess(s, method="tail", prob=(0.05, 0.95)) for s in series])
    return rhat, np.minimum(bulk, tail)


def read_fits(
    health: Mapping[str, Health], evidence: Mapping[str, Evidence], mcse: float, quick: bool
) -> list[Reading]:
    """Read every check.

    Parameters
    ----------
    health, evidence : by hypothesis
    mcse : float
        Largest Monte Carlo error of an outcome's probability.
    quick : bool
        Whether the limits have the slack of a quick run.
    """
    slack = SLACK if quick else 1.0
    return [
        Reading(
            "R-hat, largest",
            float(np.max([h.rhat for h in health.values()])),
            1.0 + (MAX_RHAT - 1.0) * slack,
            advice=f"{MORE}; if it stays, {LOOK}",
        ),
        Reading(
            "effective draws, fewest",
            float(np.min([h.ess for h in health.values()])),
            MIN_ESS / slack,
            floor=True,
            advice=f"{MORE}; if it stays, {LOOK}",
        ),
        Reading(
            "divergent draws",
            float(sum(h.divergent for h in health.values())),
            0.0,
            advice=f"run again with another --seed; if they stay, {LOOK}",
        ),
        Reading(
            "share of draws at the greatest tree depth",
            max(h.deep for h in health.values()),
            MAX_DEEP,
            advice=LOOK,
        ),
        Reading(
            "error of the log marginal likelihood, nats",
            max(e.se for e in evidence.values()),
            MAX_EVIDENCE_SE * slack,
            advice=f"{MORE}; if it stays, {LOOK}",
        ),
        Reading("Monte Carlo error of a probability, largest", mcse, MAX_MCSE * slack, advice=MORE),
    ]


def failures(readings: Iterable[Reading]) -> str:
    """Say which checks failed, by how much, and what to do; what to do for several is said once."""
    failed = [r for r in readings if not r.passed]
    values = "; ".join(f"{r.name} {r.value:.3g}" for r in failed)
    advice = dict.fromkeys(r.advice for r in failed if r.advice)
    return f"the fit failed its checks ({values}). To do: {'; '.join(advice)}"

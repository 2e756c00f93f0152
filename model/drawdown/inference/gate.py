"""The gate: what must hold before a number may be cited.

nutpie prints no warning of its own, and its tree-depth statistic has another name than PyMC's, so
that the checks of other libraries pass it by.
"""

from collections.abc import Iterable
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


def convergence(draws: Draws) -> tuple[np.ndarray, np.ndarray]:
    """Rank-normalised split R-hat and the smaller of bulk and tail ESS; dims (parameter,)."""
    from arviz_stats.base import array_stats

    series = np.moveaxis(draws.z, -1, 0)
    rhat = np.array([array_stats.rhat(s) for s in series])
    bulk = np.array([array_stats.ess(s, method="bulk") for s in series])
    tail = np.array([array_stats.ess(s, method="tail", prob=(0.05, 0.95)) for s in series])
    return rhat, np.minimum(bulk, tail)


def would_stop(draws: Draws, rhat: np.ndarray, ess: np.ndarray, slack: float = 1.0) -> bool:
    """Whether chains disagree, too few draws are effective, or a draw diverged."""
    limit = 1.0 + (MAX_RHAT - 1.0) * slack
    return bool(ess.min() < MIN_ESS / slack or rhat.max() > limit or draws.divergent.any())


def read_fits(
    fits: dict[str, Draws],
    diagnostics: dict[str, tuple[np.ndarray, np.ndarray]],
    evidence: dict[str, Evidence],
    mcse: float,
    quick: bool,
) -> list[Reading]:
    """Read every check.

    Parameters
    ----------
    fits, diagnostics, evidence : by hypothesis
    mcse : float
        Largest Monte Carlo error of an outcome's probability.
    quick : bool
        Whether the limits have the slack of a quick run.
    """
    slack = SLACK if quick else 1.0
    deep = max(float(fit.deep.mean()) for fit in fits.values())
    return [
        Reading(
            "R-hat, largest",
            max(float(r.max()) for r, _ in diagnostics.values()),
            1.0 + (MAX_RHAT - 1.0) * slack,
            advice=f"{MORE}; if it stays, {LOOK}",
        ),
        Reading(
            "effective draws, fewest",
            min(float(e.min()) for _, e in diagnostics.values()),
            MIN_ESS / slack,
            floor=True,
            advice=f"{MORE}; if it stays, {LOOK}",
        ),
        Reading(
            "divergent draws",
            float(sum(int(f.divergent.sum()) for f in fits.values())),
            0.0,
            advice=f"run again with another --seed; if they stay, {LOOK}",
        ),
        Reading("share of draws at the greatest tree depth", deep, MAX_DEEP, advice=LOOK),
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

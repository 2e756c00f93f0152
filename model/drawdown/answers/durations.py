"""How long exits took: completions of the past episodes, and the pace that gives them back."""

from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import least_squares
from scipy.stats import norm, t

from drawdown.files.learning import Learning
from drawdown.files.priors import Priors
from drawdown.files.reference import Episode, ReferenceClass
from drawdown.model.episodes import case_weights
from drawdown.model.likelihood import s_curve
from drawdown.outcomes import EXIT_LINE

SITES = 2
"""Major bases of a theatre; an exit is complete when the slower one is empty."""
DRAWS = 20_000
SURE = 0.8


@dataclass(frozen=True)
class Completion:
    """Days from the first sign to the end of a full exit.

    Attributes
    ----------
    episodes : int
    median : float
        Days.
    log_sd : float
        Of the next case: spread between cases and what so few leave unknown, together.
    lasts : (float, float)
        Middle 80 % of the days that the departure of one base takes, once it has started.
    """

    episodes: int
    median: float
    log_sd: float
    lasts: tuple[float, float]


def completion(reference: ReferenceClass, learning: Learning, priors: Priors) -> Completion | None:
    """Learn the time to completion from the full exits; None where fewer than three are dated.

    The log of the days is normal with unknown mean and variance (reference prior), so that the next
    case is Student's t. A case weighs by its confidence and its cluster; a dated exit that was all but
    settled weighs whole, since it teaches how long an exit takes, if not whether. The start, the spread
    between bases and the slower of two are those of `priors`; what is left is the pace of one base.
    """
    kept = np.array([e.outcome == "full_exit" and _days(e) > 0 for e in reference.episodes])
    if kept.sum() < 3:
        return None
    log_days = np.log([max(_days(e), 1) for e in reference.episodes])
    weight = case_weights(reference, replace(learning, near_settled=1.0), kept)
    mean = float(np.average(log_days, weights=weight))
    n = float(weight.sum())
    variance = float(weight @ (log_days - mean) ** 2) / (n - 1.0)
    scale = np.sqrt(variance * (1.0 + 1.0 / n))
    # the normal distribution with the same middle 80 %
    spread = scale * t.ppf((1 + SURE) / 2, n - 1.0) / norm.ppf((1 + SURE) / 2)
    return Completion(int(kept.sum()), float(np.exp(mean)), float(spread), _pace(mean, spread, priors))


def _days(episode: Episode) -> int:
    if episode.first_sign is None or episode.ended is None:
        return 0
    return (episode.ended - episode.first_sign).days


def _pace(mean: float, spread: float, priors: Priors) -> tuple[float, float]:
    """Solve for the days of one base under which a theatre completes as the past exits did."""
    rng = np.random.default_rng(0)
    z = rng.standard_normal((4, SITES, DRAWS))
    shared, starts, kind = rng.standard_normal(DRAWS), priors.starts["full_exit"], priors.kinds["major"]
    onset = np.exp(starts.mu + starts.sd * rng.standard_normal(DRAWS) + priors.site_starts.sd * z[0])
    factor = priors.site_lasts.sd * z[1] + kind.mu + kind.sd * z[2]
    gone_by = _share_of_time(EXIT_LINE)

    def gap(at: np.ndarray) -> np.ndarray:
        last = np.exp(at[0] + np.exp(at[1]) * shared + factor)
        days = np.log((onset + gone_by * last).max(axis=0))
        low, mid, high = np.quantile(days, [0.1, 0.5, 0.9])
        half = spread * norm.ppf(0.9)
        return np.array([mid - mean, (high - low) / 2 - half])

    found = least_squares(gap, [mean - 0.5, 0.0]).x
    half = norm.ppf((1 + SURE) / 2) * np.exp(found[1])
    return float(np.exp(found[0] - half)), float(np.exp(found[0] + half))


def _share_of_time(gone: float) -> float:
    """Share of its time after which a departure has come so far, on the model's S-curve."""
    x = np.linspace(0.0, 1.0, 10_001)
    return float(np.interp(gone, s_curve(x), x))

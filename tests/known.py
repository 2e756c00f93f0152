"""Assessments without a sampler: independent draws of the prior, resampled by the likelihood.

Exact up to the number of draws where the reports are few, and quick, since nothing is compiled.
"""

import numpy as np
from scipy.special import logsumexp

from drawdown.answers.assess import Assessment, Question, assemble
from drawdown.inference.bridge import Evidence
from drawdown.inference.fitted import Fitted
from drawdown.model.likelihood import log_weight
from drawdown.outcomes import OUTCOMES
from drawdown.seeds import stage_generator


def resampled(q: Question, draws: int = 4000, proposals: int = 40_000) -> Assessment:
    """Assess a question by importance resampling from the prior."""
    fitted = {}
    for h in OUTCOMES:
        rng = stage_generator(q.seed, "resampled", h)
        z = rng.standard_normal((proposals, q.layout.n_parameters))
        log_w = log_weight(z, q.hyper[h], q.observations.arrays, q.layout)
        weight = np.exp(log_w - logsumexp(log_w))
        kept = z[rng.choice(proposals, draws, p=weight)]
        log = float(logsumexp(log_w) - np.log(proposals))
        se = float(np.sqrt(max((weight**2).sum() - 1.0 / proposals, 0.0)))
        # each draw counts but for those drawn twice
        worth = min(draws, 1.0 / (weight**2).sum())
        fitted[h] = Fitted.independent(kept, Evidence(log, se), worth)
    return assemble(q, fitted)

"""A case as of a day on which nobody has reported anything: the prior as an assessment.

Draws of the prior stand in for those of a fit, which they are where there are no reports; nothing is
sampled, and whatever asks of an assessment asks of the prior by the same code.
"""

from dataclasses import replace
from datetime import timedelta

from drawdown.answers.assess import Assessment, Question, ask, assemble, prior_run
from drawdown.answers.variants import with_view
from drawdown.files.case import Case
from drawdown.files.priors import Priors
from drawdown.inference.bridge import Evidence
from drawdown.inference.fitted import Fitted
from drawdown.outcomes import OUTCOMES
from drawdown.seeds import stage_generator

DRAWS = 4000


def unreported(case: Case, priors: Priors, day: int, seed: int = 1) -> Assessment:
    """Assess a case without a single report.

    Gates, facts that define the case and the silence until the day are what is known.

    Parameters
    ----------
    case : Case
    priors : Priors
    day : int
        Days after the trigger.
    seed : int
    """
    q = ask(case, priors, case.trigger + timedelta(days=day), seed)
    q = with_view(q, replace(q.view, reports=()))
    return assemble(q, {h: _of_prior(q, h) for h in OUTCOMES})


def _of_prior(q: Question, h: str) -> Fitted:
    run = prior_run(q, h)
    pick = stage_generator(q.seed, "unreported", h).choice(
        len(run.weights), DRAWS, p=run.weights / run.weights.sum()
    )
    # without reports the integral is the mass of the region, which is known
    return Fitted.independent(run.z[pick], Evidence(run.log_region, 0.0))

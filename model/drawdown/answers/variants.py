"""Questions made from a question: the same case with something else known, judged or left out."""

from collections.abc import Collection
from dataclasses import replace

import numpy as np

from drawdown.answers.assess import Question
from drawdown.files.priors import Priors
from drawdown.files.reports import Report
from drawdown.files.view import View
from drawdown.model.hyper import late_values
from drawdown.model.layout import layout_of
from drawdown.model.observations import Observations, observe
from drawdown.model.own_fates import prior_values
from drawdown.model.politics import Code, code_indicators, political_log_likelihood
from drawdown.outcomes import OUTCOMES


def with_observations(q: Question, observations: Observations) -> Question:
    """The same question with other physical reports."""
    return replace(q, observations=observations)


def with_codes(q: Question, codes: tuple[Code, ...]) -> Question:
    """The same question with other political codes."""
    log = political_log_likelihood(codes, q.priors, q.view.day)
    return replace(q, codes=codes, log_politics=np.array([log[o] for o in OUTCOMES]))


def with_view(q: Question, seen: View) -> Question:
    """The same judgements on other evidence, or on another date."""
    other = replace(q, view=seen, observations=observe(seen, q.priors, q.layout))
    return with_codes(other, code_indicators(seen, q.priors))


def with_priors(q: Question, priors: Priors) -> Question:
    """The same evidence judged by other priors.

    The layout may change, where an overlay changes what an indicator lifts, say.
    """
    layout = layout_of(q.case, priors)
    other = replace(
        q,
        priors=priors,
        layout=layout,
        **vars(prior_values(q.case, priors, layout)),
        late=late_values(priors, layout),
    )
    return with_view(other, q.view)


def with_reports(q: Question, reports: Collection[Report]) -> Question:
    """The same question with these reports and no other; in any order."""
    ordered = sorted(reports, key=lambda r: (r.date, r.until, r.site, r.indicator, r.origin, r.scope))
    return with_view(q, replace(q.view, reports=tuple(ordered)))


def without_reports(q: Question, left_out: Collection[Report]) -> Question:
    """The same question without some reports, physical or political.

    Physical rows lose their say and keep their place, so that the draws' chances serve again.
    """
    out = {id(report) for report in left_out}
    rows = np.array([id(r) in out for r in q.observations.reports], dtype=bool)
    kept = tuple(r for r in q.view.reports if id(r) not in out)
    seen = replace(q.view, reports=kept)
    other = with_codes(replace(q, view=seen), code_indicators(seen, q.priors))
    return with_observations(other, q.observations.without(rows)) if rows.any() else other


def without_origins(q: Question, origins: Collection[str]) -> Question:
    """The same question without all that some origins showed or said."""
    return without_reports(q, [r for r in q.view.reports if r.origin in origins])


def political_alone(q: Question) -> Question:
    """The political strand alone: no physical report has a say."""
    return with_observations(q, q.observations.without(np.ones(len(q.observations.reports), bool)))


def physical_alone(q: Question) -> Question:
    """The physical strand alone: the political codes say nothing."""
    return replace(q, codes=(), log_politics=np.zeros(len(OUTCOMES)))

"""The origins that moved an assessment most since the date before: each left out alone."""

from dataclasses import replace

import numpy as np

from drawdown.answers.assess import Assessment, assemble
from drawdown.answers.contribute import Contribution, bearing, by_origin
from drawdown.answers.retell import Teller
from drawdown.answers.variants import without_origins
from drawdown.answers.weigh import weigh
from drawdown.even import some
from drawdown.files.view import View
from drawdown.outcomes import OUTCOMES
from drawdown.seeds import stage_generator

MOST = 4
"""Origins that are weighed in full; the others are known to move less by fewer draws."""
SOME, FEW = 6000, 1000
"""Draws of a hypothesis that weigh an origin, and that choose which are weighed."""


def movers(a: Assessment, before: View) -> list[Contribution]:
    """Leave out each origin that was first seen since a date before.

    Returns
    -------
    list of Contribution
        Largest change of any outcome first; `not computed`, with no change, where the weights do not
        hold.
    """
    heard = {report.origin for report in before.reports}
    new = sorted({report.origin for report in bearing(a.question)} - heard)
    if not new:
        return []
    if len(new) > MOST:
        new = _largest(_thinned(a, FEW), new)
    return by_origin(Teller(_thinned(a, SOME)), refit=False, among=new)


def _largest(a: Assessment, origins: list[str]) -> list[str]:
    """Choose as if where each hypothesis stands did not change."""
    teller, moves = Teller(a), []
    for origin in origins:
        q = without_origins(a.question, [origin])
        rest = weigh(a.log_z + teller.ratio(q), a.table.chance, a.prior_table.chance, q.besides)
        moves.append(np.abs(rest.outcomes - a.weighed.outcomes).max())
    # origins are in order of their names, so that equal moves are chosen alike
    return [origins[n] for n in np.argsort(-np.array(moves), kind="stable")[:MOST]]


def _thinned(a: Assessment, draws: int) -> Assessment:
    fits = {}
    for h in OUTCOMES:
        whole = a.fits[h]
        rng = stage_generator(a.question.seed, "thinned", h)
        few = whole.draws[some(len(whole.draws), draws, rng)]
        worth = min(whole.worth, float(len(few)))
        fits[h] = replace(whole.fitted, draws=few, worth=worth)
    return assemble(a.question, fits)

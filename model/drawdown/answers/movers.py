"""The origins that moved an assessment most since the date before: each left out alone."""

from dataclasses import replace

import numpy as np

from drawdown.answers.assess import Assessment
from drawdown.answers.contribute import Contribution, bearing, by_origin
from drawdown.answers.retell import Teller
from drawdown.answers.variants import without_origins
from drawdown.answers.weigh import weigh
from drawdown.files.view import View
from drawdown.outcomes import OUTCOMES

MOST = 5
"""Origins that are weighed in full; the others are known to move less by fewer draws."""
THINNED = 400
"""Draws of a hypothesis that choose them."""


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
        new = _largest(a, new)
    return by_origin(Teller(a), refit=False, among=new)


def _largest(a: Assessment, origins: list[str]) -> list[str]:
    """Choose by a few draws, and as if where each hypothesis stands did not change."""
    teller = Teller(_thinned(a))
    moves = []
    for origin in origins:
        q = without_origins(a.question, [origin])
        rest = weigh(a.log_z + teller.ratio(q), a.table.chance, a.prior_table.chance, q.besides)
        moves.append(np.abs(rest.outcomes - a.weighed.outcomes).max())
    # origins are in order of their names, so that equal moves are chosen alike
    return [origins[n] for n in np.argsort(-np.array(moves), kind="stable")[:MOST]]


def _thinned(a: Assessment) -> Assessment:
    fits = {}
    for h in OUTCOMES:
        z = a.fits[h].draws.z
        step = max(1, z.shape[0] * z.shape[1] // THINNED)
        fits[h] = replace(a.fits[h], draws=replace(a.fits[h].draws, z=z[:, ::step]))
    return replace(a, fits=fits)

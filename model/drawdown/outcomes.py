"""The three outcomes and the rule that resolves them; numbers in, outcome out, no sampling here."""

import numpy as np

OUTCOMES = ("retained", "partial_redeployment", "full_exit")
"""Ordered from least to most withdrawal."""

LABELS = {
    "retained": "retained presence",
    "partial_redeployment": "partial redeployment",
    "full_exit": "full exit",
}
FATES = ("kept", "thinned", "closed")
CUT_LINE = 0.25
"""A lasting cut of this share of personnel or more is no longer `retained`."""
EXIT_LINE = 0.95
"""Share of personnel that must be gone for a full exit; also for a base to count as given up."""
LASTING_DAYS = 30

RULE = (
    "Full exit: every major base closed and at most 5 % of personnel remain.",
    "Retained presence: no major base or named sector given up, and a lasting cut "
    "(mean of the last 30 days) below 25 % of personnel.",
    "Partial redeployment: the rest.",
)


def resolve(given_up, major, named, gone, lasting_cut):
    """Apply the resolution rule.

    Parameters
    ----------
    given_up : bool array, dims (draw, site)
        Whether the garrison of each site has gone for good.
    major, named : bool array, dims (site,)
        Which sites are major bases, and which are major bases or named sectors.
    gone : float array, dims (draw,)
        Share of all personnel gone on the day.
    lasting_cut : float array, dims (draw,)
        Mean share gone over the last 30 days.

    Returns
    -------
    int array, dims (draw,)
        Index into `OUTCOMES`.
    """
    full = given_up[:, major].all(axis=1) & (gone >= EXIT_LINE)
    retained = ~given_up[:, named].any(axis=1) & (lasting_cut < CUT_LINE)
    return np.where(full, 2, np.where(retained, 0, 1))

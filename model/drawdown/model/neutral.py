"""What a site with a fate of its own may say: of the cut, but not of a full exit.

An outpost that lost its protector closes whatever becomes of the force. Its fate has one prior under
every hypothesis, and yet the rule of the outcomes tilts it: with the post closed the cut is nearer to
the line of a retained presence, and a full exit needs everybody gone. Between retained and partial that
is what the rule means. It is no sign that the major bases will be given up; so the chance of its fate
under full exit is made what it is over the other two outcomes, each weighing half whatever the base
rates, so that another base rate changes nothing that is sampled.
"""

import numpy as np
from scipy.special import logsumexp

from drawdown.files.case import Case
from drawdown.files.priors import Priors
from drawdown.model.hyper import Arrays, hyper_values
from drawdown.model.layout import Layout
from drawdown.model.likelihood import natural, pattern_terms
from drawdown.outcomes import OUTCOMES

DRAWS = 4000
FULL = OUTCOMES.index("full_exit")


def prior_values(case: Case, priors: Priors, layout: Layout) -> dict[str, Arrays]:
    """Prior values of every hypothesis, with own fates that say nothing of a full exit.

    Returns
    -------
    dict of dict of array, by hypothesis
        See `hyper_values`; `pattern_log` under full exit is another where a site has a fate of its own.
    """
    hyper = {h: hyper_values(case, priors, layout, h) for h in OUTCOMES}
    own = np.array([case.sites[site].fate is not None for site in layout.sites])
    if not own.any():
        return hyper
    fates, member = np.unique(layout.patterns[:, own], axis=0, return_inverse=True)
    chance = np.array([_chances(hyper[h], member, len(fates), layout) for h in OUTCOMES])
    others = np.delete(chance, FULL, axis=0)
    shift = logsumexp(others, axis=0) - np.log(len(others)) - chance[FULL]
    values = hyper[OUTCOMES[FULL]]
    return hyper | {OUTCOMES[FULL]: values | {"pattern_log": values["pattern_log"] + shift[member]}}


def _chances(values: Arrays, member: np.ndarray, fates: int, layout: Layout) -> np.ndarray:
    """Log chance of each combination of own fates in the region of a hypothesis; dims (fates,).

    By draws that are always the same: a shift of the prior must not differ between two questions.
    """
    z = np.random.default_rng(0).standard_normal((DRAWS, layout.n_parameters))
    terms = pattern_terms(natural(z, values, layout), values, None)
    mass = np.array([logsumexp(terms[:, member == k]) for k in range(fates)])
    out: np.ndarray = mass - logsumexp(mass)
    return out

"""Sites with a fate of their own: what they mean for the outcomes, and what they must not say.

An outpost that lost its protector closes whatever becomes of the force. Its fate has one prior under
every hypothesis, and three things follow from the rule of the outcomes.

- Base rates count how forces ended whose outposts shared their fate. A force that stays and has lost
  its outposts may lie past the line of a retained presence by that alone. So a share of the base rate
  of retained crosses to partial: what the own fates take from the prior's mass in the region. Own
  fates that keep a force under the line make a share cross the other way.
- What crosses keeps the fates of where it came from: a force that stays, and is partial by the cut
  alone, keeps its major bases as a retained one does.
- Of a full exit an own fate says nothing: its chance there is what it is over the other outcomes.

The two others are taken as equally likely before, whatever the base rates, so that another base rate
changes nothing that is sampled.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import logsumexp

from drawdown.few import Few
from drawdown.files.case import Case
from drawdown.files.priors import Priors
from drawdown.model.blocks import joined, split
from drawdown.model.heard import standing
from drawdown.model.hyper import EXCLUDED, Arrays, hyper_values
from drawdown.model.layout import Layout
from drawdown.model.likelihood import natural
from drawdown.outcomes import FATES, OUTCOMES

DRAWS = 4000
KEPT = 32
"""Tables of masses that are kept in memory: most judgements have no say in them."""
BEARS = ("log_fate", "share_mean", "share_var", "pattern_sign", "pattern_log")
GARRISONS = ("gone_mu", "gone_sd")
"""Prior values that the masses rest on; the second of garrisons alone."""
RETAINED, PARTIAL, FULL = (OUTCOMES.index(o) for o in ("retained", "partial_redeployment", "full_exit"))


@dataclass(frozen=True)
class PriorValues:
    """What is known before any report.

    Attributes
    ----------
    hyper : dict of dict of array, by hypothesis
        See `hyper_values`; `pattern_log` is another where a site has a fate of its own.
    crossing : dims (outcome, outcome)
        Share of the stated base rate of each outcome (row) that the own fates bring to each (column).
    """

    hyper: dict[str, Arrays]
    crossing: np.ndarray


def prior_values(case: Case, priors: Priors, layout: Layout) -> PriorValues:
    """Prior values of every hypothesis, with what the sites' own fates mean for them."""
    hyper = {h: hyper_values(case, priors, layout, h) for h in OUTCOMES}
    own = np.array([case.sites[site].fate is not None for site in layout.sites])
    if not own.any():
        return PriorValues(hyper, np.eye(len(OUTCOMES)))
    shared = replace(case, sites={n: replace(s, fate=None) for n, s in case.sites.items()})
    stays = np.ones(len(OUTCOMES))
    for o in (RETAINED, PARTIAL):
        before = _log_region(hyper_values(shared, priors, layout, OUTCOMES[o]), layout)
        stays[o] = min(1.0, np.exp(_log_region(hyper[OUTCOMES[o]], layout) - before))
    crossing = np.diag(stays)
    for o, other in ((RETAINED, PARTIAL), (PARTIAL, RETAINED)):
        crossing[o, other] = 1.0 - stays[o]
    mixed = hyper | {
        OUTCOMES[to]: _joined(hyper[OUTCOMES[to]], hyper[OUTCOMES[by]], crossing[[to, by], to], layout)
        for to, by in ((RETAINED, PARTIAL), (PARTIAL, RETAINED))
    }
    return PriorValues(_neutral(mixed, crossing, own, layout), crossing)


def _joined(values: Arrays, others: Arrays, shares: np.ndarray, layout: Layout) -> Arrays:
    """Prior values of an outcome with what crosses to it, which brings the fates it came with.

    Parameters
    ----------
    shares : dims (2,)
        Of the outcome's own base rate what stays, and of the other's what crosses.
    """
    if shares[1] <= 0.0:
        return values
    came = values | {name: others[name] for name in ("log_fate", "block_fate") if name in values}
    if shares[0] <= 0.0:
        return came
    weight = np.log(shares) - [_log_region(values, layout), _log_region(came, layout)]
    if not layout.enumerated:
        return joined(values, came, weight)
    fates = [_log_fates(v, layout) for v in (values, came)]
    more = np.logaddexp(weight[0], weight[1] + fates[1] - fates[0])
    allowed = values["pattern_log"] > EXCLUDED
    return values | {"pattern_log": np.where(allowed, values["pattern_log"] + more, EXCLUDED)}


def _neutral(
    hyper: dict[str, Arrays], crossing: np.ndarray, own: np.ndarray, layout: Layout
) -> dict[str, Arrays]:
    """Make own fates as likely under full exit as over the other outcomes."""
    apart = [_by_own_fates(hyper[h], own, layout) for h in OUTCOMES]
    fates = len(FATES) ** int(own.sum())
    chances = np.array([_log_chances(*values, fates, layout) for values in apart])
    others = [RETAINED, PARTIAL]
    weight = crossing[others][:, others].sum(axis=0) / len(others)
    with np.errstate(invalid="ignore"):  # of fates that no block has
        shift = logsumexp(chances[others], axis=0, b=weight[:, None]) - chances[FULL]
    values, member = apart[FULL]
    # a pattern that is ruled out stays so, however unlikely its own fates are under full exit
    allowed = values["pattern_log"] > EXCLUDED
    log = np.where(allowed, values["pattern_log"] + shift[member], EXCLUDED)
    return hyper | {OUTCOMES[FULL]: values | {"pattern_log": log}}


def _by_own_fates(values: Arrays, own: np.ndarray, layout: Layout) -> tuple[Arrays, np.ndarray]:
    """Prior values by pattern, or by blocks that hold own fates apart; and each one's own fates."""
    if not layout.enumerated:
        return split(values, own)
    return values, np.unique(layout.patterns[:, own], axis=0, return_inverse=True)[1]


def _log_fates(values: Arrays, layout: Layout) -> np.ndarray:
    """Log chance of each pattern by the fates of its sites alone; dims (pattern,)."""
    sites = np.arange(len(layout.sites))
    out: np.ndarray = values["log_fate"][sites, layout.patterns].sum(axis=1)
    return out


def _log_region(values: Arrays, layout: Layout) -> float:
    """Log of the prior's mass in the region of a hypothesis."""
    return float(logsumexp(_log_masses(values, layout)))


def _log_chances(values: Arrays, member: np.ndarray, fates: int, layout: Layout) -> np.ndarray:
    """Log chance of each combination of own fates in the region; dims (fates,)."""
    masses = _log_masses(values, layout)
    each = (masses[member == k] for k in range(fates))
    found = np.array([logsumexp(some) if len(some) else -np.inf for some in each])
    out: np.ndarray = found - logsumexp(found)
    return out


def _log_masses(values: Arrays, layout: Layout) -> np.ndarray:
    """Log of the prior's mass in the region of a hypothesis, by pattern; dims (pattern,).

    By draws that are always the same: a shift of the prior must not differ between two questions.
    Kept by what it rests on, since most judgements that are varied have no say in it.
    """
    ends = [values[name][: len(layout.sites)] for name in GARRISONS]
    names = (*BEARS, *(name for name in values if name.startswith("block_")))
    bears = [*ends, *(values[name] for name in names)]
    key = (layout.sites, layout.kinds, *(array.tobytes() for array in bears))

    def draw() -> np.ndarray:
        # only where garrisons end has a say, so that no indicator of an overlay changes the draws
        z = np.zeros((DRAWS, layout.n_parameters))
        layout.split(z)["site_gone"][:] = _normal(len(layout.sites))
        terms = standing(natural(z, values, layout), values, None).terms()
        out: np.ndarray = logsumexp(terms, axis=0) - np.log(DRAWS)
        return out

    return _MASSES.get(key, draw)


def _normal(n: int) -> np.ndarray:
    half = np.random.default_rng(0).standard_normal((DRAWS // 2, n))
    return np.concatenate([half, -half])


_MASSES: Few[np.ndarray] = Few(KEPT)

"""Blocks of fates: what takes the place of single patterns in a case of many sites.

A block allows each site a set of fates, whatever the others do, and puts the cut on one side of a line.
What a hypothesis allows is a sum of some blocks, their number about that of the sites, where patterns
are three to the power of it; a pattern is a block that allows each site one fate. The weight of a block
is a product over sites, but for the side of the line, which ties them: the cut's distance from it is a
sum of independent mixtures of normals, and its chance follows from their characteristic function.

This is the plain reference; `sums` and `inversion` are its compiled twins.
"""

from itertools import product

import numpy as np
from scipy.special import logsumexp

from drawdown.model.layout import Layout
from drawdown.outcomes import CUT_LINE, EXIT_LINE, FATES

Arrays = dict[str, np.ndarray]
CLOSED, NOT_CLOSED, ANY = np.array([0.0, 0.0, 1.0]), np.array([1.0, 1.0, 0.0]), np.ones(3)
BLOCKS = ("pattern_sign", "pattern_log", "block_line", "block_open", "block_table")
"""Values that each block has one of, in the order of their first axis."""
TAIL = 34.0
"""Chances below exp(-34), 2e-15, are left out of an inversion: less by far than `FLOOR`."""
REACH = float(np.sqrt(2.0 * TAIL))
"""Standard deviations of a normal beyond which that little lies."""


def blocks_of(layout: Layout, hypothesis: str, log_fate: np.ndarray) -> Arrays:
    """List the blocks of a hypothesis, by the rule that `hyper_values` states for patterns.

    Parameters
    ----------
    layout : Layout
    hypothesis : str
    log_fate : dims (site, fate)

    Returns
    -------
    dict of array
        `pattern_sign`, `pattern_log` and `block_line`, dims (block,); `block_open` (block, site, fate),
        1 where the fate is allowed; `block_table` (block,), which of the chances of fates in
        `block_fate`, dims (table, site, fate), the block has.
    """
    major, named = layout.major[:, None], layout.named[:, None]
    all_major, none_named = np.where(major, CLOSED, ANY), np.where(named, NOT_CLOSED, ANY)
    if hypothesis == "full_exit":
        found = [(all_major, -1.0, EXIT_LINE)]
    elif hypothesis == "retained":
        found = [(none_named, 1.0, CUT_LINE)]
    else:
        found = [(all_major, 1.0, EXIT_LINE), (none_named, -1.0, CUT_LINE)]
        found += [(allowed, 0.0, CUT_LINE) for allowed in _between(layout)]
    allowed, sign, line = (np.array(part) for part in zip(*found, strict=True))
    return {
        "pattern_sign": sign,
        "pattern_log": np.zeros(len(found)),
        "block_line": line,
        "block_open": allowed,
        "block_table": np.zeros(len(found), dtype=np.int64),
        "block_fate": log_fate[None],
    }


def _between(layout: Layout) -> list[np.ndarray]:
    """Some major base or sector closed and some major base not, as blocks that share no pattern.

    Each is named by the first site that makes it so: of the major bases the first that is not closed,
    after others that are; or, after a first one that is not closed, the first named site that is.
    """
    first, *majors = np.flatnonzero(layout.major)
    sectors = np.flatnonzero(layout.named & ~layout.major)
    out = []
    for order, before, here in (
        (majors, CLOSED, NOT_CLOSED),
        ([*majors, *sectors], NOT_CLOSED, CLOSED),
    ):
        for i, site in enumerate(order):
            allowed = np.tile(ANY, (len(layout.sites), 1))
            allowed[[first, *order[:i]]] = before
            allowed[site] = here
            out.append(allowed)
    return out


def split(values: Arrays, own: np.ndarray) -> tuple[Arrays, np.ndarray]:
    """Split every block by the fates of some sites.

    Parameters
    ----------
    values : dict of array
        See `blocks_of`.
    own : bool array, dims (site,)

    Returns
    -------
    values : dict of array
    member : int array, dims (block,)
        Which combination of fates of those sites each block has; the fate of the last changes first.
    """
    sites, rows, opens, member = np.flatnonzero(own), [], [], []
    for b, allowed in enumerate(values["block_open"]):
        for c, fates in enumerate(product(range(len(FATES)), repeat=len(sites))):
            if allowed[sites, list(fates)].all():
                only = allowed.copy()
                only[sites] = np.eye(len(FATES))[list(fates)]
                rows.append(b)
                opens.append(only)
                member.append(c)
    out = values | {name: values[name][rows] for name in BLOCKS}
    return out | {"block_open": np.array(opens)}, np.array(member)


def joined(values: Arrays, others: Arrays, weight: np.ndarray) -> Arrays:
    """Blocks of two sets of prior values, each with a log weight of its own; dims (2,)."""
    tables = len(values["block_fate"])
    both = [
        values | {"pattern_log": values["pattern_log"] + weight[0]},
        others
        | {
            "pattern_log": others["pattern_log"] + weight[1],
            "block_table": others["block_table"] + tables,
        },
    ]
    return values | {name: np.concatenate([v[name] for v in both]) for name in (*BLOCKS, "block_fate")}


def log_masses(by_site: np.ndarray, hyper: Arrays) -> np.ndarray:
    """Log weight of each block wherever the cut falls; dims (draw, site, fate) to (draw, block)."""
    out = [
        logsumexp(_allowed(by_site, hyper, b), axis=2).sum(axis=1) + hyper["pattern_log"][b]
        for b in range(len(hyper["pattern_log"]))
    ]
    return np.stack(out, axis=1)


def log_chance(fate: np.ndarray, hyper: Arrays) -> np.ndarray:
    """Log of the prior weight of fates, wherever the cut falls; dims (draw, site) to (draw,)."""
    drawn = np.where(np.eye(len(FATES), dtype=bool)[fate], 0.0, -np.inf)
    out: np.ndarray = logsumexp(log_masses(drawn, hyper), axis=1)
    return out


def _allowed(by_site: np.ndarray, hyper: Arrays, b: int) -> np.ndarray:
    """Log weight of each fate of each site in a block; dims (draw, site, fate)."""
    table = hyper["block_fate"][hyper["block_table"][b]]
    return np.where(hyper["block_open"][b] > 0, by_site + table, -np.inf)


def block_terms(by_site: np.ndarray, gone: np.ndarray, hyper: Arrays, floor: float) -> np.ndarray:
    """Log weight of each block of fates; dims (draw, block).

    Parameters
    ----------
    by_site : dims (draw, site, fate)
        Log likelihood of what was reported of a site, given its fate.
    gone : dims (draw, site, fate)
        Share of each garrison that leaves for good.
    hyper : dict of array
    floor : float
        Added to the chance of a side.
    """
    out = log_masses(by_site, hyper)
    for b in np.flatnonzero(hyper["pattern_sign"]).tolist():
        log = _allowed(by_site, hyper, b)
        chance = np.exp(log - logsumexp(log, axis=2, keepdims=True))
        over = gone - hyper["block_line"][b]
        mean = over * hyper["share_mean"][:, None]
        var = over**2 * hyper["share_var"][:, None]
        below = np.array([chance_below(*row) for row in zip(chance, mean, var, strict=True)])
        side = below if hyper["pattern_sign"][b] > 0 else 1.0 - below
        out[:, b] += np.log(np.clip(side, 0.0, 1.0) + floor)
    return out


def chance_below(chance: np.ndarray, mean: np.ndarray, var: np.ndarray) -> float:
    """Chance that a sum of independent mixtures of normals is below zero.

    By its characteristic function at the middles of equal steps (Gil-Pelaez 1951; Davies 1980):
    P(X < 0) = 1/2 - (2/pi) sum_k Im phi((k - 1/2) h) / (2k - 1), exact for |X| < 2 pi / h.

    Parameters
    ----------
    chance, mean, var : dims (site, fate)
        Of the parts of each mixture; a chance may be zero.
    """
    able = chance > 0.0
    most = np.where(able, var, 0.0).max(axis=1).sum()
    least = np.where(able, var, np.inf).min(axis=1).sum()
    low = np.where(able, mean, np.inf).min(axis=1).sum()
    high = np.where(able, mean, -np.inf).max(axis=1).sum()
    step = 2.0 * np.pi / (max(abs(low), abs(high)) + REACH * np.sqrt(most))
    below, number = 0.5, int(np.ceil(REACH / np.sqrt(least) / step)) + 1
    for start in range(0, number, 1024):
        k = np.arange(start, min(start + 1024, number)) + 1.0
        t = (k - 0.5)[:, None, None] * step
        phi = (chance * np.exp(1j * t * mean - 0.5 * t**2 * var)).sum(axis=2).prod(axis=1)
        below -= 2.0 / np.pi * float((phi.imag / (2.0 * k - 1.0)).sum())
    return below

"""The sum over fates of one draw, for the compiler: over patterns, or over blocks of them.

`likelihood.pattern_terms` and `blocks.block_terms` are the plain twins.
"""

from math import erfc, exp, log, sqrt
from typing import NamedTuple

import numpy as np

from drawdown.model.inversion import Normals, Parts, Slopes, invert
from drawdown.model.likelihood import FLOOR
from drawdown.model.terms import FATES, LOG_2PI, heard, inner

SETS = 8
"""Sets of fates, named by one bit a fate."""
UNLIKELY = 1e-17
"""Chance of a fate, among those that a block allows a site, that cannot change the chance of a side."""
NO_MATTER = 50.0
"""Below the log weight of another pattern by so much, a pattern cannot change a sum or its slopes."""
HOPELESS = 1e-30
"""Weight of a block against the weightiest, sides apart, that cannot change the sum: `FLOOR` squared."""


@inner
def log_sums(by_site, tables):
    """Log of the sum over each set of fates; dims (table, site, set)."""
    out = np.full((len(tables), len(by_site), SETS), -np.inf)
    weight = np.empty(FATES)
    for i in range(len(tables)):
        for s in range(len(by_site)):
            most = -np.inf
            for f in range(FATES):
                most = max(most, by_site[s, f] + tables[i, s, f])
            for f in range(FATES):
                weight[f] = exp(by_site[s, f] + tables[i, s, f] - most)
                out[i, s, 1 << f] = by_site[s, f] + tables[i, s, f]
            for bits in (3, 5, 6, 7):
                total = 0.0
                for f in range(FATES):
                    if bits >> f & 1:
                        total += weight[f]
                if total > 1e-290:
                    out[i, s, bits] = most + log(total)
                else:  # a fate so unlikely that only its logarithm is a number
                    for f in range(FATES):
                        if bits >> f & 1:
                            out[i, s, bits] = max(out[i, s, bits], out[i, s, 1 << f])
    return out


@inner
def masses(sums, patterns):
    """Log weight of each block wherever the cut falls; dims (block,)."""
    out, table, sets = patterns.log.copy(), patterns.table, patterns.sets
    for b in range(len(out)):
        for s in range(sums.shape[1]):
            out[b] += sums[table[b], s, sets[b, s]]
    return out


@inner
def settle(first, end, sums, patterns):
    """The parts of the open sites of a family of blocks, and which fate each settled site has.

    Returns
    -------
    parts : Parts
        Chances alone; means and variances are still to be filled in.
    settled : whole, dims (block, site)
        The fate of a site, or -1 where it is open.
    """
    n_site, table, sets = sums.shape[1], patterns.table[first], patterns.sets
    site, fate = np.empty(FATES * n_site, np.int64), np.empty(FATES * n_site, np.int64)
    chance, start = np.empty(FATES * n_site), np.zeros(n_site + 1, np.int64)
    settled = np.full((end - first, n_site), -1)
    n, units = 0, 0
    for s in range(n_site):
        bits, begin = sets[first, s], n
        for f in range(FATES):
            if bits >> f & 1:
                share = exp(sums[table, s, 1 << f] - sums[table, s, bits])
                if share > UNLIKELY:
                    site[n], fate[n], chance[n] = s, f, share
                    n += 1
        if bits in (1, 2, 4):
            for b in range(first, end):
                settled[b - first, s] = sets[b, s] >> 1  # of one bit: 1, 2, 4 to 0, 1, 2
            n = begin
        elif n == begin + 1:
            settled[:, s] = fate[begin]
            n = begin
        else:
            units += 1
            start[units] = n
    empty = np.zeros(n)
    return Parts(site[:n], fate[:n], chance[:n], empty, empty.copy(), start[: units + 1]), settled


@inner
def place(parts, settled, line, gone, patterns, weight):
    """Fill in the means and variances of the parts; return the normals of the settled sites."""
    share_mean, share_var = patterns.share_mean, patterns.share_var
    site, fate, mean, var = parts.site, parts.fate, parts.mean, parts.var
    for o in range(len(mean)):
        over = gone[site[o], fate[o]] - line
        mean[o], var[o] = over * share_mean[site[o]], over**2 * share_var[site[o]]
    fixed, spread = np.zeros(len(settled)), np.zeros(len(settled))
    for b in range(len(settled)):
        for s in range(settled.shape[1]):
            if settled[b, s] >= 0:
                over = gone[s, settled[b, s]] - line
                fixed[b] += over * share_mean[s]
                spread[b] += over**2 * share_var[s]
    return Normals(fixed, spread, weight)


@inner
def sided(parts, normals, sign, sloped):
    """Chance of the side for each block of a family, and its slopes."""
    blocks, n = len(normals.mean), len(parts.mean)
    found = Slopes(
        *(np.empty(blocks), np.empty(blocks), np.empty(blocks)),
        *(np.empty(n), np.empty(n), np.empty(n)),
    )
    if n:
        invert(parts, normals, sign, sloped, found)
        return found
    for b in range(blocks):  # every site is settled
        sd = sqrt(normals.var[b])
        side = sign * normals.mean[b] / sd
        density = exp(-0.5 * side**2) / sqrt(2.0 * np.pi)
        found.side[b] = 0.5 * erfc(side / sqrt(2.0))
        found.side_mean[b] = -sign * density / sd
        found.side_var[b] = 0.5 * density * side / normals.var[b]
    return found


@inner
def _family_slopes(parts, settled, line, found, normals, chance, patterns, gone, by_gone):
    """Add what a family of blocks gives to the chances of fates and to the slopes in the ends."""
    share_mean, share_var = patterns.share_mean, patterns.share_var
    weight, whole = normals.weight, normals.weight.sum()
    for o in range(len(parts.mean)):
        s, f = parts.site[o], parts.fate[o]
        over = gone[s, f] - line
        chance[s, f] += found.chance[o] + FLOOR * whole * parts.chance[o]
        by_gone[s, f] += found.mean[o] * share_mean[s] + 2.0 * found.var[o] * over * share_var[s]
    for b in range(len(settled)):
        for s in range(settled.shape[1]):
            f = settled[b, s]
            if f >= 0:
                over = gone[s, f] - line
                chance[s, f] += weight[b] * (found.side[b] + FLOOR)
                by_gone[s, f] += weight[b] * (
                    found.side_mean[b] * share_mean[s] + 2.0 * found.side_var[b] * over * share_var[s]
                )


@inner
def _spread(share, b, sums, patterns, chance):
    """Add the chances of the fates that a block has, none of them tied to another."""
    table, sets = patterns.table[b], patterns.sets
    for s in range(len(chance)):
        bits = sets[b, s]
        for f in range(FATES):
            if bits >> f & 1:
                chance[s, f] += share * exp(sums[table, s, 1 << f] - sums[table, s, bits])


@inner
def over_blocks(by_site, patterns, gone, sloped, chance, by_gone):
    """Log of the sum over blocks, and the log weight of each.

    Parameters
    ----------
    by_site : dims (site, fate)
        Log likelihood of what was reported of a site, given its fate.
    gone : dims (site, fate)
    sloped : bool
    chance, by_gone : dims (site, fate)
        To which the chances of fates and the slopes in `gone` are added if `sloped`.
    """
    sums = log_sums(by_site, patterns.tables)
    term = masses(sums, patterns)
    most, line, sign, family = term.max(), patterns.line, patterns.sign, patterns.family
    weight, total = np.exp(term - most), 0.0
    slope, ends = np.zeros(chance.shape), np.zeros(chance.shape)
    for i in range(len(family) - 1):
        first, end = family[i], family[i + 1]
        here = weight[first:end]
        if sign[first] == 0.0 or here.max() < HOPELESS:
            for b in range(first, end):
                total += weight[b]
                if sloped and weight[b] > HOPELESS:
                    _spread(weight[b], b, sums, patterns, slope)
            continue
        parts, settled = settle(first, end, sums, patterns)
        normals = place(parts, settled, line[first], gone, patterns, here)
        found = sided(parts, normals, sign[first], sloped)
        for b in range(first, end):
            side = found.side[b - first] + FLOOR
            term[b] += log(side)
            total += weight[b] * side
        if sloped:
            _family_slopes(parts, settled, line[first], found, normals, slope, patterns, gone, ends)
    if sloped:
        chance += slope / total
        by_gone += ends / total
    return most + log(total), term


class Sides(NamedTuple):
    """Where the cut falls in each pattern; of patterns that matter and whose side counts.

    Attributes
    ----------
    share : dims (pattern,)
        Of the sum.
    sd, side, chance : dims (pattern,)
        Standard deviation of the cut's distance from the line over the shares, its mean in such units
        (positive on the wrong side), and the chance of the right one.
    """

    share: np.ndarray
    sd: np.ndarray
    side: np.ndarray
    chance: np.ndarray


@inner
def over_patterns(by_site, patterns, gone):
    """Log of the sum over patterns; and what each adds to it.

    The twin of `likelihood.pattern_terms` and, for the region, `likelihood.region_terms`. Where the cut
    falls is worked out for patterns that could matter if it fell on their side for certain.
    """
    fate, line, sign = patterns.fate, patterns.line, patterns.sign
    share_mean, share_var = patterns.share_mean, patterns.share_var
    term, n = patterns.log.copy(), len(patterns.log)
    share, sd, side, chance = np.zeros(n), np.empty(n), np.empty(n), np.full(n, 0.5 + FLOOR)
    for p in range(n):
        for s in range(len(by_site)):
            term[p] += by_site[s, fate[p, s]]
    best, total = int(np.argmax(term)), 0.0
    most = least = term[best]
    for i in range(n):
        p = (best + i) % n  # the likeliest first
        if term[p] < least:
            continue
        if sign[p] != 0.0:
            mean, var = 0.0, 0.0
            for s in range(len(by_site)):
                over = gone[s, fate[p, s]] - line[p]
                mean += over * share_mean[s]
                var += over**2 * share_var[s]
            sd[p] = sqrt(var)
            side[p] = sign[p] * mean / sd[p]
            chance[p] = 0.5 * erfc(side[p] / sqrt(2.0)) + FLOOR
        share[p] = exp(term[p] - most) * chance[p]
        total += share[p]
        if i == 0:
            least = most + log(total) - NO_MATTER
    return most + log(total), Sides(share / total, sd, side, chance)


@inner
def with_normal(weight, z):
    """The log density that the sampler sees, given the log weight of a draw."""
    return weight - 0.5 * np.sum(z * z) - 0.5 * len(z) * LOG_2PI


@inner
def density(z, prior, looks, counts, patterns):
    """The log density of a draw."""
    by_site, _, now, _, _ = heard(z, prior, looks, counts, patterns.log_fate, patterns.live, False)
    if len(patterns.sets):
        none = np.empty((0, FATES))
        return with_normal(over_blocks(by_site, patterns, now.gone, False, none, none)[0], z)
    return with_normal(over_patterns(by_site, patterns, now.gone)[0], z)

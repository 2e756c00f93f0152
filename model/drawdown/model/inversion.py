"""The chance that the cut falls on one side of a line, of one draw, for the compiler; and its slopes.

The cut's distance from the line is a normal, by the sites whose fate is settled, plus a mixture of
normals for each open site. `blocks.chance_below` is the plain twin. What costs is nodes times parts:
their number is found anew for each draw, from how far the sum can reach and how fast its characteristic
function must die out, and what a node needs follows from the last one by multiplications.
"""

from math import ceil, cos, exp, log, pi, sin, sqrt
from typing import NamedTuple

import numpy as np

from drawdown.model.blocks import REACH, TAIL
from drawdown.model.terms import inner

AGAIN = 64
"""Nodes after which the recurrences begin anew, so that their rounding does not add up."""
MOST_NODES = 16_384
"""Nodes of one inversion. Where more were needed the line is blurred, by some 1e-4 of the force."""
FASTER = 1.25


class Parts(NamedTuple):
    """The open sites' mixtures; what is counted here are their parts, one a fate that may be.

    Attributes
    ----------
    site, fate : whole, dims (part,)
    chance, mean, var : dims (part,)
    start : whole, dims (open site + 1,)
        Where the parts of each open site begin.
    """

    site: np.ndarray
    fate: np.ndarray
    chance: np.ndarray
    mean: np.ndarray
    var: np.ndarray
    start: np.ndarray


class Normals(NamedTuple):
    """What the settled sites add, one normal a block; and slopes in it.

    Attributes
    ----------
    mean, var : dims (block,)
    weight : dims (block,)
        As slopes are to be added up over blocks.
    """

    mean: np.ndarray
    var: np.ndarray
    weight: np.ndarray


class Slopes(NamedTuple):
    """What an inversion finds.

    Attributes
    ----------
    side : dims (block,)
        Chance of the side.
    side_mean, side_var : dims (block,)
        Its slopes in the block's normal.
    chance, mean, var : dims (part,)
        Over all blocks by weight: chance of part and side, and the slopes in the part's normal.
    """

    side: np.ndarray
    side_mean: np.ndarray
    side_var: np.ndarray
    chance: np.ndarray
    mean: np.ndarray
    var: np.ndarray


@inner
def _reach(parts, normals, way):
    """How far the sum can lie in one direction, but for a chance of exp(-TAIL)."""
    far, spread, centre, var = -np.inf, 0.0, 0.0, 0.0
    for b in range(len(normals.mean)):
        far, spread = max(far, way * normals.mean[b]), max(spread, normals.var[b])
    most, wide = 0.0, spread
    start, chance, mean, variance = parts.start, parts.chance, parts.mean, parts.var
    for u in range(len(start) - 1):
        here, square, at, v = 0.0, 0.0, -np.inf, 0.0
        for o in range(start[u], start[u + 1]):
            m = way * mean[o]
            here += chance[o] * m
            square += chance[o] * (m * m + variance[o])
            at, v = max(at, m), max(v, variance[o])
        centre += here
        var += square - here * here
        most += at
        wide += v
    reach = most + REACH * sqrt(wide)
    for share in (0.4, 0.8):  # Chernoff's bound, near where it would be least for a normal
        tilt = share * REACH / sqrt(var + spread)
        total = 0.5 * tilt * tilt * spread
        for u in range(len(start) - 1):
            moment = 0.0
            for o in range(start[u], start[u + 1]):
                moment += chance[o] * exp(tilt * (way * mean[o] + 0.5 * tilt * variance[o]))
            total += log(moment)
        reach = min(reach, (total + TAIL) / tilt)
    return far + reach


@inner
def _last(parts, least, limit):
    """Where the characteristic function is sure to have died out, whatever the phases; or the limit."""
    start, chance, variance = parts.start, parts.chance, parts.var
    mean = least
    for o in range(len(chance)):
        mean += chance[o] * variance[o]
    t = REACH / sqrt(mean)  # no sooner, by Jensen's inequality
    while t < limit:
        total = -0.5 * t * t * least
        for u in range(len(start) - 1):
            size = 0.0
            for o in range(start[u], start[u + 1]):
                size += chance[o] * exp(-0.5 * t * t * variance[o])
            total += log(size)
        if total <= -TAIL:
            return t
        t *= FASTER
    return t


@inner
def nodes(parts, normals):
    """Step and number of the nodes, and the variance by which the line is blurred.

    No node at all where the side is certain: the step is then below zero where the sum is, else above.
    """
    high, low = _reach(parts, normals, 1.0), -_reach(parts, normals, -1.0)
    if high <= 0.0 or low >= 0.0:
        return (-1.0 if high <= 0.0 else 1.0), 0, 0.0
    step = 2.0 * pi / max(high, -low)
    limit = MOST_NODES * step
    last = _last(parts, normals.var.min(), limit)
    if last < limit:
        return step, int(ceil(last / step)), 0.0
    return step, MOST_NODES, (REACH / limit) ** 2


@inner
def begin(t, step, scale, mean, var, now, turn, fade):
    """Value of each part at a node, and what leads to the next: `fade` falls by its last column."""
    for o in range(len(mean)):
        size = scale[o] * exp(-0.5 * t * t * var[o])
        now[0, o], now[1, o] = size * cos(t * mean[o]), size * sin(t * mean[o])
        turn[0, o], turn[1, o] = cos(step * mean[o]), sin(step * mean[o])
        fade[0, o] = exp(-var[o] * step * (t + 0.5 * step))
        fade[1, o] = exp(-var[o] * step * step)


@inner
def go_on(now, turn, fade):
    """From a node to the next."""
    for o in range(now.shape[1]):
        re, im = now[0, o] * fade[0, o], now[1, o] * fade[0, o]
        now[0, o] = re * turn[0, o] - im * turn[1, o]
        now[1, o] = re * turn[1, o] + im * turn[0, o]
        fade[0, o] *= fade[1, o]


@inner
def _products(now, start, site, before):
    """Characteristic function of each open site; and of all those before it, the last of all."""
    re, im = 1.0, 0.0
    for u in range(len(start) - 1):
        before[0, u], before[1, u] = re, im
        a, b = 0.0, 0.0
        for o in range(start[u], start[u + 1]):
            a += now[0, o]
            b += now[1, o]
        site[0, u], site[1, u] = a, b
        re, im = re * a - im * b, re * b + im * a
    return re, im


@inner
def _others(re, im, start, site, before, rest):
    """Product of all but its own site for each part, with a last factor."""
    for u in range(len(start) - 2, -1, -1):
        a, b = before[0, u] * re - before[1, u] * im, before[0, u] * im + before[1, u] * re
        for o in range(start[u], start[u + 1]):
            rest[0, o], rest[1, o] = a, b
        re, im = re * site[0, u] - im * site[1, u], re * site[1, u] + im * site[0, u]


@inner
def invert(parts, normals, sign, sloped, found):
    """Chance that sign times the sum is below zero, for each block; the slopes if asked for.

    Parameters
    ----------
    parts : Parts
    normals : Normals
    sign : 1 for below the line, -1 for above
    sloped : bool
    found : Slopes
        Filled in place.
    """
    step, number, blur = nodes(parts, normals)
    side, by_mean, by_var = found.side, found.side_mean, found.side_var
    chance, in_mean, in_var = found.chance, found.mean, found.var
    for array in (side, by_mean, by_var, chance, in_mean, in_var):
        array[:] = 0.0
    _add_nodes(parts, normals, step, number, blur, sloped, found)
    whole, half = normals.weight.sum(), 0.5
    if number == 0:
        half = 0.0 if step * sign > 0.0 else 1.0
    factor = -sign * 2.0 / pi
    for b in range(len(side)):
        side[b] = min(max(half + factor * side[b], 0.0), 1.0)
        by_mean[b] *= factor
        by_var[b] *= -0.5 * factor
    for o in range(len(chance)):
        chance[o] = max(half * whole * parts.chance[o] + factor * chance[o], 0.0)
        in_mean[o] *= factor
        in_var[o] *= -0.5 * factor


@inner
def _add_nodes(parts, normals, step, number, blur, sloped, found):
    """Add the terms of every node to what an inversion finds."""
    n, blocks, start, weight = len(parts.mean), len(normals.mean), parts.start, normals.weight
    side, by_mean, by_var = found.side, found.side_mean, found.side_var
    chance, in_mean, in_var = found.chance, found.mean, found.var
    now, turn, fade, rest = np.empty((2, n)), np.empty((2, n)), np.empty((2, n)), np.empty((2, n))
    site, before = np.empty((2, len(start))), np.empty((2, len(start)))
    fixed, fixed_turn, fixed_fade = np.empty((2, blocks)), np.empty((2, blocks)), np.empty((2, blocks))
    ones, var = np.ones(blocks), normals.var + blur
    for k in range(number):
        t, share = (k + 0.5) * step, 1.0 / (2.0 * k + 1.0)
        if k % AGAIN == 0:
            begin(t, step, parts.chance, parts.mean, parts.var, now, turn, fade)
            begin(t, step, ones, normals.mean, var, fixed, fixed_turn, fixed_fade)
        else:
            go_on(now, turn, fade)
            go_on(fixed, fixed_turn, fixed_fade)
        re, im = _products(now, start, site, before)
        all_re, all_im = 0.0, 0.0
        for b in range(blocks):
            y = share * (re * fixed[1, b] + im * fixed[0, b])
            side[b] += y
            by_mean[b] += t * share * (re * fixed[0, b] - im * fixed[1, b])
            by_var[b] += t * t * y
            all_re += weight[b] * fixed[0, b]
            all_im += weight[b] * fixed[1, b]
        if not sloped:
            continue
        _others(share * all_re, share * all_im, start, site, before, rest)
        for o in range(n):
            y = now[0, o] * rest[1, o] + now[1, o] * rest[0, o]
            chance[o] += y
            in_mean[o] += t * (now[0, o] * rest[0, o] - now[1, o] * rest[1, o])
            in_var[o] += t * t * y

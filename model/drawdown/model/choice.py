"""Blocks of fates over many draws, compiled: what each weighs, and fates drawn from them.

A module of its own beside `kernel`, so that a case of few sites compiles none of it.
"""

from math import erfc, pi, sqrt

import numpy as np
from numba import njit

from drawdown.model.inversion import AGAIN, begin, go_on, nodes
from drawdown.model.kernel import SOURCES, side_by_side, unpack
from drawdown.model.layout import Layout
from drawdown.model.likelihood import FLOOR
from drawdown.model.packed import Arrays, pack
from drawdown.model.sums import log_sums, over_blocks, place, settle
from drawdown.model.terms import FATES, inner


@inner
def _pick(weight, u):
    """Index drawn by weights that need not add up to one."""
    left = u * weight.sum()
    for f in range(len(weight) - 1):
        left -= weight[f]
        if left < 0.0:
            return f
    return len(weight) - 1


@inner
def _free(sums, sets, u, fate):
    """Draw the fate of each site by itself; dims (site, set) of `sums`, else (site,)."""
    weight = np.empty(FATES)
    for s in range(len(fate)):
        for f in range(FATES):
            able = sets[s] >> f & 1
            weight[f] = np.exp(sums[s, 1 << f] - sums[s, sets[s]]) if able else 0.0
        fate[s] = _pick(weight, u[s])


@inner
def _after(parts, step, number):
    """Characteristic function of all open sites after each, at each node; dims (2, open site, node)."""
    n, start = len(parts.mean), parts.start
    units = len(start) - 1
    now, turn, fade = np.empty((2, n)), np.empty((2, n)), np.empty((2, n))
    out = np.empty((2, units, number))
    for k in range(number):
        if k % AGAIN == 0:
            begin((k + 0.5) * step, step, parts.chance, parts.mean, parts.var, now, turn, fade)
        else:
            go_on(now, turn, fade)
        re, im = 1.0, 0.0
        for i in range(units - 1, -1, -1):
            out[0, i, k], out[1, i, k] = re, im
            a, b = 0.0, 0.0
            for o in range(start[i], start[i + 1]):
                a += now[0, o]
                b += now[1, o]
            re, im = re * a - im * b, re * b + im * a
    return out


@inner
def _one_by_one(parts, normals, sign, u, fate):
    """Draw the fates of the open sites given the side: each given those before, the rest summed out."""
    step, number, blur = nodes(parts, normals)
    after, weight = _after(parts, step, number), np.empty(FATES)
    mean, var, start, chance = normals.mean[0], normals.var[0] + blur, parts.start, parts.chance
    now, turn, fade = np.empty((2, 1)), np.empty((2, 1)), np.empty((2, 1))
    certain = 1.0 if step * sign < 0.0 else 0.0  # of use where there are no nodes
    for i in range(len(start) - 1):
        first, end = start[i], start[i + 1]
        for o in range(first, end):
            total, at, wide = 0.0, parts.mean[o : o + 1] + mean, parts.var[o : o + 1] + var
            for k in range(number):
                if k % AGAIN == 0:
                    begin((k + 0.5) * step, step, np.ones(1), at, wide, now, turn, fade)
                else:
                    go_on(now, turn, fade)
                total += (now[0, 0] * after[1, i, k] + now[1, 0] * after[0, i, k]) / (2.0 * k + 1.0)
            side = 0.5 - sign * 2.0 / pi * total if number else certain
            if i == len(start) - 2:  # nothing is left to sum out: exact
                side = 0.5 * erfc(sign * at[0] / sqrt(2.0 * wide[0]))
            weight[o - first] = chance[o] * (max(side, 0.0) + FLOOR)
        o = first + _pick(weight[: end - first], u[parts.site[first]])
        fate[parts.site[o]] = parts.fate[o]
        mean, var = mean + parts.mean[o], var + parts.var[o]


@inner
def choose(by_site, patterns, gone, block, u, fate):
    """Draw the fates of a draw whose block is known, from one uniform a site."""
    sums, b = log_sums(by_site, patterns.tables), block
    if patterns.sign[b] == 0.0:
        _free(sums[patterns.table[b]], patterns.sets[b], u, fate)
        return
    parts, settled = settle(b, b + 1, sums, patterns)
    normals = place(parts, settled, patterns.line[b], gone, patterns, np.ones(1))
    for s in range(len(fate)):
        fate[s] = settled[0, s]
    if len(parts.mean):
        _one_by_one(parts, normals, patterns.sign[b], u, fate)


def _compile(sources):
    """Compile the outermost functions, or load them; see `kernel`."""
    given = "f8[::1], i8[::1], f8[:, :, ::1], f8[:, :, ::1]"

    @njit(f"({given}, f8[:, ::1])", cache=True, nogil=True, error_model="numpy")
    def terms(real, whole, by_site, gone, out):
        _ = sources
        patterns, none = unpack(real, whole)[3], np.empty((0, FATES))
        for i in range(len(out)):
            out[i] = over_blocks(by_site[i], patterns, gone[i], False, none, none)[1]

    @njit(f"({given}, f8[:, :, ::1])", cache=True, nogil=True, error_model="numpy")
    def chances(real, whole, by_site, gone, out):
        _ = sources
        patterns = unpack(real, whole)[3]
        for i in range(len(out)):
            out[i] = 0.0
            over_blocks(by_site[i], patterns, gone[i], True, out[i], np.zeros(out[i].shape))

    @njit(f"({given}, i8[::1], f8[:, ::1], i8[:, ::1])", cache=True, nogil=True, error_model="numpy")
    def fates(real, whole, by_site, gone, block, u, out):
        _ = sources
        patterns = unpack(real, whole)[3]
        for i in range(len(out)):
            choose(by_site[i], patterns, gone[i], block[i], u[i], out[i])

    return terms, chances, fates


_TERMS, _CHANCES, _FATES = _compile(SOURCES)


def block_terms_rows(by_site: np.ndarray, gone: np.ndarray, hyper: Arrays, layout: Layout) -> np.ndarray:
    """Log weight of each block at many draws, the same as `blocks.block_terms`; dims (draw, block).

    Parameters
    ----------
    by_site, gone : dims (draw, site, fate)
        See `blocks.block_terms`.
    hyper, layout
        As for `likelihood.log_density`.
    """
    out = np.empty((len(by_site), len(hyper["pattern_log"])))
    side_by_side(_TERMS, pack(hyper, None, layout), by_site, gone, out)
    return out


def chances_rows(by_site: np.ndarray, gone: np.ndarray, hyper: Arrays, layout: Layout) -> np.ndarray:
    """Chance of each fate of each site, as `block_terms_rows` weighs; dims (draw, site, fate)."""
    out = np.empty(by_site.shape)
    side_by_side(_CHANCES, pack(hyper, None, layout), by_site, gone, out)
    return out


def fates_rows(
    by_site: np.ndarray,
    gone: np.ndarray,
    hyper: Arrays,
    layout: Layout,
    block: np.ndarray,
    u: np.ndarray,
) -> np.ndarray:
    """Fates of many draws, each from its block; dims (draw, site), index into `FATES`.

    Parameters
    ----------
    by_site, gone, hyper, layout
        See `block_terms_rows`.
    block : int array, dims (draw,)
    u : dims (draw, site)
        Uniform numbers.
    """
    out = np.empty(u.shape, dtype=np.int64)
    side_by_side(_FATES, pack(hyper, None, layout), by_site, gone, block, u, out)
    return out

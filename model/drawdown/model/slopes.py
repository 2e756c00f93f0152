"""The gradient of the log density of one draw, for the compiler: `terms` in the opposite order.

Each function adds to `slopes` what its term gives to the slope of the log density in the natural
parameters that it reads; the last one turns those into slopes in the standard normals.
"""

from math import erfc, exp, sqrt

import numpy as np

from drawdown.model.likelihood import FLOOR, QUICKEST
from drawdown.model.terms import (
    FATES,
    NEGLIGIBLE,
    Natural,
    coverage,
    density,
    gathered,
    inner,
    margin,
    movements,
    progress,
)


@inner
def _pattern_slopes(weight, term, patterns, now, slopes):
    """Chance of each fate of a site, dims (site, fate); adds the region's slopes."""
    chance = np.zeros(patterns.log_fate.shape)
    for p in range(len(term)):
        share = exp(term[p] - weight)
        for s in range(len(chance)):
            chance[s, patterns.fate[p, s]] += share
        if patterns.sign[p] == 0.0 or share < NEGLIGIBLE:
            continue
        mean, sd = margin(p, patterns, now)
        side = patterns.sign[p] * mean / sd
        bend = exp(-0.5 * side**2) / sqrt(2.0 * np.pi) / (0.5 * erfc(side / sqrt(2.0)) + FLOOR)
        bend *= -share * patterns.sign[p] / sd
        for s in range(len(chance)):
            f = patterns.fate[p, s]
            over = now.gone[s, f] - patterns.line[p]
            centre = patterns.share_mean[s] - mean * over * patterns.share_var[s] / sd**2
            slopes.gone[s, f] += bend * centre
    return chance


@inner
def _progress_slopes(stock, day, by, prior, now, slopes):
    """Add `by` times the slopes of a stock's progress."""
    _, in_onset, in_duration = progress(stock, day, prior, now)
    slopes.onset[prior.site[stock]] += by * in_onset
    slopes.duration[stock] += by * in_duration


@inner
def _remaining_slopes(slope, mean, looks, prior, now, slopes):
    """Add the slopes of the looks at a stock; `slope` is that in their means."""
    at = prior.starts
    for r in range(len(looks.r_stock)):
        k, day, v = looks.r_stock[r], looks.r_day[r], at.visible + looks.r_indicator[r]
        whole = now.factor[at.baseline + k] * now.factor[v]
        seen, along = whole * gathered(k, day, prior, now), progress(k, day, prior, now)[0]
        by_level, by_here, by_along = 0.0, 0.0, 0.0
        for f in range(FATES):
            stays = 1.0 - now.gone[k, f] * prior.leaves[k, f] * along
            by_level += slope[r, f] * mean[r, f]
            by_here += slope[r, f] * whole * stays
            by_along -= slope[r, f] * seen * now.gone[k, f] * prior.leaves[k, f]
            slopes.gone[k, f] -= slope[r, f] * seen * prior.leaves[k, f] * along
        slopes.factor[at.baseline + k] += by_level
        slopes.factor[v] += by_level * (1.0 - now.factor[v])
        _progress_slopes(k, day, by_along, prior, now, slopes)
        if prior.source[k] >= 0:
            _progress_slopes(prior.source[k], day, by_here, prior, now, slopes)


@inner
def _pace_slopes(slope, lifted, looks, prior, now, slopes):
    """Add the slopes of the looks at a flow but for its stocks; `slope` becomes that in `lifted`."""
    at = prior.starts
    for p in range(len(lifted)):
        v = at.visible + looks.p_indicator[p]
        covered, stays, routine = coverage(p, looks, prior, now)
        by_routine, by_covered = 0.0, 0.0
        for f in range(FATES):
            by_routine += slope[p, f] * covered
            by_covered += slope[p, f] * (routine + lifted[p, f])
            slope[p, f] *= covered
        slopes.factor[at.routine + looks.p_routine[p]] += by_routine * routine
        slopes.factor[v] += by_covered * covered * (1.0 - now.factor[v])
        if looks.p_dwell[p] >= 0:
            slopes.factor[at.dwell + looks.p_dwell[p]] += by_covered * stays


@inner
def _edge_slopes(slope, looks, prior, now, slopes):
    """Add the slopes of what each stock gives to a flow; `slope` is that in the daily movements."""
    at, n_site = prior.starts, len(prior.on_clock)
    for e in range(len(looks.e_obs)):
        p, k = looks.e_obs[e], looks.e_stock[e]
        start, end = looks.p_start[p], looks.p_end[p]
        along = progress(k, end, prior, now)[0] - progress(k, start, prior, now)[0]
        whole = movements(e, looks, prior, now)
        amount, by_share = whole * gathered(k, end, prior, now), 0.0
        for f in range(FATES):
            by_share += slope[p, f] * now.gone[k, f] * prior.leaves[k, f]
            slopes.gone[k, f] += slope[p, f] * amount * prior.leaves[k, f] * along
        by_level = by_share * amount * along
        slopes.factor[at.baseline + k] += by_level
        slopes.factor[at.load + looks.e_load[e]] += by_level
        if k >= n_site:
            slopes.factor[at.lift + k - n_site] += by_level
        _progress_slopes(k, end, by_share * amount, prior, now, slopes)
        _progress_slopes(k, start, -by_share * amount, prior, now, slopes)
        if prior.source[k] >= 0:
            _progress_slopes(prior.source[k], end, by_share * whole * along, prior, now, slopes)


@inner
def _prior_slopes(z, prior, now, slopes, out):
    """Turn slopes in natural parameters into those in the standard normals."""
    at, n_site, slope = prior.starts, len(prior.on_clock), slopes.factor
    for i in range(at.routine, at.dwell):
        slope[at.crisis] += slope[i]
    for s in range(n_site):
        by = slopes.onset[s] * now.onset[s]
        slope[at.onset] += prior.on_clock[s] * by
        slope[at.site_onset + s] += by
    for k in range(len(prior.site)):
        s = prior.site[k]
        by_span, by_move = slopes.duration[k] * (now.duration[k] - QUICKEST), 0.0
        for f in range(FATES):
            gone = now.gone[k, f]
            by_move += slopes.gone[k, f] * gone * (1.0 - gone) * prior.gone_sd[k, f]
        slope[at.duration] += prior.on_clock[s] * by_span
        slope[at.site_duration + s] += by_span
        slope[at.site_gone + s] += prior.together[k] * by_move
        if k >= n_site:
            slope[at.stock_duration + k - n_site] += by_span
            slope[at.stock_gone + k - n_site] += prior.alone[k] * by_move
    for i in range(len(z)):
        out[i] = prior.sd[i] * slope[i] - z[i]


@inner
def value_and_slopes(z, prior, looks, counts, patterns, out):
    """The log density; its gradient goes into `out`."""
    value, weight, now, mean, lifted, slope, term = density(z, prior, looks, counts, patterns)
    slopes = Natural(
        *(np.zeros(now.onset.shape), np.zeros(now.duration.shape)),
        *(np.zeros(now.gone.shape), np.zeros(now.factor.shape)),
    )
    chance = _pattern_slopes(weight, term, patterns, now, slopes)
    for o in range(len(slope)):
        s = counts.group_site[counts.group_of[o]]
        for f in range(FATES):
            slope[o, f] *= chance[s, f]
    n_r = len(looks.r_stock)
    _remaining_slopes(slope, mean, looks, prior, now, slopes)
    _pace_slopes(slope[n_r:], lifted, looks, prior, now, slopes)
    _edge_slopes(slope[n_r:], looks, prior, now, slopes)
    _prior_slopes(z, prior, now, slopes, out)
    return value

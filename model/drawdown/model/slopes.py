"""The gradient of the log density of one draw, for the compiler: `terms` in the opposite order.

Each function adds to `slopes` what its term gives to the slope of the log density in the natural
parameters that it reads; the last one turns those into slopes in the standard normals.
"""

from math import exp, sqrt

import numpy as np

from drawdown.model.likelihood import QUICKEST
from drawdown.model.sums import over_blocks, over_patterns, with_normal
from drawdown.model.terms import FATES, NEGLIGIBLE, Natural, heard, inner, progress, rests


@inner
def _pattern_slopes(sides, patterns, now, slopes):
    """Chance of each fate of a site, dims (site, fate); adds the region's slopes."""
    fate, line, sign, gone, by_gone = patterns.fate, patterns.line, patterns.sign, now.gone, slopes.gone
    share_mean, share_var = patterns.share_mean, patterns.share_var
    shares, spread, standing, chances = sides.share, sides.sd, sides.side, sides.chance
    chance = np.zeros(patterns.log_fate.shape)
    for p in range(len(shares)):
        share = shares[p]
        for s in range(len(chance)):
            chance[s, fate[p, s]] += share
        if sign[p] == 0.0 or share < NEGLIGIBLE:
            continue
        sd, side = spread[p], standing[p]
        bend = exp(-0.5 * side**2) / sqrt(2.0 * np.pi) / chances[p]
        bend *= -share * sign[p] / sd
        for s in range(len(chance)):
            f = fate[p, s]
            over = gone[s, f] - line[p]
            by_gone[s, f] += bend * (share_mean[s] - sign[p] * side * over * share_var[s] / sd)
    return chance


@inner
def _remaining_slopes(slope, mean, looks, prior, now, slopes):
    """Add the slopes of the looks at a stock; `slope` is that in their means."""
    at, source, stock, indicator = prior.starts, prior.source, looks.r_stock, looks.r_indicator
    onset, duration, gone, factor, days = now.onset, now.duration, now.gone, now.factor, looks.r_day
    by_onset, by_duration, by_gone, by = slopes.onset, slopes.duration, slopes.gone, slopes.factor
    for r in range(len(stock)):
        k, c, v = stock[r], source[stock[r]], at.visible + indicator[r]
        whole, here = factor[at.baseline + k] * factor[v], 1.0
        along, in_onset, in_duration = progress(days[r], onset[k], duration[k])
        if c >= 0:
            here, here_in_onset, here_in_duration = progress(days[r], onset[c], duration[c])
            by_here = 0.0
            for f in range(FATES):
                by_here += slope[r, f] * whole * (1.0 - gone[k, f] * along)
            by_onset[c] += by_here * here_in_onset
            by_duration[c] += by_here * here_in_duration
        by_level, by_along = 0.0, 0.0
        for f in range(FATES):
            by_level += slope[r, f] * mean[r, f]
            by_along -= slope[r, f] * whole * here * gone[k, f]
            by_gone[k, f] -= slope[r, f] * whole * here * along
        by[at.baseline + k] += by_level
        by[v] += by_level * (1.0 - factor[v])
        by_onset[k] += by_along * in_onset
        by_duration[k] += by_along * in_duration


@inner
def _pace_slopes(slope, flow, looks, prior, now, slopes):
    """Add the slopes of the looks at a flow but for its stocks; `slope` becomes that in `lifted`."""
    at, factor, by, lifted = prior.starts, now.factor, slopes.factor, flow.lifted
    covered, routine, starts, ends = flow.covered, flow.routine, looks.p_start, looks.p_end
    indicator, usual, dwells = looks.p_indicator, looks.p_routine, looks.p_dwell
    for p in range(len(lifted)):
        v, by_routine, by_covered = at.visible + indicator[p], 0.0, 0.0
        for f in range(FATES):
            by_covered += slope[p, f] * covered[p] * (routine[p] + lifted[p, f])
            slope[p, f] *= covered[p]
            by_routine += slope[p, f] * routine[p]
        by[at.routine + usual[p]] += by_routine
        by[v] += by_covered * (1.0 - factor[v])
        if dwells[p] >= 0:
            dwell = factor[at.dwell + dwells[p]]
            by[at.dwell + dwells[p]] += by_covered * dwell / (ends[p] - starts[p] - 1.0 + dwell)


@inner
def _stock_slopes(slope, flow, looks, prior, now, slopes):
    """Add the slopes of what each stock gives to a flow; `slope` is that in `lifted`."""
    at, n_site, load, source = prior.starts, len(prior.on_clock), flow.load, prior.source
    onset, duration, gone, starts, ends = now.onset, now.duration, now.gone, looks.p_start, looks.p_end
    by_onset, by_duration, by_gone, by = slopes.onset, slopes.duration, slopes.gone, slopes.factor
    of, stock, loads = looks.e_obs, looks.e_stock, looks.e_load
    for e in range(len(of)):
        p, k, c, here = of[e], stock[e], source[stock[e]], 1.0
        if rests(starts[p], ends[p], onset[k], duration[k]):
            continue
        along, end_in_onset, end_in_duration = progress(ends[p], onset[k], duration[k])
        begun, start_in_onset, start_in_duration = progress(starts[p], onset[k], duration[k])
        along -= begun
        by_share = 0.0
        for f in range(FATES):
            by_share += slope[p, f] * load[e] * gone[k, f]
        if c >= 0:
            here, here_in_onset, here_in_duration = progress(ends[p], onset[c], duration[c])
            by_onset[c] += by_share * along * here_in_onset
            by_duration[c] += by_share * along * here_in_duration
        for f in range(FATES):
            by_gone[k, f] += slope[p, f] * load[e] * here * along
        by_along = by_share * here
        by_onset[k] += by_along * (end_in_onset - start_in_onset)
        by_duration[k] += by_along * (end_in_duration - start_in_duration)
        by[at.baseline + k] += by_along * along
        by[at.load + loads[e]] += by_along * along
        if k >= n_site:
            by[at.lift + k - n_site] += by_along * along


@inner
def _prior_slopes(z, prior, now, slopes, out):
    """Turn slopes in natural parameters into those in the standard normals."""
    at, n_site, site, on_clock = prior.starts, len(prior.on_clock), prior.site, prior.on_clock
    onset, duration, gone, sd = now.onset, now.duration, now.gone, prior.gone_sd
    by_onset, by_duration, by_gone, by = slopes.onset, slopes.duration, slopes.gone, slopes.factor
    together, alone, scale = prior.together, prior.alone, prior.sd
    for i in range(at.routine, at.dwell):
        by[at.crisis] += by[i]
    for k in range(len(site)):
        s = site[k]
        by_start, by_span = by_onset[k] * onset[k], by_duration[k] * (duration[k] - QUICKEST)
        by_move = 0.0
        for f in range(FATES):
            by_move += by_gone[k, f] * gone[k, f] * (1.0 - gone[k, f]) * sd[k, f]
        by[at.onset] += on_clock[s] * by_start
        by[at.site_onset + s] += by_start
        by[at.duration] += on_clock[s] * by_span
        by[at.site_duration + s] += by_span
        by[at.site_gone + s] += together[k] * by_move
        if k >= n_site:
            by[at.stock_duration + k - n_site] += by_span
            by[at.stock_gone + k - n_site] += alone[k] * by_move
    for i in range(len(z)):
        out[i] = scale[i] * by[i] - z[i]


@inner
def value_and_slopes(z, prior, looks, counts, patterns, out):
    """The log density; its gradient goes into `out`."""
    fates = patterns.log_fate, patterns.live
    by_site, slope, now, mean, flow = heard(z, prior, looks, counts, *fates, True)
    n_stock, n_r = len(now.onset), len(looks.r_stock)
    slopes = Natural(
        *(np.zeros(n_stock), np.zeros(n_stock), np.zeros((n_stock, FATES)), np.zeros(len(z)))
    )
    if len(patterns.sets):
        chance = np.zeros(by_site.shape)
        weight, _ = over_blocks(by_site, patterns, now.gone, True, chance, slopes.gone[: len(chance)])
    else:
        weight, sides = over_patterns(by_site, patterns, now.gone)
        chance = _pattern_slopes(sides, patterns, now, slopes)
    site, group = counts.group_site, counts.group_of
    for o in range(len(slope)):
        for f in range(FATES):
            slope[o, f] *= chance[site[group[o]], f]
    _remaining_slopes(slope, mean, looks, prior, now, slopes)
    _pace_slopes(slope[n_r:], flow, looks, prior, now, slopes)
    _stock_slopes(slope[n_r:], flow, looks, prior, now, slopes)
    _prior_slopes(z, prior, now, slopes, out)
    return with_normal(weight, z)

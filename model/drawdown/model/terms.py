"""The log density of one draw, term by term, for the compiler.

`build` defines the model and `likelihood` is its plain reference; each function here is the twin of
one there, with loops in place of arrays, so that a draw takes some microseconds.
"""

from math import erfc, exp, log, log1p, sqrt
from typing import NamedTuple

import numpy as np
from numba import njit

from drawdown.model.likelihood import FLOOR, QUICKEST

FATES = 3
UNDERFLOW = -600.0
"""A mass this small, in logs, is no start for a recurrence."""
NEGLIGIBLE = 1e-18
"""Share of a sum that cannot change it."""
LOG_2PI = log(2.0 * np.pi)

inner = njit(error_model="numpy")


class Natural(NamedTuple):
    """Natural parameters of one draw; and, with the same shape, slopes.

    Attributes
    ----------
    onset : dims (site,)
    duration : dims (stock,)
    gone : dims (stock, fate)
    factor : dims (parameter,)
        Baselines, chances to be seen, lifts, loads, routines and dwells, at the places of `Starts`.
        As a slope: that in the location on the log or log-odds scale.
    """

    onset: np.ndarray
    duration: np.ndarray
    gone: np.ndarray
    factor: np.ndarray


@inner
def natural(z, prior):
    """Natural parameters of a draw; the twin of `likelihood.natural`."""
    at, n_site, n_stock = prior.starts, len(prior.on_clock), len(prior.site)
    u = prior.mu + prior.sd * z
    onset, duration, gone = np.empty(n_site), np.empty(n_stock), np.empty((n_stock, FATES))
    for s in range(n_site):
        onset[s] = exp(prior.on_clock[s] * u[at.onset] + u[at.site_onset + s])
    for k in range(n_stock):
        s = prior.site[k]
        span = prior.on_clock[s] * u[at.duration] + u[at.site_duration + s]
        move = prior.together[k] * u[at.site_gone + s]
        if k >= n_site:
            span += u[at.stock_duration + k - n_site]
            move += prior.alone[k] * u[at.stock_gone + k - n_site]
        duration[k] = QUICKEST + exp(span)
        for f in range(FATES):
            gone[k, f] = 1.0 / (1.0 + exp(-prior.gone_mu[k, f] - prior.gone_sd[k, f] * move))
    for i in range(at.routine, at.dwell):
        u[i] += u[at.crisis]
    for i in range(at.baseline, len(u)):
        u[i] = 1.0 / (1.0 + exp(-u[i])) if at.visible <= i < at.lift else exp(u[i])
    return Natural(onset, duration, gone, u)


@inner
def progress(stock, day, prior, now):
    """How far along its path a stock is, and the slopes of that in its onset and duration."""
    x = (day - now.onset[prior.site[stock]]) / now.duration[stock]
    if x <= 0.0:
        return 0.0, 0.0, 0.0
    if x >= 1.0:
        return 1.0, 0.0, 0.0
    slope = 30.0 * (x * (1.0 - x)) ** 2 / now.duration[stock]
    return x**3 * (x * (6.0 * x - 15.0) + 10.0), -slope, -slope * x


@inner
def gathered(stock, day, prior, now):
    """Share of a staged stock that has arrived; 1 for any other stock."""
    if prior.source[stock] < 0:
        return 1.0
    return progress(prior.source[stock], day, prior, now)[0]


@inner
def movements(e, looks, prior, now):
    """Movements that the whole of a stock makes, per day of the window."""
    at, p, k = prior.starts, looks.e_obs[e], looks.e_stock[e]
    amount = now.factor[at.baseline + k] * now.factor[at.load + looks.e_load[e]]
    if k >= len(prior.on_clock):
        amount *= now.factor[at.lift + k - len(prior.on_clock)]
    return amount / (looks.p_end[p] - looks.p_start[p])


@inner
def coverage(p, looks, prior, now):
    """Seen days of a window; and its movements a day without any drawdown."""
    at, dwell = prior.starts, 1.0
    if looks.p_dwell[p] >= 0:
        dwell = now.factor[at.dwell + looks.p_dwell[p]]
    seen = now.factor[at.visible + looks.p_indicator[p]] * looks.p_open[p]
    routine = now.factor[at.routine + looks.p_routine[p]] * looks.p_turn[p]
    return seen * (looks.p_end[p] - looks.p_start[p] - 1.0 + dwell), seen * dwell, routine


@inner
def _means(looks, prior, now):
    """Expected counts, remaining then pace, dims (observation, fate); and daily lifted movements.

    The twin of `likelihood.expected_remaining` and `likelihood.expected_pace`.
    """
    at, n_r, n_p = prior.starts, len(looks.r_stock), len(looks.p_start)
    mean, lifted = np.empty((n_r + n_p, FATES)), np.zeros((n_p, FATES))
    for r in range(n_r):
        k, day = looks.r_stock[r], looks.r_day[r]
        seen = now.factor[at.baseline + k] * now.factor[at.visible + looks.r_indicator[r]]
        seen *= gathered(k, day, prior, now)
        along = progress(k, day, prior, now)[0]
        for f in range(FATES):
            mean[r, f] = seen * (1.0 - now.gone[k, f] * prior.leaves[k, f] * along)
    for e in range(len(looks.e_obs)):
        p, k = looks.e_obs[e], looks.e_stock[e]
        end = looks.p_end[p]
        moved = progress(k, end, prior, now)[0] - progress(k, looks.p_start[p], prior, now)[0]
        if moved != 0.0:
            moved *= movements(e, looks, prior, now) * gathered(k, end, prior, now)
            for f in range(FATES):
                lifted[p, f] += moved * now.gone[k, f] * prior.leaves[k, f]
    for p in range(n_p):
        covered, _, routine = coverage(p, looks, prior, now)
        for f in range(FATES):
            mean[n_r + p, f] = covered * (routine + lifted[p, f])
    return mean, lifted


@inner
def _log_chance(mean, o, counts):
    """Log chance of a count's interval, and its slope in the mean; of `likelihood.log_chances`.

    The mass at count k + 1 is that at k times (k + size) / (k + 1) * mean / (size + mean).
    """
    mean += 1e-300
    first, last, size = counts.first[o], counts.last[o], counts.size[o]
    step, total, moment = mean / (size + mean), 0.0, 0.0
    if first <= last:
        stay = size * log(size / (size + mean))
        begin, k = counts.log[counts.start[o]] + stay, first
        if first > 0:
            begin += first * log(step)
        if begin < UNDERFLOW:  # then from where the mass is greatest, both ways
            k = max(first, min(last, int(min(mean, 1e15))))
            begin = counts.log[counts.start[o] + k - first] + stay + k * log(step)
        mass = exp(begin)
        total, moment = mass, k * mass
        for j in range(k, last):
            mass *= (j + size) / (j + 1.0) * step
            total += mass
            moment += (j + 1.0) * mass
            if mass < NEGLIGIBLE * total:
                break
        mass = exp(begin)
        for j in range(k, first, -1):
            mass *= j / ((j - 1.0 + size) * step)
            total += mass
            moment += (j - 1.0) * mass
    chance = counts.base[o] + counts.sign[o] * total
    slope = counts.sign[o] * size / (mean * (size + mean)) * (moment - mean * total)
    if chance < 0.0 or chance > 1.0:
        chance, slope = min(max(chance, 0.0), 1.0), 0.0
    return log(chance + FLOOR), slope / (chance + FLOOR)


@inner
def _groups(mean, counts, log_fate):
    """Log weight of each fate of a site, dims (site, fate); and its slopes in the means.

    The twin of `likelihood.group_terms`, added up by site.
    """
    slope, right, by_site = np.zeros(mean.shape), np.zeros((len(counts.right), FATES)), log_fate.copy()
    for o in range(len(mean)):
        if counts.said[o] != 0.0:
            told, bend = 0.0, 0.0
            for f in range(FATES):
                # fates that foretell the same count need no second sum
                if f == 0 or mean[o, f] != mean[o, f - 1]:
                    told, bend = _log_chance(mean[o, f], o, counts)
                right[counts.group_of[o], f] += told
                slope[o, f] = bend
    for g in range(len(right)):
        for f in range(FATES):
            ahead = right[g, f] + counts.right[g] - counts.wrong[g]
            small = exp(-abs(ahead))
            by_site[counts.group_site[g], f] += counts.wrong[g] + max(ahead, 0.0) + log1p(small)
            right[g, f] = (1.0 if ahead > 0.0 else small) / (1.0 + small)  # chance that it is right
    for o in range(len(mean)):
        for f in range(FATES):
            slope[o, f] *= right[counts.group_of[o], f]
    return by_site, slope


@inner
def margin(p, patterns, now):
    """Mean and standard deviation of the cut's distance from the line, over the shares."""
    mean, var = 0.0, 0.0
    for s in range(patterns.fate.shape[1]):
        over = now.gone[s, patterns.fate[p, s]] - patterns.line[p]
        mean += over * patterns.share_mean[s]
        var += over**2 * patterns.share_var[s]
    return mean, sqrt(var)


@inner
def _patterns(by_site, patterns, now):
    """Log of the sum over patterns; and the log weight of each.

    The twin of `likelihood.pattern_terms` and, for the region, `likelihood.region_terms`.
    """
    n, n_site = patterns.fate.shape
    term, free = np.empty(n), log(0.5 + FLOOR)
    for p in range(n):
        term[p] = patterns.log[p] + free
        if patterns.sign[p] != 0.0:
            mean, sd = margin(p, patterns, now)
            side = patterns.sign[p] * mean / sd
            term[p] += log(0.5 * erfc(side / sqrt(2.0)) + FLOOR) - free
        for s in range(n_site):
            term[p] += by_site[s, patterns.fate[p, s]]
    most, total = term.max(), 0.0
    for p in range(n):
        total += exp(term[p] - most)
    return most + log(total), term


@inner
def density(z, prior, looks, counts, patterns):
    """The log density, and on the way to it what the slopes need."""
    now = natural(z, prior)
    mean, lifted = _means(looks, prior, now)
    by_site, slope = _groups(mean, counts, patterns.log_fate)
    weight, term = _patterns(by_site, patterns, now)
    value = weight - 0.5 * np.sum(z * z) - 0.5 * len(z) * LOG_2PI
    return value, weight, now, mean, lifted, slope, term

"""The log density of one draw, term by term, for the compiler.

`build` defines the model and `likelihood` is its plain reference; each function here is the twin of
one there, with loops in place of arrays, so that a draw takes some microseconds.
"""

from math import exp, log
from typing import NamedTuple

import numpy as np
from numba import njit

from drawdown.model.likelihood import FLOOR, QUICKEST
from drawdown.model.packed import MOST_LOG_ODDS

FATES = 3
SMALL, LARGE = 1e-150, 1e150
"""Of a product: beyond, its logarithm is taken before the next factor."""
FEW = 64
"""Whole sizes of a negative binomial up to which a power is multiplied out."""
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
    onset, duration : dims (stock,)
    gone : dims (stock, fate)
        Share that leaves for good: 0 for a mobile stock whose home does not close.
    factor : dims (parameter,)
        Baselines, chances to be seen, lifts, loads, routines and dwells, at the places of `Starts`.
        As a slope: that in the location on the log or log-odds scale.
    """

    onset: np.ndarray
    duration: np.ndarray
    gone: np.ndarray
    factor: np.ndarray


class Flow(NamedTuple):
    """What the looks at a flow expect.

    Attributes
    ----------
    covered : dims (pace,)
        Days of the window that are seen.
    routine : dims (pace,)
        Movements a day without any drawdown.
    lifted : dims (pace, fate)
        Movements a day that the drawdown adds.
    load : dims (edge,)
        Movements a day, were the whole of the stock to leave in the window.
    """

    covered: np.ndarray
    routine: np.ndarray
    lifted: np.ndarray
    load: np.ndarray


# In the loops below every field is a local name first: each look into a tuple counts a reference.


@inner
def natural(z, prior):
    """Natural parameters of a draw; the twin of `likelihood.natural`."""
    at, n_site, n_stock = prior.starts, len(prior.on_clock), len(prior.site)
    mu, sd, leaves, on_clock = prior.gone_mu, prior.gone_sd, prior.leaves, prior.on_clock
    site, together, alone, u = prior.site, prior.together, prior.alone, prior.mu + prior.sd * z
    onset, duration, gone = np.empty(n_stock), np.empty(n_stock), np.empty((n_stock, FATES))
    for k in range(n_stock):
        s = site[k]
        start = on_clock[s] * u[at.onset] + u[at.site_onset + s]
        span = on_clock[s] * u[at.duration] + u[at.site_duration + s]
        move = together[k] * u[at.site_gone + s]
        if k >= n_site:
            span += u[at.stock_duration + k - n_site]
            move += alone[k] * u[at.stock_gone + k - n_site]
        onset[k], duration[k] = exp(start), QUICKEST + exp(span)
        for f in range(FATES):
            gone[k, f] = leaves[k, f] / (1.0 + exp(-mu[k, f] - sd[k, f] * move))
    for i in range(at.routine, at.dwell):
        u[i] += u[at.crisis]
    for i in range(at.baseline, len(u)):
        u[i] = 1.0 / (1.0 + exp(-u[i])) if at.visible <= i < at.lift else exp(u[i])
    return Natural(onset, duration, gone, u)


@inner
def progress(day, onset, duration):
    """How far along its path a stock is, and the slopes of that in its onset and duration."""
    x = (day - onset) / duration
    if x <= 0.0:
        return 0.0, 0.0, 0.0
    if x >= 1.0:
        return 1.0, 0.0, 0.0
    slope = 30.0 * (x * (1.0 - x)) ** 2 / duration
    return x**3 * (x * (6.0 * x - 15.0) + 10.0), -slope, -slope * x


@inner
def rests(start, end, onset, duration):
    """Whether a path lies outside a window, so that nothing moves in it."""
    return end <= onset or start >= onset + duration


@inner
def _remaining(looks, prior, now, mean):
    """Expected counts of looks at a stock; the twin of `likelihood.expected_remaining`."""
    at, source, stock, indicator = prior.starts, prior.source, looks.r_stock, looks.r_indicator
    onset, duration, gone, factor, days = now.onset, now.duration, now.gone, now.factor, looks.r_day
    for r in range(len(stock)):
        k, c = stock[r], source[stock[r]]
        seen = factor[at.baseline + k] * factor[at.visible + indicator[r]]
        if c >= 0:
            seen *= progress(days[r], onset[c], duration[c])[0]
        along = progress(days[r], onset[k], duration[k])[0]
        for f in range(FATES):
            mean[r, f] = seen * (1.0 - gone[k, f] * along)


@inner
def _pace(looks, prior, now, mean):
    """Expected counts of looks at a flow; the twin of `likelihood.expected_pace`."""
    at, n_site, n, edges = prior.starts, len(prior.on_clock), len(looks.p_start), len(looks.e_obs)
    covered, routine, lifted, load = np.empty(n), np.empty(n), np.zeros((n, FATES)), np.zeros(edges)
    onset, duration, gone, factor = now.onset, now.duration, now.gone, now.factor
    starts, ends, opened, turn = looks.p_start, looks.p_end, looks.p_open, looks.p_turn
    indicator, usual, dwells = looks.p_indicator, looks.p_routine, looks.p_dwell
    of, stock, loads, source = looks.e_obs, looks.e_stock, looks.e_load, prior.source
    for e in range(edges):
        p, k, c = of[e], stock[e], source[stock[e]]
        if rests(starts[p], ends[p], onset[k], duration[k]):
            continue
        load[e] = factor[at.baseline + k] * factor[at.load + loads[e]] / (ends[p] - starts[p])
        if k >= n_site:
            load[e] *= factor[at.lift + k - n_site]
        moved = progress(ends[p], onset[k], duration[k])[0]
        moved = load[e] * (moved - progress(starts[p], onset[k], duration[k])[0])
        if c >= 0:
            moved *= progress(ends[p], onset[c], duration[c])[0]
        for f in range(FATES):
            lifted[p, f] += moved * gone[k, f]
    for p in range(n):
        days = ends[p] - starts[p] - 1.0
        days += factor[at.dwell + dwells[p]] if dwells[p] >= 0 else 1.0
        covered[p] = factor[at.visible + indicator[p]] * opened[p] * days
        routine[p] = factor[at.routine + usual[p]] * turn[p]
        for f in range(FATES):
            mean[p, f] = covered[p] * (routine[p] + lifted[p, f])
    return Flow(covered, routine, lifted, load)


@inner
def _between(chance):
    """A chance without what rounding put beyond 0 and 1; no number stays none."""
    if chance < 0.0:
        return 0.0
    return 1.0 if chance > 1.0 else chance


@inner
def _begin(mean, size, first, last, logs, at):
    """A count from which masses are summed, and its mass: the first, or that of the greatest mass."""
    stay, step = size * log(size / (size + mean)), log(mean / (size + mean))
    log_mass, k = logs[at] + stay + first * step, first
    if log_mass < UNDERFLOW:
        k = max(first, min(last, int(min(mean, 1e15))))
        log_mass = logs[at + k - first] + stay + k * step
    return k, exp(log_mass)


@inner
def _chance(mean, size, base, sign, first, last, logs, at, sloped):
    """Chance of a count's interval, and the slope of its log in the mean; of `likelihood.log_chances`.

    The mass at count k + 1 is that at k times (k + size) / (k + 1) * mean / (size + mean).
    """
    mean += 1e-300
    share = 1.0 / (size + mean)
    step, total, moment = mean * share, 0.0, 0.0
    if first <= last:
        begin, k = 0.0, first
        if first == 0 and size <= FEW and size == int(size):
            begin = (size * share) ** int(size)
        if begin < SMALL:
            k, begin = _begin(mean, size, first, last, logs, at)
        mass = begin
        total, moment = mass, k * mass
        for j in range(k, last):
            mass *= (j + size) / (j + 1.0) * step
            total += mass
            moment += (j + 1.0) * mass
            if mass < NEGLIGIBLE * total:
                break
        mass = begin if k > first else 0.0
        for j in range(k, first, -1):
            mass *= j / ((j - 1.0 + size) * step)
            total += mass
            moment += (j - 1.0) * mass
    chance = base + sign * total
    if not sloped:
        return _between(chance) + FLOOR, 0.0
    slope = sign * size * share / mean * (moment - mean * total)
    if chance < 0.0 or chance > 1.0:
        chance, slope = _between(chance), 0.0
    return chance + FLOOR, slope / (chance + FLOOR)


@inner
def _told(mean, counts, live, sloped, right, less, slope):
    """Multiply the chances of each origin at a site, and note the slopes of their logs in the means.

    `less` is the log of what a product is short of, where it would be too small for a number.
    """
    said, group, start, logs = counts.said, counts.group_of, counts.start, counts.log
    site = counts.group_site
    size, base, sign, first, last = counts.size, counts.base, counts.sign, counts.first, counts.last
    for o in range(len(mean)):
        if said[o] == 0.0:
            continue
        g, told, bend, counted = group[o], 1.0, 0.0, -1.0
        s = site[g]
        for f in range(FATES):
            if not live[s, f]:
                continue
            # fates that foretell the same count need no second sum
            if mean[o, f] != counted:
                counted = mean[o, f]
                told, bend = _chance(
                    *(counted, size[o], base[o], sign[o], first[o], last[o], logs, start[o], sloped)
                )
            product = right[g, f] * told
            if product < SMALL:
                less[g, f] += log(product)
                product = 1.0
            right[g, f] = product
            if sloped:
                slope[o, f] = bend


@inner
def _groups(mean, counts, log_fate, live, sloped):
    """Log weight of each fate of a site, dims (site, fate); and its slopes in the means.

    The twin of `likelihood.group_terms`, added up by site. Logarithms cost more than all else here, so
    that what can be multiplied is, and one is taken of the product.
    """
    slope = np.zeros(mean.shape if sloped else (0, FATES))
    by_site, product = log_fate.copy(), np.ones(log_fate.shape)
    right, less = np.ones((len(counts.right), FATES)), np.zeros((len(counts.right), FATES))
    group, site, odds = counts.group_of, counts.group_site, counts.odds
    log_right, log_wrong = counts.right, counts.wrong
    _told(mean, counts, live, sloped, right, less, slope)
    for g in range(len(right)):
        s = site[g]
        for f in range(FATES):
            if not live[s, f]:
                continue
            by_site[s, f] += log_wrong[g]
            ahead = right[g, f] * odds[g]
            if less[g, f] < 0.0 or odds[g] == np.inf:
                log_ahead = log(right[g, f]) + less[g, f] + log_right[g] - log_wrong[g]
                by_site[s, f] += max(log_ahead - MOST_LOG_ODDS, 0.0)
                ahead = exp(min(log_ahead, MOST_LOG_ODDS))
            product[s, f] *= 1.0 + ahead
            if sloped:
                right[g, f] = ahead / (1.0 + ahead)  # chance that it is right
            if product[s, f] > LARGE:
                by_site[s, f] += log(product[s, f])
                product[s, f] = 1.0
    for s in range(len(by_site)):
        for f in range(FATES):
            by_site[s, f] += log(product[s, f])
    for o in range(len(slope)):
        for f in range(FATES):
            slope[o, f] *= right[group[o], f]
    return by_site, slope


@inner
def heard(z, prior, looks, counts, log_fate, live, sloped):
    """Log weight of each fate of a site, dims (site, fate); and on the way to it what slopes need.

    Of fates that are not live it is that of the prior.
    """
    now, n_r = natural(z, prior), len(looks.r_stock)
    mean = np.empty((n_r + len(looks.p_start), FATES))
    _remaining(looks, prior, now, mean)
    flow = _pace(looks, prior, now, mean[n_r:])
    by_site, slope = _groups(mean, counts, log_fate, live, sloped)
    return by_site, slope, now, mean, flow

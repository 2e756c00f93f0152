"""The log density of one draw, term by term, for the compiler.

`build` defines the model and `likelihood` is its plain reference; each function here is the twin of
one there, with loops in place of arrays, so that a draw takes some microseconds.
"""

from math import exp, log, log1p
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
def _log_chance(mean, size, base, sign, first, last, logs):
    """Log chance of a count's interval, and its slope in the mean; of `likelihood.log_chances`.

    The mass at count k + 1 is that at k times (k + size) / (k + 1) * mean / (size + mean).
    """
    mean += 1e-300
    step, total, moment = mean / (size + mean), 0.0, 0.0
    if first <= last:
        stay = size * log(size / (size + mean))
        begin, k = logs[0] + stay, first
        if first > 0:
            begin += first * log(step)
        if begin < UNDERFLOW:  # then from where the mass is greatest, both ways
            k = max(first, min(last, int(min(mean, 1e15))))
            begin = logs[k - first] + stay + k * log(step)
        mass = exp(begin)
        total, moment = mass, k * mass
        for j in range(k, last):
            mass *= (j + size) / (j + 1.0) * step
            total += mass
            moment += (j + 1.0) * mass
            if mass < NEGLIGIBLE * total:
                break
        mass = exp(begin) if k > first else 0.0
        for j in range(k, first, -1):
            mass *= j / ((j - 1.0 + size) * step)
            total += mass
            moment += (j - 1.0) * mass
    chance = base + sign * total
    slope = sign * size / (mean * (size + mean)) * (moment - mean * total)
    if chance < 0.0 or chance > 1.0:
        chance, slope = min(max(chance, 0.0), 1.0), 0.0
    return log(chance + FLOOR), slope / (chance + FLOOR)


@inner
def _told(mean, counts, live, right, slope):
    """Add up the log chances of each origin at a site, and note their slopes in the means."""
    said, group, start, logs = counts.said, counts.group_of, counts.start, counts.log
    site = counts.group_site
    size, base, sign, first, last = counts.size, counts.base, counts.sign, counts.first, counts.last
    for o in range(len(mean)):
        if said[o] == 0.0:
            continue
        told, bend, counted = 0.0, 0.0, -1.0
        for f in range(FATES):
            if not live[site[group[o]], f]:
                continue
            # fates that foretell the same count need no second sum
            if mean[o, f] != counted:
                counted = mean[o, f]
                told, bend = _log_chance(
                    mean[o, f], size[o], base[o], sign[o], first[o], last[o], logs[start[o] :]
                )
            right[group[o], f] += told
            slope[o, f] = bend


@inner
def _groups(mean, counts, log_fate, live):
    """Log weight of each fate of a site, dims (site, fate); and its slopes in the means.

    The twin of `likelihood.group_terms`, added up by site.
    """
    slope, right, by_site = np.zeros(mean.shape), np.zeros((len(counts.right), FATES)), log_fate.copy()
    group, site, log_right, log_wrong = counts.group_of, counts.group_site, counts.right, counts.wrong
    _told(mean, counts, live, right, slope)
    for g in range(len(right)):
        for f in range(FATES):
            if not live[site[g], f]:
                continue
            ahead = right[g, f] + log_right[g] - log_wrong[g]
            small = exp(-abs(ahead))
            by_site[site[g], f] += log_wrong[g] + max(ahead, 0.0) + log1p(small)
            right[g, f] = (1.0 if ahead > 0.0 else small) / (1.0 + small)  # chance that it is right
    for o in range(len(mean)):
        for f in range(FATES):
            slope[o, f] *= right[group[o], f]
    return by_site, slope


@inner
def heard(z, prior, looks, counts, log_fate, live):
    """Log weight of each fate of a site, dims (site, fate); and on the way to it what slopes need.

    Of fates that are not live it is that of the prior.
    """
    now, n_r = natural(z, prior), len(looks.r_stock)
    mean = np.empty((n_r + len(looks.p_start), FATES))
    _remaining(looks, prior, now, mean)
    flow = _pace(looks, prior, now, mean[n_r:])
    by_site, slope = _groups(mean, counts, log_fate, live)
    return by_site, slope, now, mean, flow

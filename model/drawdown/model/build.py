"""The PyMC model: the definition of the physical strand, with every prior and report as data."""

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from drawdown.model.blocks import REACH
from drawdown.model.hyper import EXCLUDED
from drawdown.model.layout import Layout
from drawdown.model.likelihood import FLOOR, QUICKEST
from drawdown.outcomes import FATES

Arrays = dict[str, np.ndarray]
NODES = 4096
"""Nodes of an inversion in the graph; enough where the compiled density needs no more."""
FADED = 300.0
"""Parts of a characteristic function fall no further than exp(-300): their logarithms stay numbers."""


def _s_curve(x):
    x = pt.clip(x, 0.0, 1.0)
    return x**3 * (x * (6.0 * x - 15.0) + 10.0)


def build_model(layout: Layout, data: Arrays) -> pm.Model:
    """Build the model of a case.

    Parameters
    ----------
    layout : Layout
    data : dict of array
        Prior values (`hyper_values`) and observations (`observe`) of any hypothesis and date: they
        enter as `pm.Data` and are replaced without compiling again.

    Returns
    -------
    pm.Model
        Standard-normal vectors named as in `Layout.sizes`, and one potential, the log of
        region times likelihood with the fates summed out.
    """
    with pm.Model() as model:
        d = {name: pm.Data(name, value) for name, value in data.items()}
        u = {name: pm.Normal(name, 0.0, 1.0, shape=size) for name, size in layout.sizes.items()}
        pm.Potential("reports", log_weight(u, d, layout))
    return model


def log_weight(u, d, layout: Layout):
    """Log of region times likelihood with the fates summed out; the twin of `likelihood.log_weight`.

    Parameters
    ----------
    u : dict
        Standard normals by the names of `Layout.sizes`.
    d : dict
        Prior values and observations.
    layout : Layout
    """
    state = _natural(u, d, layout)
    mean = pt.concatenate([_remaining(state, d), _pace(state, d, layout)], axis=0)
    by_site = _add_up(_groups(mean, d), d["group_site"], len(layout.sites))
    if not layout.enumerated:
        return pt.logsumexp(_blocks(by_site, state["gone"][: len(layout.sites)], d))
    by_site = d["log_fate"] + by_site
    pick = _pattern_matrix(layout)
    return pt.logsumexp(pt.dot(pick, by_site.flatten()) + _region(state["gone"], d, layout, pick))


def _add_up(values, index, number):
    """Sum rows by an index; the twin of `likelihood.add_up`."""
    return pt.zeros((number, len(FATES)))[index].inc(values)


def _natural(u, d, layout: Layout) -> dict:
    """Natural parameters; the twin of `likelihood.natural`."""
    site, n_site = layout.stock_site, len(layout.sites)

    def scaled(name: str):
        return d[f"{name}_mu"] + d[f"{name}_sd"] * u[name]

    garrison = np.zeros(n_site)
    own_gone = pt.concatenate([garrison, u["stock_gone"]])
    own_duration = pt.concatenate([garrison, scaled("stock_duration")])
    own_lift = pt.concatenate([garrison, scaled("lift")])
    together = d["together"]
    move = together * u["site_gone"][site] + pt.sqrt(1.0 - together**2) * own_gone
    # a mobile stock leaves for good only where its home closes
    leaves = np.ones((len(layout.stocks), len(FATES)))
    leaves[[b == "mobile" for b in layout.behaves], :2] = 0.0
    site_duration = d["on_clock"] * scaled("duration")[0] + scaled("site_duration")
    return {
        "gone": pt.sigmoid(d["gone_mu"] + d["gone_sd"] * move[:, None]),
        "leaves": leaves,
        "source": np.array(layout.gathers),
        "onset": pt.exp(d["on_clock"] * scaled("onset")[0] + scaled("site_onset"))[site],
        "duration": QUICKEST + pt.exp(site_duration[site] + own_duration),
        "stock": pt.exp(scaled("baseline")),
        "flow": pt.exp(scaled("baseline") + own_lift),
        "visible": pt.sigmoid(scaled("visible")),
        "load": pt.exp(scaled("load")),
        "routine": pt.exp(scaled("routine") + scaled("crisis")[0]),
        "dwell": pt.exp(scaled("dwell")),
    }


def _progress(state, stock, day):
    return _s_curve((day - state["onset"][stock]) / state["duration"][stock])


def _left(state, stock, day):
    gone = state["gone"] * state["leaves"]
    return gone[stock] * _progress(state, stock, day)[:, None]


def _gathered(state, stock, day):
    source = pt.as_tensor_variable(state["source"])[stock]
    return pt.switch(source < 0, 1.0, _progress(state, pt.maximum(source, 0), day))


def _remaining(state, d):
    """Expected counts of looks at a stock; the twin of `likelihood.expected_remaining`."""
    stock, day = d["r_stock"], d["r_day"]
    seen = state["stock"][stock] * state["visible"][d["r_indicator"]]
    seen = seen * _gathered(state, stock, day)
    return seen[:, None] * (1.0 - _left(state, stock, day))


def _pace(state, d, layout: Layout):
    """Expected counts of looks at a flow; the twin of `likelihood.expected_pace`."""
    days = d["p_end"] - d["p_start"]
    dwell = pt.ones_like(days)
    if layout.dwells:
        kept = state["dwell"][pt.maximum(d["p_dwell"], 0)]
        dwell = pt.switch(d["p_dwell"] >= 0, kept, 1.0)
    routine = state["routine"][d["p_routine"]] * d["p_turn"]
    stock, at = d["e_stock"], d["e_obs"]
    start, end = d["p_start"][at], d["p_end"][at]
    moved = _left(state, stock, end) - _left(state, stock, start)
    amount = state["flow"][stock] * state["load"][d["e_load"]]
    amount = amount * _gathered(state, stock, end) / days[at]
    lifted = _add_up(amount[:, None] * moved, at, days.shape[0])
    covered = state["visible"][d["p_indicator"]] * d["p_open"] * (days - 1.0 + dwell)
    return covered[:, None] * (routine[:, None] + lifted)


def _groups(mean, d):
    """Log likelihood of each origin at a site; the twin of `likelihood.group_terms`."""
    size, at = d["mass_size"][:, None], d["mass_obs"]
    stay = size * pt.log(size / (size + mean))
    step = pt.log((mean + 1e-300) / (size + mean))
    mass = pt.exp(d["mass_log"][:, None] + stay[at] + step[at] * d["mass_count"][:, None])
    total = _add_up(mass, at, size.shape[0])
    chance = d["mass_base"][:, None] + d["mass_sign"][:, None] * total
    log_chance = pt.log(pt.clip(chance, 0.0, 1.0) + FLOOR)
    told = _add_up(log_chance * d["said"][:, None], d["group_of"], d["log_right"].shape[0])
    right = told + d["log_right"][:, None]
    return pt.logaddexp(right, (d["log_noise"] + d["log_wrong"])[:, None])


def _pattern_matrix(layout: Layout) -> np.ndarray:
    """One row a pattern, one column a (site, fate): which fates the pattern holds."""
    pick = np.eye(len(FATES))[layout.patterns]
    return pick.reshape(len(layout.patterns), -1)


def _region(gone, d, layout: Layout, pick: np.ndarray):
    """Log chance of the cut's side of the line; the twin of `likelihood.region_terms`."""
    line = layout.pattern_line
    gone = gone[: len(layout.sites)]
    share, var = d["share_mean"][:, None], d["share_var"][:, None]
    mean = pt.dot(pick, (share * gone).flatten()) - line * share.sum()
    square = pt.dot(pick, (var * gone**2).flatten()) - 2 * line * pt.dot(pick, (var * gone).flatten())
    side = d["pattern_sign"] * mean / pt.sqrt(square + line**2 * var.sum())
    return pt.log(0.5 * pt.erfc(side / np.sqrt(2.0)) + FLOOR) + d["pattern_log"]


def _blocks(by_site, gone, d):
    """Log weight of each block of fates; the twin of `blocks.block_terms`."""
    able = d["block_open"] > 0
    log = by_site + d["block_fate"][d["block_table"]] + pt.switch(able, 0.0, EXCLUDED)
    mass = pt.logsumexp(log, axis=2)
    over = gone - d["block_line"][:, None, None]
    mean, var = over * d["share_mean"][:, None], over**2 * d["share_var"][:, None]
    sign = d["pattern_sign"]
    below = _below(pt.exp(log - mass[:, :, None]), pt.switch(able, mean, 0.0), var)
    side = pt.switch(pt.eq(sign, 0.0), 1.0, pt.switch(sign > 0, below, 1.0 - below))
    return mass.sum(axis=1) + d["pattern_log"] + pt.log(pt.clip(side, 0.0, 1.0) + FLOOR)


def _below(chance, mean, var):
    """Chance that the sum is below zero in each block; the twin of `blocks.chance_below`.

    In real arithmetic: moduli and phases of the sites' characteristic functions are added up. The
    nodes are of a fixed number, and their step the smallest that any block needs.
    """
    reach = abs(mean).max(axis=2).sum(axis=1) + REACH * pt.sqrt(var.max(axis=2).sum(axis=1))
    odd = 2.0 * np.arange(NODES) + 1.0
    t = odd * np.pi / reach.max()
    size = chance[..., None] * pt.exp(-pt.minimum(0.5 * var[..., None] * t**2, FADED))
    re = (size * pt.cos(mean[..., None] * t)).sum(axis=2)
    im = (size * pt.sin(mean[..., None] * t)).sum(axis=2)
    log_size = 0.5 * pt.log(re**2 + im**2).sum(axis=1)
    phase = pt.arctan2(im, re).sum(axis=1)
    return 0.5 - 2.0 / np.pi * (pt.exp(log_size) * pt.sin(phase) / odd).sum(axis=1)

"""Every term of the model in plain NumPy, over many draws at once.

It is the reference that the compiled model is tested against, the prior predictive of `priors`,
the simulator's way to the fates, and the log density of reweighting without PyMC.
Arrays carry draws first; fates last.
"""

from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np
from scipy.special import erfc, expit, logsumexp

from drawdown.model.blocks import block_terms
from drawdown.model.layout import Layout

Arrays = dict[str, np.ndarray]
FLOOR = 1e-12
"""Added to a chance before its logarithm; far below the chance that a report is mistaken."""
ROOM = 50_000
"""Draws times observations that are held at once."""
QUICKEST = 3.0
"""Days that the quickest stock takes to leave; a cliff in less than a day is no path."""


def s_curve(x: np.ndarray) -> np.ndarray:
    """Normalised S-curve: 0 before the start, 1 after the end, smooth between.

    6x^5 - 15x^4 + 10x^3 has two continuous derivatives, which the sampler's steps follow better
    than the cubic's one.
    """
    x = np.clip(x, 0.0, 1.0)
    # a power is some ten times as slow as its products
    return x * x * x * (x * (6.0 * x - 15.0) + 10.0)


@dataclass(frozen=True)
class State:
    """Natural parameters of a set of draws.

    Attributes
    ----------
    onset, duration : dims (draw, stock), days from the trigger, days
    gone : dims (draw, stock, fate), share that leaves for good
    baseline, lift : dims (draw, stock), in the unit of the stock; factor
    visible, load, routine, dwell : dims (draw, ...), as in `Layout.sizes`
    """

    layout: Layout
    onset: np.ndarray
    duration: np.ndarray
    gone: np.ndarray
    baseline: np.ndarray
    lift: np.ndarray
    visible: np.ndarray
    load: np.ndarray
    routine: np.ndarray
    dwell: np.ndarray

    def take(self, pick: np.ndarray | slice) -> "State":
        """Select draws."""
        arrays = {f.name: getattr(self, f.name)[pick] for f in fields(self) if f.name != "layout"}
        return State(layout=self.layout, **arrays)

    def progress(self, stock: np.ndarray, day: np.ndarray) -> np.ndarray:
        """How far along its path a stock is on a day; dims (draw, len(stock))."""
        return s_curve((day - self.onset[:, stock]) / self.duration[:, stock])

    @cached_property
    def _mobile(self) -> np.ndarray:
        return np.array([b == "mobile" for b in self.layout.behaves])

    def left(self, stock: np.ndarray, day: np.ndarray) -> np.ndarray:
        """Share of a stock that has left for good by a day; dims (draw, len(stock), fate).

        A mobile stock leaves for good only where its home closes.
        """
        gone = self.gone[:, stock]
        stays = self._mobile[stock][:, None] & np.array([True, True, False])
        return np.where(stays, 0.0, gone) * self.progress(stock, day)[..., None]

    def gathered(self, stock: np.ndarray, day: np.ndarray) -> np.ndarray:
        """Share of a staged stock that has arrived from its source; 1 for any other stock."""
        source = np.array(self.layout.gathers)[stock]
        arrived = self.progress(np.maximum(source, 0), day)
        return np.where(source < 0, 1.0, arrived)


def natural(z: np.ndarray, hyper: Arrays, layout: Layout) -> State:
    """Standard-normal draws to natural parameters.

    Parameters
    ----------
    z : dims (draw, parameter)
    """
    u = layout.split(z)
    n_site = len(layout.sites)
    site = layout.stock_site

    def positive(name: str) -> np.ndarray:
        return hyper[f"{name}_mu"] + hyper[f"{name}_sd"] * u[name]

    garrison = np.zeros((len(z), n_site))
    own_gone = np.concatenate([garrison, u["stock_gone"]], axis=1)
    together = hyper["together"]
    move = together * u["site_gone"][:, site] + np.sqrt(1.0 - together**2) * own_gone
    gone = expit(hyper["gone_mu"] + hyper["gone_sd"] * move[:, :, None])
    on_clock = hyper["on_clock"]
    site_duration = on_clock * positive("duration") + positive("site_duration")
    own_duration = np.concatenate([garrison, positive("stock_duration")], axis=1)
    return State(
        layout=layout,
        onset=np.exp(on_clock * positive("onset") + positive("site_onset"))[:, site],
        duration=QUICKEST + np.exp(site_duration[:, site] + own_duration),
        gone=gone,
        baseline=np.exp(positive("baseline")),
        lift=np.exp(np.concatenate([garrison, positive("lift")], axis=1)),
        visible=expit(positive("visible")),
        load=np.exp(positive("load")),
        routine=np.exp(positive("routine") + positive("crisis")),
        dwell=np.exp(positive("dwell")),
    )


def expected_remaining(state: State, obs: Arrays) -> np.ndarray:
    """Expected count of each look at a stock; dims (draw, remaining, fate)."""
    stock, day = obs["r_stock"], obs["r_day"]
    seen = state.baseline[:, stock] * state.visible[:, obs["r_indicator"]]
    here = state.gathered(stock, day)
    return (seen * here)[..., None] * (1.0 - state.left(stock, day))


def expected_pace(state: State, obs: Arrays) -> np.ndarray:
    """Expected count of each look at a flow; dims (draw, pace, fate).

    Movements per day, routine and lifted, times the days that one look covers: the days of the
    window, or one moment and the time that an item stays in view.
    """
    days = obs["p_end"] - obs["p_start"]
    dwells = obs["p_dwell"] >= 0
    dwell = np.ones((len(state.onset), 1))
    if state.dwell.shape[1]:
        dwell = np.where(dwells, state.dwell[:, np.maximum(obs["p_dwell"], 0)], 1.0)
    routine = state.routine[:, obs["p_routine"]] * obs["p_turn"]
    stock, at = obs["e_stock"], obs["e_obs"]
    moved = state.left(stock, obs["p_end"][at]) - state.left(stock, obs["p_start"][at])
    amount = state.baseline[:, stock] * state.lift[:, stock] * state.load[:, obs["e_load"]]
    amount = amount * state.gathered(stock, obs["p_end"][at]) / days[at]
    lifted = add_up(amount[..., None] * moved, at, len(days))
    covered = state.visible[:, obs["p_indicator"]] * obs["p_open"] * (days - 1.0 + dwell)
    return covered[..., None] * (routine[..., None] + lifted)


def add_up(values: np.ndarray, index: np.ndarray, number: int) -> np.ndarray:
    """Sum rows of the middle axis by an index; dims (draw, row, fate) to (draw, number, fate)."""
    order = np.argsort(index, kind="stable")
    filled, first = np.unique(index[order], return_index=True)
    out = np.zeros((values.shape[0], number, values.shape[2]))
    if len(filled):
        out[:, filled] = np.add.reduceat(values[:, order], first, axis=1)
    return out


def interval_chance(mean: np.ndarray, obs: Arrays) -> np.ndarray:
    """Chance that a negative-binomial count lies in each interval; dims as `mean`."""
    size, at = obs["mass_size"][:, None], obs["mass_obs"]
    stay = size * np.log(size / (size + mean))
    step = np.log((mean + 1e-300) / (size + mean))
    count = obs["mass_count"][:, None]
    mass = np.exp(obs["mass_log"][:, None] + stay[..., at, :] + step[..., at, :] * count)
    total = add_up(mass, at, len(size))
    return obs["mass_base"][:, None] + obs["mass_sign"][:, None] * total


def log_chances(state: State, obs: Arrays) -> np.ndarray:
    """Log chance of each observation if its report is right; dims (draw, observation, fate)."""
    mean = np.concatenate([expected_remaining(state, obs), expected_pace(state, obs)], axis=1)
    out: np.ndarray = np.log(np.clip(interval_chance(mean, obs), 0.0, 1.0) + FLOOR)
    return out


def _few_at_a_time(z: np.ndarray, obs: Arrays | None) -> list[np.ndarray]:
    many = 100 if obs is None else max(100, len(obs["said"]))
    return np.array_split(z, max(1, min(len(z), -(-len(z) * many // ROOM))))


def group_terms(log_chance: np.ndarray, obs: Arrays) -> np.ndarray:
    """Log likelihood of each origin at a site, given the fate of the site; dims (draw, group, fate).

    With the chance of its grade an origin is right about all it shows at the site; else it says
    something broad.
    """
    told = add_up(log_chance * obs["said"][:, None], obs["group_of"], len(obs["log_right"]))
    right = told + obs["log_right"][:, None]
    wrong = (obs["log_noise"] + obs["log_wrong"])[:, None]
    return np.logaddexp(right, wrong)


def site_terms(state: State, obs: Arrays) -> np.ndarray:
    """Log likelihood of all that was reported of a site, given its fate; dims (draw, site, fate)."""
    said = group_terms(log_chances(state, obs), obs)
    return add_up(said, obs["group_site"], len(state.layout.sites))


def region_terms(state: State, hyper: Arrays) -> np.ndarray:
    """Log chance that the cut falls where the hypothesis has it, given each pattern of fates.

    The shares of the force are independent normals scaled to sum to one, so that "the cut is below
    c" is the linear event sum_s share_s (gone_s - c) < 0, whose chance is exact.

    Returns
    -------
    array, dims (draw, pattern)
    """
    layout = state.layout
    mean, sd = np.zeros(1), np.zeros(1)
    for line in np.unique(layout.pattern_line):
        # few lines and many patterns: what a site adds is worked out once a fate, then summed
        at = layout.pattern_line == line
        over = state.gone[:, : len(layout.sites)] - line
        mean = np.where(at, by_pattern(over * hyper["share_mean"][:, None]), mean)
        sd = np.where(at, np.sqrt(by_pattern(over**2 * hyper["share_var"][:, None])), sd)
    side = hyper["pattern_sign"] * mean / sd
    return np.log(0.5 * erfc(side / np.sqrt(2.0)) + FLOOR) + hyper["pattern_log"]


def by_pattern(by_site: np.ndarray) -> np.ndarray:
    """Sum what each site adds given its fate; dims (draw, site, fate) to (draw, pattern).

    In the order of `Layout.patterns`, in which the fate of the last site changes first.
    """
    # draws last while summing: the inner loops are then long
    first, *rest = np.ascontiguousarray(by_site.transpose(1, 2, 0))
    for site in rest:
        first = (first[:, None] + site).reshape(-1, first.shape[-1])
    return np.ascontiguousarray(first.T)


def pattern_terms(state: State, hyper: Arrays, obs: Arrays | None) -> np.ndarray:
    """Log weight of each pattern of fates: prior, region and reports; dims (draw, pattern).

    With many sites, of each block of patterns.
    """
    if not state.layout.enumerated:
        silent = np.zeros((len(state.onset), *hyper["log_fate"].shape))
        said = silent if obs is None else site_terms(state, obs)
        return block_terms(said, state.gone[:, : len(said[0])], hyper, FLOOR)
    by_site = np.broadcast_to(hyper["log_fate"], (len(state.onset), *hyper["log_fate"].shape))
    if obs is not None:
        by_site = by_site + site_terms(state, obs)
    return by_pattern(by_site) + region_terms(state, hyper)


def log_weight(z: np.ndarray, hyper: Arrays, obs: Arrays | None, layout: Layout) -> np.ndarray:
    """Log of the prior's region times the likelihood, fates summed out; dims (draw,)."""
    parts = [
        logsumexp(pattern_terms(natural(part, hyper, layout), hyper, obs), axis=1)
        for part in _few_at_a_time(z, obs)
    ]
    return np.concatenate(parts)


def log_density(z: np.ndarray, hyper: Arrays, obs: Arrays | None, layout: Layout) -> np.ndarray:
    """Log density that the sampler sees: standard normal times `log_weight`; dims (draw,)."""
    normal = -0.5 * (z**2).sum(axis=1) - 0.5 * z.shape[1] * np.log(2.0 * np.pi)
    return normal + log_weight(z, hyper, obs, layout)

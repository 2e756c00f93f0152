"""A view of the evidence as arrays: one row an observation, one group an origin at a site."""

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from scipy.special import gammaln

from drawdown.files.priors import Priors
from drawdown.files.reports import Report
from drawdown.files.view import View
from drawdown.model.layout import GARRISON, Layout
from drawdown.model.noise import chance as noise_chance

Arrays = dict[str, np.ndarray]
GROUPS = ("log_right", "log_wrong", "log_noise")
"""Arrays of dims (group,): how far an origin is believed at a site."""


@dataclass(frozen=True)
class Observations:
    """Arrays of a view, and where each of them came from.

    Attributes
    ----------
    arrays : dict of array
        Data of the model; see `observe`.
    reports : tuple of Report
        The report behind each observation.
    groups : tuple of (origin, site)
        The group of each error term.
    group_of : int array, dims (observation,)
    low, high : float array, dims (observation,)
        Interval of the count; `high` is infinite for a lower bound.
    size, noise_middle : float array, dims (observation,)
        Negative-binomial size of a right report, and mean of a mistaken one.
    """

    arrays: Arrays
    reports: tuple[Report, ...]
    groups: tuple[tuple[str, str], ...]
    group_of: np.ndarray
    low: np.ndarray
    high: np.ndarray
    size: np.ndarray
    noise_middle: np.ndarray

    def without(self, rows: np.ndarray) -> "Observations":
        """Leave some observations out; dims (observation,), true where left out.

        The arrays keep their shape: a row left out has no say in its group.
        """
        return replace(self, arrays=self.arrays | self._noise(self.arrays["said"] * ~rows))

    def recount(self, low: np.ndarray, high: np.ndarray) -> "Observations":
        """Put other counts into the same looks, as a simulation does; dims (observation,)."""
        new = replace(self, low=low, high=high)
        arrays = self.arrays | _mass(low, high, self.size)
        return replace(new, arrays=arrays | new._noise(self.arrays["said"]))

    def _noise(self, said: np.ndarray) -> Arrays:
        noise = said * np.log(noise_chance(self.low, self.high, self.noise_middle))
        return {"said": said, "log_noise": np.bincount(self.group_of, noise, len(self.groups))}


def observe(view: View, priors: Priors, layout: Layout) -> Observations:
    """Turn a view into the arrays of the likelihood.

    Remaining stock comes first, then pace. Every array is as long as what it lists, so that a
    hundred thousand reports are no more than that; without reports each is empty.

    Returns
    -------
    Observations
        With arrays `r_*` (remaining,), `p_*` (pace,), `e_*` (edge of pace observation and stock,),
        `mass_first`, `mass_last`, `mass_base`, `mass_sign`, `mass_size`, `said`, `group_of`
        (observation,), `mass_log`, `mass_count`, `mass_obs` (summed count,) and `group_site`,
        `log_right`, `log_wrong`, `log_noise` (group,). `said` is 1, or 0 for a row left out.
    """
    modelled = [r for r in view.reports if r.modelled and _physical(priors, r)]
    remaining = [r for r in modelled if priors.indicators[r.indicator].tracks == "remaining"]
    pace = [r for r in modelled if priors.indicators[r.indicator].tracks == "pace"]
    reports = (*remaining, *pace)
    groups, group_of, grouped = _groups(reports, priors, layout)
    low = np.array([r.lo for r in reports], dtype=float)
    high = np.array([np.inf if r.hi is None else r.hi for r in reports], dtype=float)
    size = np.array([priors.indicators[r.indicator].spread for r in reports], dtype=float)
    looks = _remaining(view, remaining, priors, layout) | _pace(view, pace, priors, layout)
    noise_middle = np.array([_noise_middle(view, r, priors) for r in reports], dtype=float)
    bare = Observations(looks | grouped, reports, groups, group_of, low, high, size, noise_middle)
    return bare.recount(low, high)


def _physical(priors: Priors, report: Report) -> bool:
    return priors.indicators[report.indicator].tracks in ("remaining", "pace")


def _day(view: View, day: date) -> int:
    return (day - view.case.trigger).days


def _remaining(view: View, reports: list[Report], priors: Priors, layout: Layout) -> Arrays:
    stock, indicator, day = [], [], []
    for report in reports:
        of = priors.indicators[report.indicator].of
        stock.append(layout.stocks.index((report.site, of)))
        indicator.append(layout.indicators.index(report.indicator))
        day.append((_day(view, report.date) + _day(view, report.until) + 1) / 2)
    return {
        "r_stock": np.array(stock, dtype=np.int64),
        "r_indicator": np.array(indicator, dtype=np.int64),
        "r_day": np.array(day, dtype=float),
    }


def _pace(view: View, reports: list[Report], priors: Priors, layout: Layout) -> Arrays:
    """Windows, open days and the stocks that each window may have moved."""
    rows: dict[str, list[float]] = {key: [] for key in ("start", "end", "open", "turn")}
    index: dict[str, list[int]] = {key: [] for key in ("indicator", "routine", "dwell")}
    edges: dict[str, list[int]] = {key: [] for key in ("obs", "stock", "load")}
    for n, report in enumerate(reports):
        indicator = priors.indicators[report.indicator]
        start, end = _day(view, report.date), _day(view, report.until) + 1
        lifted = [s for s in indicator.lifts if (report.site, s) in layout.stocks]
        leaves = {view.case.sites[report.site].stock[s].leaves for s in lifted}
        rows["start"].append(start)
        rows["end"].append(end)
        rows["open"].append(_open_share(view, report, leaves))
        rows["turn"].append(1.0 if report.flow == "" else 0.5)
        index["indicator"].append(layout.indicators.index(report.indicator))
        index["routine"].append(layout.routines.index((report.site, report.indicator)))
        dwells = report.indicator in layout.dwells
        index["dwell"].append(layout.dwells.index(report.indicator) if dwells else -1)
        for stock in lifted if report.flow != "in" else ():
            edges["obs"].append(n)
            edges["stock"].append(layout.stocks.index((report.site, stock)))
            edges["load"].append(layout.loads.index((report.indicator, stock)))
    return (
        {f"p_{key}": np.array(value, dtype=float) for key, value in rows.items()}
        | {f"p_{key}": np.array(value, dtype=np.int64) for key, value in index.items()}
        | {f"e_{key}": np.array(value, dtype=np.int64) for key, value in edges.items()}
    )


def _open_share(view: View, report: Report, leaves: set[str]) -> float:
    """Share of the window in which the host let anything move."""
    days = np.arange(_day(view, report.date), _day(view, report.until) + 1)
    shut = np.zeros(len(days), dtype=bool)
    for gate in view.gates:
        if gate.site == report.site and gate.leaves in leaves:
            shut |= (days >= _day(view, gate.start)) & (days <= _day(view, gate.end))
    return float(1.0 - shut.mean())


def _mass(low: np.ndarray, high: np.ndarray, size: np.ndarray) -> Arrays:
    """Constants of the interval's chance: base + sign * sum over counts of the mass.

    Bounded intervals sum their own counts; unbounded ones are one minus the counts below.
    """
    bounded = np.isfinite(high)
    last = np.where(bounded, high, low - 1.0).astype(np.int64)
    first = np.where(bounded, low, 0.0).astype(np.int64)
    # one row a count that is summed: most intervals need one, and a table would have hundreds
    width = np.maximum(last - first + 1, 0)
    at = np.repeat(np.arange(len(width)), width)
    count = np.arange(len(at)) - np.repeat(np.cumsum(width) - width - first, width)
    return {
        "mass_first": first,
        "mass_last": last,
        "mass_log": gammaln(count + size[at]) - gammaln(size[at]) - gammaln(count + 1),
        "mass_count": count,
        "mass_obs": at,
        "mass_base": np.where(bounded, 0.0, 1.0),
        "mass_sign": np.where(bounded, 1.0, -1.0),
        "mass_size": size,
    }


def _groups(
    reports: tuple[Report, ...], priors: Priors, layout: Layout
) -> tuple[tuple[tuple[str, str], ...], np.ndarray, Arrays]:
    """One vote and one error for each origin at a site."""
    keys = sorted({(r.origin, r.site) for r in reports})
    place = {key: n for n, key in enumerate(keys)}
    group_of = np.array([place[r.origin, r.site] for r in reports], dtype=np.int64)
    chance = np.array([priors.chance_right(r.collector, r.grade) for r in reports], dtype=float)
    right = np.bincount(group_of, chance, len(keys)) / np.bincount(group_of, minlength=len(keys))
    arrays = {
        "said": np.ones(len(reports)),
        "group_of": group_of,
        "group_site": np.array([layout.sites.index(site) for _, site in keys], dtype=np.int64),
        "log_right": np.log(right),
        "log_wrong": np.log1p(-right),
    }
    return tuple(keys), group_of, arrays


def _noise_middle(view: View, report: Report, priors: Priors) -> float:
    """Middle of what mistaken reports say: a quarter of the stock; at a gate, and of movements, one.

    Whether a gate is held is asked with yes or no, and a mistaken answer is either with an even chance.
    """
    indicator = priors.indicators[report.indicator]
    if indicator.tracks == "pace" or indicator.of == GARRISON:
        return 1.0
    stock = view.case.sites[report.site].stock[indicator.of]
    return max(0.25 * float(np.exp(stock.baseline.mu)), 1.0)


def log_most(was: Arrays, now: Arrays) -> float:
    """Log of the most that a draw can gain when origins are believed otherwise, or left out.

    An origin at a site is worth at least the chance that it is mistaken and says what it says, and at
    most that plus the chance that it is right.

    Parameters
    ----------
    was, now : dict of array
        See `observe`; the same looks.
    """
    says = np.bincount(now["group_of"], now["said"], len(now["log_right"])) > 0
    most = np.where(says, np.logaddexp(now["log_right"], now["log_wrong"] + now["log_noise"]), 0.0)
    least = was["log_wrong"] + was["log_noise"]
    return float((most - least)[changed_groups(was, now)].sum())


def changed_groups(was: Arrays, now: Arrays) -> np.ndarray:
    """Origins at a site that are believed otherwise, or lost a row; bool array, dims (group,)."""
    changed: np.ndarray = np.any([was[name] != now[name] for name in GROUPS], axis=0)
    changed[was["group_of"][was["said"] != now["said"]]] = True
    return changed


def spoken(arrays: Arrays) -> Arrays:
    """Arrays of `observe` without the rows that have no say: less to compute, and the same density."""
    rows = arrays["said"] > 0
    return arrays if rows.all() else select(arrays, rows)


def select(arrays: Arrays, rows: np.ndarray) -> Arrays:
    """Arrays of `observe` with some observations only, and their groups; dims (observation,)."""
    groups = np.zeros(len(arrays["log_right"]), dtype=bool)
    groups[arrays["group_of"][rows]] = True
    look, window = np.split(rows, [len(arrays["r_stock"])])
    edge, count = window[arrays["e_obs"]], rows[arrays["mass_obs"]]
    kept = {"r": look, "p": window, "e": edge}
    out = {name: v[kept[name[0]]] for name, v in arrays.items() if name[:2] in ("r_", "p_", "e_")}
    for name in ("mass_first", "mass_last", "mass_base", "mass_sign", "mass_size", "said"):
        out[name] = arrays[name][rows]
    for name in ("mass_log", "mass_count"):
        out[name] = arrays[name][count]
    for name in ("group_site", *GROUPS):
        out[name] = arrays[name][groups]
    return out | {
        "e_obs": _renumbered(arrays["e_obs"][edge], window),
        "mass_obs": _renumbered(arrays["mass_obs"][count], rows),
        "group_of": _renumbered(arrays["group_of"][rows], groups),
    }


def _renumbered(index: np.ndarray, kept: np.ndarray) -> np.ndarray:
    out: np.ndarray = (np.cumsum(kept) - 1)[index]
    return out

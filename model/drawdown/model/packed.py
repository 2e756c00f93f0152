"""The inputs of a fit in one block of memory, which compiled code can read through one pointer.

Every item takes eight bytes, a real or a whole number. The block begins with the places where its
fields begin; the fields follow in the order in which the tuples below name them.
"""

from itertools import accumulate, chain
from typing import NamedTuple

import numpy as np

from drawdown.model.hyper import EXCLUDED
from drawdown.model.layout import Layout
from drawdown.outcomes import FATES

Arrays = dict[str, np.ndarray]
MOST_LOG_ODDS = 300.0
"""Of an origin to be right, that are multiplied with others; beyond, logarithms are added."""


class Starts(NamedTuple):
    """Where each named vector of `Layout.sizes` begins in the stacked one."""

    onset: int
    duration: int
    crisis: int
    site_onset: int
    site_duration: int
    site_gone: int
    stock_duration: int
    stock_gone: int
    baseline: int
    visible: int
    lift: int
    load: int
    routine: int
    dwell: int


class Prior(NamedTuple):
    """Locations and scales, and what belongs to which stock.

    Attributes
    ----------
    starts : see `Starts`
    mu, sd : dims (parameter,)
    on_clock : dims (site,)
    site, source : whole, dims (stock,)
    together, alone : dims (stock,)
        Share of the move that is the site's, and that is the stock's own.
    gone_mu, gone_sd, leaves : dims (stock, fate)
        `leaves` is 0 where a mobile stock stays because its home does not close.
    """

    starts: Starts
    mu: np.ndarray
    sd: np.ndarray
    on_clock: np.ndarray
    site: np.ndarray
    source: np.ndarray
    together: np.ndarray
    alone: np.ndarray
    gone_mu: np.ndarray
    gone_sd: np.ndarray
    leaves: np.ndarray


class Looks(NamedTuple):
    """What was looked at and when, as in `observe`: dims (remaining,), (pace,) and (edge,)."""

    r_stock: np.ndarray
    r_indicator: np.ndarray
    r_day: np.ndarray
    p_start: np.ndarray
    p_end: np.ndarray
    p_open: np.ndarray
    p_turn: np.ndarray
    p_indicator: np.ndarray
    p_routine: np.ndarray
    p_dwell: np.ndarray
    e_obs: np.ndarray
    e_stock: np.ndarray
    e_load: np.ndarray


class Counts(NamedTuple):
    """What was seen, and by whom.

    Attributes
    ----------
    first, last, start : whole, dims (observation,)
        Counts that are summed, and where their `log` begin.
    base, sign, size, said : dims (observation,)
    log : dims (summed count,)
        Log of the mass's factor that does not depend on the mean.
    group_of : whole, dims (observation,)
    group_site : whole, dims (group,)
    right, wrong : dims (group,)
        Log chance that the origin is right; that it is wrong and says what it says.
    odds : dims (group,)
        The one chance over the other; infinite where that is no number.
    """

    first: np.ndarray
    last: np.ndarray
    start: np.ndarray
    base: np.ndarray
    sign: np.ndarray
    size: np.ndarray
    said: np.ndarray
    log: np.ndarray
    group_of: np.ndarray
    group_site: np.ndarray
    right: np.ndarray
    wrong: np.ndarray
    odds: np.ndarray


class Patterns(NamedTuple):
    """The patterns of fates that are summed out, or with many sites the blocks of them.

    Patterns that the hypothesis rules out are not among them.

    Attributes
    ----------
    fate : whole, dims (pattern, site)
        None with many sites.
    line, sign, log : dims (pattern,) or (block,)
    log_fate : dims (site, fate)
        Zero with many sites: the blocks have chances of their own.
    share_mean, share_var : dims (site,)
    sets : whole, dims (block, site)
        Fates that a block allows, one bit each; none of them with few sites, as of the rest.
    table : whole, dims (block,)
    family : whole, dims (family + 1,)
        Where each family begins: blocks that differ in the sites of one fate alone.
    tables : dims (table, site, fate)
    live : whole, dims (site, fate)
        1 where some pattern has the fate: of the others it does not matter what the reports say.
    """

    fate: np.ndarray
    line: np.ndarray
    sign: np.ndarray
    log: np.ndarray
    log_fate: np.ndarray
    share_mean: np.ndarray
    share_var: np.ndarray
    sets: np.ndarray
    table: np.ndarray
    family: np.ndarray
    tables: np.ndarray
    live: np.ndarray


HEAD = sum(len(fields._fields) for fields in (Prior, Looks, Counts, Patterns)) + 1
"""Places in the head of a block: where each field begins, and where the last one ends."""


def pack(hyper: Arrays, obs: Arrays | None, layout: Layout) -> np.ndarray:
    """Lay the inputs of a fit into one block.

    Parameters
    ----------
    hyper : dict of array
        As from `hyper_values`.
    obs : dict of array, optional
        As from `observe`; none for the prior alone.
    layout : Layout

    Returns
    -------
    array, dims (item,)
        Reals; whole numbers are stored by their bits.
    """
    tuples = _prior(hyper, layout), *_seen(obs), _patterns(hyper, layout)
    parts = [np.ascontiguousarray(field).ravel() for field in chain.from_iterable(tuples)]
    places = np.array(list(accumulate((len(part) for part in parts), initial=HEAD)), dtype=np.int64)
    parts = [part if part.dtype == np.int64 else part.astype(float) for part in parts]
    return np.concatenate([part.view(float) for part in (places, *parts)])


def _prior(hyper: Arrays, layout: Layout) -> Prior:
    value = dict(hyper)
    for name in ("site_gone", "stock_gone"):  # these get their scale from the fate
        value[f"{name}_mu"], value[f"{name}_sd"] = (
            np.zeros(layout.sizes[name]),
            np.ones(layout.sizes[name]),
        )
    leaves = np.ones((len(layout.stocks), len(FATES)))
    leaves[[behaves == "mobile" for behaves in layout.behaves], : FATES.index("closed")] = 0.0
    begins = accumulate(layout.sizes.values(), initial=0)
    at = dict(zip(layout.sizes, begins, strict=False))
    return Prior(
        starts=Starts(**at),
        mu=np.concatenate([value[f"{name}_mu"] for name in layout.sizes]),
        sd=np.concatenate([value[f"{name}_sd"] for name in layout.sizes]),
        on_clock=hyper["on_clock"],
        site=layout.stock_site,
        source=np.array(layout.gathers, dtype=np.int64),
        together=hyper["together"],
        alone=np.sqrt(1.0 - hyper["together"] ** 2),
        gone_mu=hyper["gone_mu"],
        gone_sd=hyper["gone_sd"],
        leaves=leaves,
    )


def _seen(obs: Arrays | None) -> tuple[Looks, Counts]:
    if obs is None:
        nothing = np.empty(0)
        return Looks(*[nothing] * len(Looks._fields)), Counts(*[nothing] * len(Counts._fields))
    width = np.maximum(obs["mass_last"] - obs["mass_first"] + 1, 0)
    right, wrong = obs["log_right"], obs["log_wrong"] + obs["log_noise"]
    counts = Counts(
        first=obs["mass_first"],
        last=obs["mass_last"],
        start=np.cumsum(width) - width,
        base=obs["mass_base"],
        sign=obs["mass_sign"],
        size=obs["mass_size"],
        said=obs["said"],
        log=obs["mass_log"],
        group_of=obs["group_of"],
        group_site=obs["group_site"],
        right=right,
        wrong=wrong,
        odds=np.exp(np.where(right - wrong < MOST_LOG_ODDS, right - wrong, np.inf)),
    )
    return Looks(*[obs[name] for name in Looks._fields]), counts


def _patterns(hyper: Arrays, layout: Layout) -> Patterns:
    whole, few = np.empty(0, dtype=np.int64), layout.enumerated
    sets = whole if few else hyper["block_open"].astype(np.int64) @ 2 ** np.arange(len(FATES))
    kept = _kept(hyper, layout) if few else np.arange(len(sets))
    live = np.eye(len(FATES))[layout.patterns[kept]] if few else hyper["block_open"]
    return Patterns(
        fate=layout.patterns[kept] if few else whole,
        line=layout.pattern_line[kept] if few else hyper["block_line"],
        sign=hyper["pattern_sign"][kept],
        log=hyper["pattern_log"][kept],
        log_fate=hyper["log_fate"] if few else np.zeros(hyper["log_fate"].shape),
        share_mean=hyper["share_mean"],
        share_var=hyper["share_var"],
        sets=sets,
        table=whole if few else hyper["block_table"],
        family=whole if few else _families(sets, hyper),
        tables=np.empty(0) if few else hyper["block_fate"],
        live=live.any(axis=0).astype(np.int64),
    )


def _kept(hyper: Arrays, layout: Layout) -> np.ndarray:
    """Patterns that the hypothesis does not rule out, by themselves or by a fate; dims (kept,)."""
    sites = np.arange(len(layout.sites))
    least = np.minimum(hyper["pattern_log"], hyper["log_fate"][sites, layout.patterns].min(axis=1))
    # what is ruled out may have got some more or less since; nothing else is near
    out: np.ndarray = np.flatnonzero(least > EXCLUDED / 2.0)
    return out


def _families(sets: np.ndarray, hyper: Arrays) -> np.ndarray:
    """Where each run of blocks begins that a characteristic function serves together; and the end."""
    single = np.isin(sets, 2 ** np.arange(len(FATES)))
    ties = (hyper["pattern_sign"], hyper["block_line"], hyper["block_table"])
    kind = np.column_stack([*ties, np.where(single, 0, sets)])
    new = np.ones(len(sets) + 1, dtype=bool)
    new[1:-1] = (kind[1:] != kind[:-1]).any(axis=1) | (hyper["pattern_sign"][1:] == 0)
    return np.flatnonzero(new)

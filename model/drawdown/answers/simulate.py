"""From draws to the horizon: fates, shares of the force, late starts and returns, and the outcome."""

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import expit, ndtr, ndtri

from drawdown.even import Random
from drawdown.model.heard import Ends, standing
from drawdown.model.hyper import Arrays, Late
from drawdown.model.layout import Layout
from drawdown.model.likelihood import State, s_curve
from drawdown.outcomes import EXIT_LINE, FATES, LASTING_DAYS, resolve

CLOSED = FATES.index("closed")
DAYS_A_MONTH = 30.4
RETURN_DAYS = 30.0
"""Days over which a returning force arrives; a turn-round of a month, judgement."""
NEVER = 1e9


@dataclass(frozen=True)
class Future:
    """Paths of every stock of a set of draws, to the horizon and beyond.

    Attributes
    ----------
    layout : Layout
    fate : int array, dims (draw, site), index into `FATES`
    end : dims (draw, stock), share that leaves for good on the first path
    onset, duration : dims (draw, stock), days
    late_day : dims (draw, site), day of a late start, or never
    late_end, late_duration : dims (draw, stock)
    return_day, return_share : dims (draw, site)
    share : dims (draw, site), share of the force's people before the trigger
    people : dims (draw, site), the same before it is scaled to sum to one
    """

    layout: Layout
    fate: np.ndarray
    end: np.ndarray
    onset: np.ndarray
    duration: np.ndarray
    late_day: np.ndarray
    late_end: np.ndarray
    late_duration: np.ndarray
    return_day: np.ndarray
    return_share: np.ndarray
    share: np.ndarray
    people: np.ndarray

    def gone(self, stock: int, day: np.ndarray) -> np.ndarray:
        """Share of a stock gone on each day; dims (draw, day)."""
        site = self.layout.stock_site[stock]
        left = self._first(stock, day)
        start = self.late_day[:, [site]]
        late = s_curve((day - start) / self.late_duration[:, [stock]])
        at_start = self._first(stock, np.minimum(start, NEVER))
        further = at_start + (self.late_end[:, [stock]] - at_start) * late
        left = np.where(day > start, np.maximum(left, further), left)
        back = s_curve((day - self.return_day[:, [site]]) / RETURN_DAYS)
        out: np.ndarray = left * (1.0 - self.return_share[:, [site]] * back)
        return out

    def _first(self, stock: int, day: np.ndarray) -> np.ndarray:
        path = s_curve((day - self.onset[:, [stock]]) / self.duration[:, [stock]])
        return self.end[:, [stock]] * path

    def still_there(self, stock: int, day: np.ndarray) -> np.ndarray:
        """Share of a stock's baseline that is at the site; dims (draw, day)."""
        here = 1.0 - self.gone(stock, day)
        source = self.layout.gathers[stock]
        if source >= 0:
            arrived = (day - self.onset[:, [source]]) / self.duration[:, [source]]
            here = here * s_curve(arrived)
        return here

    def garrisons(self, day: np.ndarray) -> np.ndarray:
        """Share of each garrison gone; dims (draw, site, day)."""
        return np.stack([self.gone(i, day) for i in range(len(self.layout.sites))], axis=1)

    def stands(self, day: float) -> np.ndarray:
        """Outcome on a day by the resolution rule; dims (draw,), index into `OUTCOMES`."""
        days = np.linspace(day - LASTING_DAYS, day, 7)
        garrisons = self.garrisons(days)
        people = np.einsum("ds,dst->dt", self.share, garrisons)
        up = garrisons[:, :, -1] >= EXIT_LINE
        return resolve(up, self.layout.major, self.layout.named, people[:, -1], people.mean(axis=1))

    def stands_given(self, other: "Future", stood: np.ndarray, day: float) -> np.ndarray:
        """`stands`, given where another future of the same draws stands on the day.

        Paths that are the other's are not worked out again: mostly what was asked changed few.
        """
        differs = np.zeros(len(stood), dtype=bool)
        for name, mine in self._arrays().items():
            its = getattr(other, name)
            if mine is not its:
                differs |= (mine != its).reshape(len(stood), -1).any(axis=1)
        out, rows = stood.copy(), np.flatnonzero(differs)
        out[rows] = self.take(rows).stands(day)
        return out

    def take(self, rows: np.ndarray) -> "Future":
        """Some of the draws."""
        return replace(self, **{name: array[rows] for name, array in self._arrays().items()})

    def _arrays(self) -> dict[str, np.ndarray]:
        return {name: value for name, value in vars(self).items() if name != "layout"}

    def given_up(self, day: float) -> np.ndarray:
        """Whether each garrison is gone on a day; dims (draw, site)."""
        out: np.ndarray = self.garrisons(np.array([day]))[:, :, 0] >= EXIT_LINE
        return out

    def later(self, days: int) -> "Future":
        """The same with every late event so many days later, as seen from a later date."""
        late_day = np.where(self.fate == CLOSED, NEVER, days + self.late_day)
        return replace(self, late_day=late_day, return_day=days + self.return_day)

    def cut(self, day: float) -> np.ndarray:
        """Lasting cut: mean share of people gone over the last 30 days; dims (draw,)."""
        days = np.linspace(day - LASTING_DAYS, day, 7)
        people = np.einsum("ds,dst->dt", self.share, self.garrisons(days))
        out: np.ndarray = people.mean(axis=1)
        return out


def simulate(
    state: State,
    hyper: Arrays,
    obs: Arrays | None,
    late: Late,
    as_of: int,
    rng: Random,
    ends: Ends | None = None,
) -> Future:
    """Draw what the parameters leave open: fates, shares, and events after the date.

    Parameters
    ----------
    state : State
    hyper : dict of array
        Prior values of the hypothesis that the draws belong to.
    obs : dict of array or None
        The reports that weigh on the fates; None for none.
    late : Late
    as_of : int
        Day of the assessment; late starts and returns happen after it.
    rng : numpy.random.Generator or Even
    ends : Ends, optional
        Fates of each draw, where they are drawn already.
    """
    layout = state.layout
    if ends is None:
        ends = standing(state, hyper, obs).patterns(rng)
    fate = ends.fate
    at = np.arange(len(fate))[:, None], np.arange(len(layout.stocks))[None, :]
    end = state.gone[(*at, fate[:, layout.stock_site])]
    mobile = np.array([behaves == "mobile" for behaves in layout.behaves])
    stays = mobile & (fate[:, layout.stock_site] != CLOSED)
    people = _people(end[:, : len(layout.sites)], ends, hyper, rng)
    share = np.maximum(people, 1e-6)
    draws, sites = fate.shape
    late_day = as_of + rng.exponential(DAYS_A_MONTH / max(late.starts, 1e-12), (draws, sites))
    late_day = np.where(fate == CLOSED, NEVER, late_day)
    closes = rng.random((draws, sites)) < late.closes
    late_fate = np.where(closes, CLOSED, FATES.index("thinned"))[:, layout.stock_site]
    noise = rng.standard_normal((draws, sites))[:, layout.stock_site]
    stock = np.arange(len(layout.stocks))
    late_end = expit(hyper["gone_mu"][stock, late_fate] + hyper["gone_sd"][stock, late_fate] * noise)
    late_end = np.where(mobile & (late_fate != CLOSED), 0.0, late_end)
    again = np.exp(
        hyper["on_clock"]
        * (hyper["duration_mu"] + hyper["duration_sd"] * rng.standard_normal((draws, 1)))
        + hyper["site_duration_mu"]
        + hyper["site_duration_sd"] * rng.standard_normal((draws, sites))
    )
    return Future(
        layout=layout,
        fate=fate,
        end=np.where(stays, 0.0, end),
        onset=state.onset,
        duration=state.duration,
        late_day=late_day,
        late_end=late_end,
        late_duration=again[:, layout.stock_site],
        return_day=as_of + rng.exponential(DAYS_A_MONTH / max(late.returns, 1e-12), (draws, sites)),
        return_share=rng.random((draws, sites)),
        share=share / share.sum(axis=1, keepdims=True),
        people=people,
    )


def along(state: State, hyper: Arrays, day: float) -> np.ndarray:
    """How far along its departure the force is on a day if every site closes; dims (draw,).

    What becomes of it by then hangs on this before all else, fates apart.
    """
    sites = slice(len(state.layout.sites))
    done = s_curve((day - state.onset[:, sites]) / state.duration[:, sites])
    out: np.ndarray = done @ hyper["share_mean"]
    return out


def _people(gone: np.ndarray, ends: Ends, hyper: Arrays, rng: Random) -> np.ndarray:
    """People at each site given that the cut falls on the side that the fates demand.

    The margin, a weighted sum of normal shares, is drawn from its truncated normal; the shares
    follow by Gaussian conditioning. Dims (draw, site), not yet scaled to sum to one.
    """
    mean, var = hyper["share_mean"], hyper["share_var"]
    over = gone - ends.line[:, None]
    centre, sd = over @ mean, np.sqrt(over**2 @ var)
    sign = ends.sign
    below = ndtr(-sign * centre / sd)
    # for sign 0 the margin is free; for +1 it must be negative, for -1 positive
    u = np.where(sign == 0, 1.0, below) * rng.random(len(gone))
    z = ndtri(np.clip(u, 1e-300, 1.0 - 1e-16))
    margin = np.where(sign < 0, centre - sd * z, centre + sd * z)
    free = mean + np.sqrt(var) * rng.standard_normal(gone.shape)
    shift = (margin - (free * over).sum(axis=1)) / sd**2
    out: np.ndarray = free + over * var * shift[:, None]
    return out

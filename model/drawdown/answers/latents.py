"""Everything that a draw fixes, and what another prior makes of it.

A draw has parameters, fates, people at each site and days of late events; where it stands on the
horizon follows from these. Under another prior the same draw is worth another weight, and neither its
likelihood nor its future is worked out again. Only what a late start redraws (how far and how fast
it goes) keeps the old prior; docs/sensitivity.md measures what that leaves out.
"""

from dataclasses import dataclass

import numpy as np

from drawdown.answers.assess import Question
from drawdown.answers.simulate import DAYS_A_MONTH, NEVER, Future
from drawdown.model.blocks import log_chance
from drawdown.model.heard import Heard
from drawdown.model.hyper import Arrays
from drawdown.model.layout import Layout
from drawdown.outcomes import FATES, OUTCOMES

CLOSED = FATES.index("closed")
TIED = 1e-9
"""Least part of a stock's end that is its own: stocks tied to their garrison divide by no zero."""


@dataclass(frozen=True)
class Latents:
    """Draws of one hypothesis, with all that their futures rest on.

    Attributes
    ----------
    z : dims (draw, parameter)
    fate : int array, dims (draw, site)
    people : dims (draw, site)
    late_day, return_day : dims (draw, site)
    heard : Heard or None
        What the reports say at the draws; None of the prior.
    """

    layout: Layout
    z: np.ndarray
    fate: np.ndarray
    people: np.ndarray
    late_day: np.ndarray
    return_day: np.ndarray
    heard: Heard | None = None

    @classmethod
    def of(cls, z: np.ndarray, future: Future, heard: Heard | None = None) -> "Latents":
        """Gather what a simulated set of draws rests on."""
        return cls(
            layout=future.layout,
            z=z,
            fate=future.fate,
            people=future.people,
            late_day=future.late_day,
            return_day=future.return_day,
            heard=heard,
        )

    def log_change(
        self, old: Question, new: Question, h: str, says: dict[str, np.ndarray]
    ) -> np.ndarray:
        """Log density under the priors of another question less that under the old; dims (draw,).

        Parameters
        ----------
        old, new : Question
            Of the same case, date and reports, with the same locations of every prior: only how
            firmly something is held differs.
        h : str
            The hypothesis of the draws.
        says : dict of bool array
            Which parameters have a say; see `bearing`.
        """
        out = np.zeros(len(self.z))
        was, now = old.hyper[h], new.hyper[h]
        if was is not now:
            out += self._spreads(was, now, says) + self._fates(was, now) + self._people(was, now)
            if not np.array_equal(was["gone_sd"], now["gone_sd"]):
                out += self._ends(was, now, says["stock"])
        if old.late is not new.late:
            ahead = float(old.horizon - old.view.day)
            pairs = (
                (old.late.starts, new.late.starts, self.late_day),
                (old.late.returns, new.late.returns, self.return_day),
            )
            for before, after, day in pairs:
                out += _waiting(before, after, day - old.view.day, ahead)
        if self.heard is not None and old.observations is not new.observations:
            now_said = self.heard.told(old.observations.arrays, new.observations.arrays)
            out += self._log_likelihood(now_said) - self._log_likelihood(self.heard)
        return out

    def log_likelihood(self) -> np.ndarray:
        """Log likelihood of the physical reports, given everything that a draw fixes; dims (draw,)."""
        return np.zeros(len(self.z)) if self.heard is None else self._log_likelihood(self.heard)

    def _log_likelihood(self, heard: Heard) -> np.ndarray:
        at = np.take_along_axis(heard.by_site, self.fate[:, :, None], axis=2)
        out: np.ndarray = at[:, :, 0].sum(axis=1)
        return out

    def _spreads(self, was: Arrays, now: Arrays, says: dict[str, np.ndarray]) -> np.ndarray:
        """Parameters with a location and a scale, each held at its natural value."""
        out = np.zeros(len(self.z))
        for name, u in self.layout.split(self.z).items():
            if f"{name}_sd" not in was:
                continue
            ratio = was[f"{name}_sd"] / now[f"{name}_sd"]
            moved = (ratio != 1.0) & says[name]
            if moved.any():
                c = ratio[moved]
                out += u[:, moved] ** 2 @ (0.5 * (1.0 - c**2)) + np.log(c).sum()
        return out

    def _ends(self, was: Arrays, now: Arrays, says: np.ndarray) -> np.ndarray:
        """Where garrisons and stocks end, each held at its value given the fate that was drawn.

        The ends of one site are correlated normals; their correlation stays, their spreads change.
        """
        layout, u = self.layout, self.layout.split(self.z)
        n_site, site = len(layout.sites), layout.stock_site
        fate = self.fate[:, site]
        stock = np.arange(len(layout.stocks))
        ratio = was["gone_sd"][stock, fate] / now["gone_sd"][stock, fate]
        together = was["together"][n_site:]
        own = np.maximum(np.sqrt(1.0 - together**2), TIED)
        garrison, others, at = u["site_gone"], u["stock_gone"], site[n_site:]
        c_site, c_stock = ratio[:, :n_site], ratio[:, n_site:]
        moved = c_site * garrison
        out = 0.5 * (garrison**2 - moved**2).sum(axis=1) + np.log(c_site).sum(axis=1)
        # a mobile stock leaves for good only where its home closes: elsewhere its end says nothing
        mobile = np.array([behaves == "mobile" for behaves in layout.behaves])
        told = (says & (~mobile | (fate == CLOSED)))[:, n_site:]
        end = c_stock * (together * garrison[:, at] + own * others)
        there = (end - together * moved[:, at]) / own
        change = 0.5 * (others**2 - there**2) + np.log(c_stock)
        return out + np.where(told, change, 0.0).sum(axis=1)

    def _fates(self, was: Arrays, now: Arrays) -> np.ndarray:
        if not self.layout.enumerated:
            return log_chance(self.fate, now) - log_chance(self.fate, was)
        change, n_site = now["log_fate"] - was["log_fate"], len(was["log_fate"])
        out: np.ndarray = change[np.arange(n_site), self.fate].sum(axis=1)
        # own fates are kept from speaking of a full exit by a weight of each pattern
        shift = now["pattern_log"] - was["pattern_log"]
        if shift.any():
            pattern = self.fate @ len(FATES) ** np.arange(n_site - 1, -1, -1)
            out = out + shift[pattern]
        return out

    def _people(self, was: Arrays, now: Arrays) -> np.ndarray:
        square = 0.5 * (self.people - was["share_mean"]) ** 2
        before, after = was["share_var"], now["share_var"]
        out: np.ndarray = square @ (1.0 / before - 1.0 / after) + 0.5 * np.log(before / after).sum()
        return out


def bearing(q: Question) -> dict[str, np.ndarray]:
    """Which parameters have a say in the reports or in where the force stands.

    The others are independent of everything, so that their priors change nothing: exactly, and
    without the noise of their draws.

    Returns
    -------
    dict of bool array
        By vector of `Layout.sizes`; also `stock`, dims (stock,), for where stocks end.
    """
    layout, obs = q.layout, q.observations.arrays
    n_site, kept = len(layout.sites), obs["said"] > 0
    look, window = np.split(kept, [len(obs["r_stock"])])
    edge = window[obs["e_obs"]]
    lifted = _marked(obs["e_stock"][edge], len(layout.stocks))
    seen = np.concatenate([obs["r_indicator"][look], obs["p_indicator"][window]])
    counted = _marked(obs["r_stock"][look], len(layout.stocks)) | lifted
    everywhere, sized = np.ones(n_site, bool), obs["p_dwell"][window]
    shared = np.array([q.hyper[OUTCOMES[0]]["on_clock"].any()])
    return {
        "onset": shared,
        "duration": shared,
        "crisis": np.array([window.any()]),
        "site_onset": everywhere,
        "site_duration": everywhere,
        "stock_duration": counted[n_site:],
        "baseline": counted,
        "visible": _marked(seen, len(layout.indicators)),
        "lift": lifted[n_site:],
        "load": _marked(obs["e_load"][edge], len(layout.loads)),
        "routine": _marked(obs["p_routine"][window], len(layout.routines)),
        "dwell": _marked(sized[sized >= 0], len(layout.dwells)),
        "stock": counted | (np.arange(len(layout.stocks)) < n_site),
    }


def _marked(index: np.ndarray, number: int) -> np.ndarray:
    out = np.zeros(number, dtype=bool)
    out[index] = True
    return out


def _waiting(before: float, after: float, days: np.ndarray, ahead: float) -> np.ndarray:
    """Change for waiting times of another hazard, cut off at the horizon; dims (draw, site) to (draw,).

    Hazards are a month; a site that was never to move again waits for nothing.
    """
    if before == after or min(before, after) <= 0.0 or ahead <= 0.0:
        return np.zeros(len(days))
    faster = (after - before) / DAYS_A_MONTH
    change = np.where(days < ahead, np.log(after / before), 0.0) - faster * np.minimum(days, ahead)
    out: np.ndarray = np.where(days < NEVER / 2, change, 0.0).sum(axis=1)
    return out

"""Draws of one hypothesis, and what the reports say at each: sums by site, never a number a report."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from drawdown.even import Random
from drawdown.model.layout import Layout
from drawdown.model.likelihood import Arrays, State, by_pattern, natural, region_terms, site_terms
from drawdown.model.observations import changed_groups, select, spoken
from drawdown.outcomes import FATES

HELD = 4_000_000
"""Draws times patterns up to which the region of each is kept; more are worked out each time."""
ROOM = 1_000_000
"""Draws times patterns that are worked on at once."""


@dataclass(frozen=True)
class Ends:
    """How the sites end, and where the cut must then fall.

    Attributes
    ----------
    fate : int array, dims (draw, site), index into `FATES`
    sign : dims (draw,)
        1 for below the line, -1 for above it, 0 for anywhere.
    line : dims (draw,)
    """

    fate: np.ndarray
    sign: np.ndarray
    line: np.ndarray


@dataclass(frozen=True)
class Heard:
    """Draws given reports, with the fates of the sites still open.

    Attributes
    ----------
    z : dims (draw, parameter)
    state : State
    hyper : dict of array
        Prior values of the hypothesis.
    by_site : dims (draw, site, fate)
        Log likelihood of all that was reported of a site, given its fate.
    region : dims (draw, pattern), or None
        See `region_terms`; None where it is too large to keep, and with many sites, where it hangs on
        the reports.
    log_weight : dims (draw,)
        Log of region times likelihood, fates summed out.
    """

    z: np.ndarray
    state: State
    hyper: Arrays
    by_site: np.ndarray
    region: np.ndarray | None
    log_weight: np.ndarray

    @property
    def layout(self) -> Layout:
        """Layout of the case."""
        return self.state.layout

    def told(self, was: Arrays, now: Arrays) -> "Heard":
        """The same looks believed otherwise: origins left out or graded anew.

        Only what changed is looked at again, so that leaving out each of many origins in turn costs as
        much as reading all of them once.

        Parameters
        ----------
        was, now : dict of array
            Observations as they were and as they are; see `observe`.
        """
        rows = changed_groups(was, now)[was["group_of"]]
        if not rows.any():
            return self
        old, new = (_site_terms(self.z, self.hyper, select(o, rows), self.layout) for o in (was, now))
        return _weighed(replace(self, by_site=self.by_site + (new - old)))

    def judged(self, z: np.ndarray, hyper: Arrays) -> "Heard":
        """The same natural values under other prior values: what the reports say of them stays.

        Parameters
        ----------
        z : dims (draw, parameter)
            At which `hyper` gives the natural values of these draws.
        """
        region = None if self.region is None else region_terms(self.state, hyper)
        return _weighed(replace(self, z=z, hyper=hyper, region=region))

    def patterns(self, rng: Random) -> Ends:
        """Draw the fates of each draw, by the weight of their pattern."""
        number, drawn, done = rng.random(len(self.by_site)), [], 0
        for terms in self._terms():
            drawn.append(_drawn(terms, number[done : done + len(terms)]))
            done += len(terms)
        pattern = np.concatenate(drawn)
        layout, hyper = self.layout, self.hyper
        sign = hyper["pattern_sign"][pattern]
        if layout.enumerated:
            return Ends(layout.patterns[pattern], sign, layout.pattern_line[pattern])
        from drawdown.model.choice import fates_rows

        u = rng.random((len(pattern), len(layout.sites)))
        fate = fates_rows(self.by_site, self._garrisons, hyper, layout, pattern, u)
        return Ends(fate, sign, hyper["block_line"][pattern])

    def fates(self) -> np.ndarray:
        """Chance of each fate of each site at each draw; dims (draw, site, fate)."""
        if not self.layout.enumerated:
            from drawdown.model.choice import chances_rows

            return chances_rows(self.by_site, self._garrisons, self.hyper, self.layout)
        marks, out, done = np.eye(len(FATES))[self.layout.patterns], [], 0
        for terms in self._terms():
            share = np.exp(terms - self.log_weight[done : done + len(terms), None])
            out.append(np.einsum("dp,psf->dsf", share, marks))
            done += len(terms)
        return np.concatenate(out)

    def terms(self) -> np.ndarray:
        """Log weight of each pattern of fates, with many sites of each block; dims (draw, pattern)."""
        return np.concatenate(list(self._terms()))

    @property
    def _garrisons(self) -> np.ndarray:
        """Share of each garrison that leaves for good; dims (draw, site, fate)."""
        return self.state.gone[:, : len(self.layout.sites)]

    def _terms(self) -> Iterator[np.ndarray]:
        """Log weight of each pattern, a few draws at a time; dims (draw, pattern)."""
        if not self.layout.enumerated:
            # compiled code is loaded only where it is needed
            from drawdown.model.choice import block_terms_rows

            yield block_terms_rows(self.by_site, self._garrisons, self.hyper, self.layout)
            return
        few = max(1, ROOM // len(self.layout.patterns))
        for start in range(0, len(self.z), few):
            rows = slice(start, start + few)
            by_site = self.by_site[rows] + self.hyper["log_fate"]
            region = region_terms(self.state.take(rows), self.hyper) if self.region is None else None
            yield by_pattern(by_site) + (self.region[rows] if region is None else region)  # type: ignore[index]


def hear(z: np.ndarray, hyper: Arrays, obs: Arrays | None, layout: Layout) -> Heard:
    """Tell draws of one hypothesis the reports; without any, it is the prior.

    Parameters
    ----------
    z : dims (draw, parameter)
    hyper, obs, layout
        As for `likelihood.log_density`.
    """
    state = natural(z, hyper, layout)
    silent = np.zeros((len(z), *hyper["log_fate"].shape))
    by_site = silent if obs is None else _site_terms(z, hyper, obs, layout)
    keep = layout.enumerated and len(z) * len(layout.patterns) <= HELD
    region = region_terms(state, hyper) if keep else None
    return _weighed(Heard(z, state, hyper, by_site, region, np.empty(0)))


def standing(state: State, hyper: Arrays, obs: Arrays | None) -> Heard:
    """Natural values of draws without the draws, to ask for fates alone.

    Parameters
    ----------
    state : State
    hyper, obs
        As for `likelihood.log_density`.
    """
    silent = np.zeros((len(state.onset), *hyper["log_fate"].shape))
    by_site = silent if obs is None else site_terms(state, obs)
    return Heard(np.empty((len(silent), 0)), state, hyper, by_site, None, np.empty(0))


def _drawn(terms: np.ndarray, number: np.ndarray) -> np.ndarray:
    """One column of each row by its log weight: one number a row, so that near weights draw alike."""
    below = np.cumsum(np.exp(terms - terms.max(axis=1, keepdims=True)), axis=1)
    u = number * below[:, -1]
    out: np.ndarray = np.minimum((below <= u[:, None]).sum(axis=1), terms.shape[1] - 1)
    return out


def _weighed(heard: Heard) -> Heard:
    parts = []
    for terms in heard._terms():
        most = terms.max(axis=1)
        parts.append(most + np.log(np.exp(terms - most[:, None]).sum(axis=1)))
    return replace(heard, log_weight=np.concatenate(parts))


def _site_terms(z: np.ndarray, hyper: Arrays, obs: Arrays, layout: Layout) -> np.ndarray:
    obs = spoken(obs)
    if not len(obs["said"]):
        return np.zeros((len(z), *hyper["log_fate"].shape))
    # compiled code is loaded only where reports are read
    from drawdown.model.kernel import site_terms_rows

    return site_terms_rows(z, hyper, obs, layout)

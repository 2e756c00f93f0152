"""The layout of a case: which sites, stocks, indicators and parameters the model has.

It depends on the case and the names in the priors, never on reports or dates, so that every date,
overlay and hypothesis shares one compiled model.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np

from drawdown.files.case import FEW_SITES, Case
from drawdown.files.priors import Priors
from drawdown.outcomes import CUT_LINE, EXIT_LINE, FATES

GARRISON = "garrison"


@dataclass(frozen=True)
class Layout:
    """Names and indices of everything the model draws.

    Attributes
    ----------
    sites : tuple of str
    stocks : tuple of (site, stock)
        The garrison of each site first, in the order of `sites`, then every other stock.
    indicators : tuple of str
        Indicators with a physical likelihood.
    loads : tuple of (indicator, stock)
        What a movement carries: one parameter each, shared over sites.
    routines : tuple of (site, indicator)
        Flows that go on without any drawdown.
    dwells : tuple of str
        Indicators whose items stay in view for a while.
    """

    sites: tuple[str, ...]
    kinds: tuple[str, ...]
    stocks: tuple[tuple[str, str], ...]
    behaves: tuple[str, ...]
    gathers: tuple[int, ...]
    indicators: tuple[str, ...]
    loads: tuple[tuple[str, str], ...]
    routines: tuple[tuple[str, str], ...]
    dwells: tuple[str, ...]

    @cached_property
    def stock_site(self) -> np.ndarray:
        """Index of the site of each stock; dims (stock,)."""
        return np.array([self.sites.index(site) for site, _ in self.stocks])

    @property
    def major(self) -> np.ndarray:
        """Which sites are major bases; dims (site,)."""
        return np.array([kind == "major" for kind in self.kinds])

    @property
    def named(self) -> np.ndarray:
        """Which sites are major bases or named sectors; dims (site,)."""
        return np.array([kind != "outpost" for kind in self.kinds])

    @property
    def enumerated(self) -> bool:
        """Whether patterns of fates are summed one by one; else `blocks` takes their place."""
        return len(self.sites) <= FEW_SITES

    @cached_property
    def patterns(self) -> np.ndarray:
        """Every combination of fates; dims (pattern, site), values index `FATES`."""
        return np.array(list(product(range(len(FATES)), repeat=len(self.sites))))

    @cached_property
    def pattern_line(self) -> np.ndarray:
        """The cut line that matters for each pattern: 95 % where every major base is closed."""
        closed = self.patterns == FATES.index("closed")
        return np.where(closed[:, self.major].all(axis=1), EXIT_LINE, CUT_LINE)

    @property
    def sizes(self) -> dict[str, int]:
        """Length of each vector of standard-normal parameters, in the order of the model."""
        n_site, n_stock = len(self.sites), len(self.stocks)
        return {
            "onset": 1,
            "duration": 1,
            "crisis": 1,
            "site_onset": n_site,
            "site_duration": n_site,
            "site_gone": n_site,
            "stock_duration": n_stock - n_site,
            "stock_gone": n_stock - n_site,
            "baseline": n_stock,
            "visible": len(self.indicators),
            "lift": n_stock - n_site,
            "load": len(self.loads),
            "routine": len(self.routines),
            "dwell": len(self.dwells),
        }

    @property
    def n_parameters(self) -> int:
        """Number of sampled parameters."""
        return sum(self.sizes.values())

    def split(self, z: np.ndarray) -> dict[str, np.ndarray]:
        """Cut a stacked vector (or a matrix of draws) into named vectors."""
        ends = np.cumsum(list(self.sizes.values()))
        return dict(zip(self.sizes, np.split(z, ends[:-1], axis=-1), strict=True))

    def labels(self) -> list[str]:
        """Name of every element of the stacked vector, as printed in `posterior.csv`."""
        names = {
            "site_onset": self.sites,
            "site_duration": self.sites,
            "site_gone": self.sites,
            "stock_duration": self._others,
            "stock_gone": self._others,
            "baseline": [".".join(stock) for stock in self.stocks],
            "visible": self.indicators,
            "lift": self._others,
            "load": [".".join(load) for load in self.loads],
            "routine": [".".join(routine) for routine in self.routines],
            "dwell": self.dwells,
        }
        out = []
        for vector in self.sizes:
            out += [f"{vector}[{name}]" for name in names[vector]] if vector in names else [vector]
        return out

    @property
    def _others(self) -> list[str]:
        return [".".join(stock) for stock in self.stocks[len(self.sites) :]]


def layout_of(case: Case, priors: Priors) -> Layout:
    """Lay out the model of a case."""
    sites = tuple(case.sites)
    stocks = [(site, GARRISON) for site in sites]
    behaves, gathers = ["fixed"] * len(sites), [-1] * len(sites)
    for site in sites:
        for name, stock in case.sites[site].stock.items():
            stocks.append((site, name))
            behaves.append(stock.behaves)
            gathers.append(sites.index(stock.gathers) if stock.gathers else -1)
    present = {name for _, name in stocks}
    physical = {
        name: ind
        for name, ind in priors.indicators.items()
        if (ind.tracks == "remaining" and ind.of in present)
        or (ind.tracks == "pace" and present & set(ind.lifts))
    }
    pace = {name: ind for name, ind in physical.items() if ind.tracks == "pace"}
    return Layout(
        sites=sites,
        kinds=tuple(case.sites[site].kind for site in sites),
        stocks=tuple(stocks),
        behaves=tuple(behaves),
        gathers=tuple(gathers),
        indicators=tuple(physical),
        loads=tuple((n, s) for n, ind in pace.items() for s in ind.lifts if s in present),
        routines=tuple(
            (site, name)
            for site in sites
            for name, ind in pace.items()
            if any((site, stock) in stocks for stock in ind.lifts)
        ),
        dwells=tuple(name for name, ind in pace.items() if ind.dwell is not None),
    )

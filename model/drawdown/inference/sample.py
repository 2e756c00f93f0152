"""Draws from the posterior of one hypothesis: compiled once, given other data for each fit."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from drawdown.model.layout import Layout

Arrays = dict[str, np.ndarray]
CHAINS = 4
MAX_DEPTH = 10
TARGET_ACCEPT = 0.9


@dataclass(frozen=True)
class Draws:
    """Draws of the standard-normal parameters.

    Attributes
    ----------
    z : dims (chain, draw, parameter)
    divergent, deep : bool, dims (chain, draw)
        Whether the draw diverged, and whether its tree reached the greatest depth.
    """

    z: np.ndarray
    divergent: np.ndarray
    deep: np.ndarray

    @property
    def flat(self) -> np.ndarray:
        """All draws, chain after chain; dims (draw, parameter)."""
        return self.z.reshape(-1, self.z.shape[-1])


class Sampler:
    """NUTS over one compiled model.

    Parameters
    ----------
    layout : Layout
    data : dict of array
        Data of any hypothesis and date; each fit replaces them.
    """

    def __init__(self, layout: Layout, data: Arrays):
        import nutpie

        from drawdown.model.build import build_model

        self._layout = layout
        self._compiled: Any = nutpie.compile_pymc_model(build_model(layout, data), freeze_model=False)

    def fit(self, data: Arrays, *, draws: int, tune: int, seed: int, cores: int = 2) -> Draws:
        """Sample one hypothesis.

        Parameters
        ----------
        data : dict of array
            Of the same names and numbers of dimensions as those the model was compiled with.
        draws, tune : int
            Per chain.
        seed : int
        cores : int
        """
        import nutpie

        trace = nutpie.sample(
            self._compiled.with_data(**data),
            draws=draws,
            tune=tune,
            chains=CHAINS,
            cores=cores,
            seed=seed,
            maxdepth=MAX_DEPTH,
            target_accept=TARGET_ACCEPT,
            adaptation="low_rank",
            save_warmup=False,
            progress_bar=False,
        )
        posterior, stats = trace["posterior"], trace["sample_stats"]
        z = [np.asarray(posterior[name]) for name, size in self._layout.sizes.items() if size]
        return Draws(
            z=np.concatenate(z, axis=-1),
            divergent=np.asarray(stats["diverging"], dtype=bool),
            deep=np.asarray(stats["maxdepth_reached"], dtype=bool),
        )

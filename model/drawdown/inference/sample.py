"""Draws from a posterior: a model compiled once, given other data for each fit."""

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
    """Draws of the parameters: standard-normal ones in the model of a case.

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
    model : pm.Model
    names : tuple of str
        Parameters to keep, in this order; each is laid flat.
    low_rank : bool
        Learn the strongest correlations in warm-up, too; else variances alone.
    """

    def __init__(self, model: Any, names: tuple[str, ...], *, low_rank: bool = False):
        import nutpie

        self._names = names
        self._adaptation = {"adaptation": "low_rank"} if low_rank else {}
        self._compiled: Any = nutpie.compile_pymc_model(model, freeze_model=False)

    @classmethod
    def of_case(cls, layout: Layout, data: Arrays) -> "Sampler":
        """Compile the model of a case; `data` are of any hypothesis and date, and fits replace them."""
        from drawdown.model.build import build_model

        names = tuple(name for name, size in layout.sizes.items() if size)
        return cls(build_model(layout, data), names, low_rank=True)

    def fit(self, data: Arrays, *, draws: int, tune: int, seed: int, cores: int = 2) -> Draws:
        """Sample given data.

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
            **self._adaptation,
            save_warmup=False,
            progress_bar=False,
        )
        posterior, stats = trace["posterior"], trace["sample_stats"]
        z = [np.asarray(posterior[name]) for name in self._names]
        return Draws(
            z=np.concatenate([part.reshape(*part.shape[:2], -1) for part in z], axis=-1),
            divergent=np.asarray(stats["diverging"], dtype=bool),
            deep=np.asarray(stats["maxdepth_reached"], dtype=bool),
        )

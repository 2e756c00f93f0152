"""Draws from a posterior: a density compiled once, given other data for each fit."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from drawdown.model.layout import Layout

Arrays = dict[str, np.ndarray]
CHAINS = 4
MAX_DEPTH = 10


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

    def followed_by(self, more: "Draws") -> "Draws":
        """Each chain with one of another run behind it.

        Checks that split chains in half then compare the runs too.
        """
        parts = zip(vars(self).values(), vars(more).values(), strict=True)
        return Draws(*(np.concatenate(pair, axis=1) for pair in parts))


class Sampler:
    """NUTS over one compiled model.

    Parameters
    ----------
    model : pm.Model
    names : tuple of str
        Parameters to keep, in this order; each is laid flat.
    """

    def __init__(self, model: Any, names: tuple[str, ...]):
        import nutpie

        self._names = names
        self._compiled: Any = nutpie.compile_pymc_model(model, freeze_model=False)

    @staticmethod
    def of_case(layout: Layout, data: Arrays) -> "Sampler":
        """Sampler of a case; `data` are of any hypothesis and date, and fits replace them."""
        return _CaseSampler(layout, data)

    def fit(
        self,
        data: Arrays,
        *,
        draws: int,
        tune: int,
        seed: int,
        cores: int = 2,
        target_accept: float = 0.9,
        start: np.ndarray | None = None,
    ) -> Draws:
        """Sample given data.

        Parameters
        ----------
        data : dict of array
            Of the same names and numbers of dimensions as those that the sampler was made with.
        draws, tune : int
            Per chain.
        seed : int
        cores : int
        target_accept : float
            Mean acceptance that the step is adapted to.
        start : array, optional, dims (draw, parameter)
            Each chain starts from one of these draws; else near the middle of the prior.
        """
        import nutpie

        trace = nutpie.sample(
            self._with(data, start),
            draws=draws,
            tune=tune,
            chains=CHAINS,
            cores=cores,
            seed=seed,
            maxdepth=MAX_DEPTH,
            target_accept=target_accept,
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

    def _with(self, data: Arrays, start: np.ndarray | None) -> Any:
        """Return the compiled model with the data of a fit."""
        if start is not None:
            raise NotImplementedError("only the model of a case starts from draws")
        return self._compiled.with_data(**data)


class _CaseSampler(Sampler):
    """NUTS over the compiled density of `model.kernel`, which is checked at what it drew."""

    def __init__(self, layout: Layout, data: Arrays):
        from drawdown.inference.compiled import NAME, CaseModel

        self._layout, self._names = layout, (NAME,)
        self._compiled = CaseModel.of(layout, data)

    def fit(self, data: Arrays, **how: Any) -> Draws:
        from drawdown.inference.compiled import check_density

        found = super().fit(data, **how)
        check_density(found.flat, data, self._layout)
        return found

    def _with(self, data: Arrays, start: np.ndarray | None) -> Any:
        return self._compiled.with_data(**data).starting(start)

"""The compiled density of a case in the form that nutpie samples."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numba import carray, cfunc, types
from nutpie import _lib
from nutpie.sample import CompiledModel

from drawdown.errors import FitError
from drawdown.model.kernel import DENSITY, log_density_rows, log_density_slopes
from drawdown.model.layout import Layout
from drawdown.model.likelihood import log_density
from drawdown.model.packed import Arrays, pack

NAME = "z"
"""The one variable of the trace: the stacked vector of standard normals."""
JITTER = 1.0
"""Chains start this far from the middle of the prior, at most, in every parameter."""

DIGITS = 6
"""Of a draw that a chain starts from: the last bits of a proposal hang on where an array lies in memory,
and a chain that starts a bit away is another chain."""

CHECKED = 50
TOLERANCE = 1e-6
"""Greatest error of the compiled density, of its size: a digit more than any use of it needs."""


@cfunc(
    types.int64(types.uint64, types.uint64, *[types.CPointer(types.double)] * 2, types.voidptr),
    cache=True,
)
def _keep(dim, number, z_, out_, block_):
    """Keep the parameters as they are: nutpie's door for transformed ones."""
    z, out = carray(z_, (dim,)), carray(out_, (number,))
    for i in range(len(z)):
        out[i] = z[i]
    return 0


@dataclass(frozen=True)
class CaseModel(CompiledModel):
    """One layout with the data of a fit; chains run in nutpie's own threads, without Python.

    Attributes
    ----------
    layout : Layout
    block : array
        Inputs of the fit, from `pack`; what the C function reads, so it lives as long as this.
    start : array or None, dims (draw, parameter)
        Draws from which chains start.
    """

    layout: Layout
    block: np.ndarray
    start: np.ndarray | None = None

    @classmethod
    def of(cls, layout: Layout, data: Arrays) -> "CaseModel":
        """Pack the data of a fit: prior values and observations."""
        return cls({NAME: ("parameter",)}, layout, pack(data, data, layout))

    def with_data(self, **data: np.ndarray) -> "CaseModel":
        """Return the same layout with other data."""
        return replace(self, block=pack(data, data, self.layout))

    def starting(self, start: np.ndarray | None) -> "CaseModel":
        """Return the same with chains that start from some draws."""
        return replace(self, start=start)

    @property
    def n_dim(self) -> int:
        """Number of parameters."""
        return self.layout.n_parameters

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shape of each variable of the trace."""
        return {NAME: (self.n_dim,)}

    @property
    def coords(self) -> dict[str, Any]:
        """No named coordinates."""
        return {}

    def _make_sampler(self, settings: Any, init_mean: np.ndarray, cores: int, *more: Any) -> Any:
        return _lib.PySampler.from_pymc(settings, cores, self._make_model(init_mean), *more)

    def _make_model(self, init_mean: np.ndarray) -> Any:
        at, sizes = self.block.ctypes.data, {"parameter": self.n_dim}
        return _lib.PyMcModel(
            _lib.LogpFunc(DENSITY.address, at, self),
            _lib.ExpandFunc(self.n_dim, self.n_dim, _keep.address, at, self),
            _lib.PyVariable.new_variables([NAME], ["float64"], [(self.n_dim,)], sizes, self.dims),
            self.n_dim,
            sizes,
            {},
            self._begin,
            None,
        )

    def _begin(self, seed: int | None = None) -> np.ndarray:
        rng = np.random.default_rng(seed)
        if self.start is not None:
            return np.round(self.start[rng.integers(len(self.start))], DIGITS)
        return rng.uniform(-JITTER, JITTER, self.n_dim)


def check_density(z: np.ndarray, data: Arrays, layout: Layout) -> None:
    """Compare the compiled density with the plain one at some of the draws of a fit.

    Parameters
    ----------
    z : dims (draw, parameter)
    data : dict of array
        Prior values and observations of the fit.
    layout : Layout

    Raises
    ------
    FitError
        If they differ.
    """
    some = z[np.linspace(0, len(z) - 1, CHECKED).astype(int)]
    plain = log_density(some, data, data, layout)
    one_by_one = np.array([log_density_slopes(row, data, data, layout)[0] for row in some])
    found = np.stack([one_by_one, log_density_rows(some, data, data, layout)])
    if not np.allclose(found, plain, rtol=TOLERANCE, atol=TOLERANCE):
        worst = float(np.nanmax(np.abs(found - plain))) if np.isfinite(found).any() else np.inf
        raise FitError(
            f"the compiled density differs from the plain one by {worst:.2g} nats at draws of this fit; "
            "remove the files *.nbi and *.nbc of model/drawdown and try again"
        )

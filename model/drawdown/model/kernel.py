"""The log density of a case as compiled functions: one for the sampler, one for many draws.

The machine code is kept on disk beside this file, or wherever Numba may write, so that a machine
compiles once.
"""

import ctypes
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from zlib import crc32

import numpy as np
from numba import carray, cfunc, njit, types

from drawdown.model.layout import Layout
from drawdown.model.packed import HEAD, Arrays, Counts, Looks, Patterns, Prior, Starts, pack
from drawdown.model.slopes import value_and_slopes
from drawdown.model.sums import density
from drawdown.model.terms import FATES, heard, inner

NO_SLOPE, NO_VALUE = 3, 4
"""What the C function returns where a slope or the value is not finite: no point to step to."""
THREADS = 2
WORTH_THREADS = 2_000_000
"""Rows times items of a block from which to hand half of them to another thread is worth it."""
_REAL = ctypes.POINTER(ctypes.c_double)
_POOL = ThreadPoolExecutor(THREADS)
"""One for all: to start a thread costs as much as some hundred rows."""


@inner
def _real(real, whole, i):
    return real[whole[i] : whole[i + 1]]


@inner
def _whole(whole, i):
    return whole[whole[i] : whole[i + 1]]


@inner
def _by_fate(real, whole, i):
    return _real(real, whole, i).reshape((-1, FATES))


@inner
def unpack(r, w):
    """Read a block of `pack` in place, seen as reals and as whole numbers: its tuples, as views."""
    at = _whole(w, 0)
    starts = Starts(
        *(at[0], at[1], at[2], at[3], at[4], at[5], at[6]),
        *(at[7], at[8], at[9], at[10], at[11], at[12], at[13]),
    )
    prior = Prior(
        *(starts, _real(r, w, 1), _real(r, w, 2), _real(r, w, 3), _whole(w, 4), _whole(w, 5)),
        *(_real(r, w, 6), _real(r, w, 7)),
        *(_by_fate(r, w, 8), _by_fate(r, w, 9), _by_fate(r, w, 10)),
    )
    looks = Looks(
        *(_whole(w, 11), _whole(w, 12), _real(r, w, 13), _real(r, w, 14), _real(r, w, 15)),
        *(_real(r, w, 16), _real(r, w, 17), _whole(w, 18), _whole(w, 19), _whole(w, 20)),
        *(_whole(w, 21), _whole(w, 22), _whole(w, 23)),
    )
    counts = Counts(
        *(_whole(w, 24), _whole(w, 25), _whole(w, 26), _real(r, w, 27), _real(r, w, 28)),
        *(_real(r, w, 29), _real(r, w, 30), _real(r, w, 31), _whole(w, 32), _whole(w, 33)),
        *(_real(r, w, 34), _real(r, w, 35), _real(r, w, 36)),
    )
    patterns = Patterns(
        *(_whole(w, 37).reshape((-1, len(prior.on_clock))), _real(r, w, 38), _real(r, w, 39)),
        *(_real(r, w, 40), _by_fate(r, w, 41), _real(r, w, 42), _real(r, w, 43)),
        *(_whole(w, 44).reshape((-1, len(prior.on_clock))), _whole(w, 45), _whole(w, 46)),
        _real(r, w, 47).reshape((-1, len(prior.on_clock), FATES)),
        _whole(w, 48).reshape((-1, FATES)),
    )
    return prior, looks, counts, patterns


def _compile(sources):
    """Compile the outermost functions, or load them.

    What is kept on disk is known by this file and by the values that a function closes over, not by
    the other files that it calls; so a sum over the sources is one of those values.
    """

    @cfunc(
        types.int64(types.uint64, *[types.CPointer(types.double)] * 3, types.voidptr),
        cache=True,
        error_model="numpy",
    )
    def pointer(dim, z_, slope_, value_, block_):
        _ = sources
        items = carray(block_, (HEAD,), np.int64)[HEAD - 1]
        real, whole = carray(block_, (items,), np.float64), carray(block_, (items,), np.int64)
        prior, looks, counts, patterns = unpack(real, whole)
        slope, out = carray(slope_, (dim,)), carray(value_, (1,))
        out[0] = value_and_slopes(carray(z_, (dim,)), prior, looks, counts, patterns, slope)
        if not np.isfinite(out[0]):
            return NO_VALUE
        for i in range(len(slope)):
            if not np.isfinite(slope[i]):
                return NO_SLOPE
        return 0

    @njit("(f8[::1], i8[::1], f8[:, ::1], f8[::1])", cache=True, nogil=True, error_model="numpy")
    def rows(real, whole, z, out):
        _ = sources
        prior, looks, counts, patterns = unpack(real, whole)
        for i in range(len(z)):
            out[i] = density(z[i], prior, looks, counts, patterns)

    @njit("(f8[::1], i8[::1], f8[:, ::1], f8[:, :, ::1])", cache=True, nogil=True, error_model="numpy")
    def by_site(real, whole, z, out):
        _ = sources
        prior, looks, counts, patterns = unpack(real, whole)
        every = np.ones(patterns.live.shape, np.int64)
        for i in range(len(z)):
            out[i] = heard(z[i], prior, looks, counts, patterns.log_fate, every, False)[0]

    return pointer, rows, by_site


HERE = Path(__file__).parent
CALLED = ("likelihood", "terms", "blocks", "inversion", "sums", "slopes", "packed")
"""Modules whose functions are compiled into those below."""
SOURCES = crc32(b"".join((HERE / f"{name}.py").read_bytes() for name in CALLED))
"""Their text as a number: a compiled function that holds it is stale when any of them changes."""
DENSITY, _ROWS, _BY_SITE = _compile(SOURCES)
"""The C function that a sampler calls: `int (size, z, slopes, value, block)`, with no state."""


def log_density_rows(z: np.ndarray, hyper: Arrays, obs: Arrays | None, layout: Layout) -> np.ndarray:
    """Log density of many draws, the same as `likelihood.log_density`; dims (draw,).

    Parameters
    ----------
    z : dims (draw, parameter)
    hyper, obs, layout
        As for `likelihood.log_density`.
    """
    out = np.empty(len(z))
    side_by_side(_ROWS, pack(hyper, obs, layout), np.asarray(z, dtype=float), out)
    return out


def site_terms_rows(z: np.ndarray, hyper: Arrays, obs: Arrays, layout: Layout) -> np.ndarray:
    """What the reports say of each site at many draws, the same as `likelihood.site_terms`.

    Nothing is held for each report, so that memory does not grow with them.

    Parameters
    ----------
    z : dims (draw, parameter)
    hyper, obs, layout
        As for `likelihood.log_density`.

    Returns
    -------
    array, dims (draw, site, fate)
    """
    shape = hyper["log_fate"].shape
    out = np.empty((len(z), *shape))
    silent = pack(hyper | {"log_fate": np.zeros(shape)}, obs, layout)
    side_by_side(_BY_SITE, silent, np.asarray(z, dtype=float), out)
    return out


def side_by_side(function: Callable[..., None], block: np.ndarray, *arrays: np.ndarray) -> None:
    """Work on the rows of arrays, the last of which is filled; of much work half in another thread."""
    if len(block) * len(arrays[0]) < WORTH_THREADS and all(a.flags.c_contiguous for a in arrays):
        function(block, block.view(np.int64), *arrays)
        return
    rows = [np.array_split(np.ascontiguousarray(array), THREADS) for array in arrays]
    seen = [block] * THREADS, [block.view(np.int64)] * THREADS
    list(_POOL.map(function, *seen, *rows))


def slopes_rows(z: np.ndarray, hyper: Arrays, obs: Arrays | None, layout: Layout) -> np.ndarray:
    """Gradient of the log density at many draws; dims (draw, parameter).

    Parameters
    ----------
    z : dims (draw, parameter)
    hyper, obs, layout
        As for `likelihood.log_density`.
    """
    return _with_slopes(np.ascontiguousarray(z, dtype=float), pack(hyper, obs, layout))[1]


def log_density_slopes(
    z: np.ndarray, hyper: Arrays, obs: Arrays | None, layout: Layout
) -> tuple[float, np.ndarray]:
    """Log density of one draw and its gradient, as the sampler gets them; dims (parameter,).

    Parameters
    ----------
    z : dims (parameter,)
    hyper, obs, layout
        As for `likelihood.log_density`.
    """
    values, slopes = _with_slopes(np.array(z, dtype=float)[None], pack(hyper, obs, layout))
    return float(values[0]), slopes[0]


def _with_slopes(z: np.ndarray, block: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Log densities and gradients, draw by draw through the C function, which lets go of the lock."""
    values, slopes = np.empty(len(z)), np.empty_like(z)
    for place in zip(z, slopes, values[:, None], strict=True):
        at = (array.ctypes.data_as(_REAL) for array in place)
        DENSITY.ctypes(z.shape[1], *at, block.ctypes.data)
    return values, slopes

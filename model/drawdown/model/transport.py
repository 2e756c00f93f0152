"""Draws carried from one set of prior values to another.

A parameter is a standard normal z with natural value mu + sd z (before its link). When mu or sd
change, a draw may keep its z, and its natural value moves, or keep its natural value, and its z moves
with a Jacobian. Both are exact changes of variable; they differ in how even the weights come out: where
reports hold a parameter in place its natural value should stay, elsewhere its z.
"""

from dataclasses import dataclass

import numpy as np

from drawdown.model.hyper import Arrays
from drawdown.model.layout import Layout

INFORMED = 0.8
"""Posterior over prior sd below which reports are taken to hold a parameter in place."""


BESIDES = ("on_clock", "gone_mu", "gone_sd", "together")
"""Prior values that natural values depend on and no draw can hold: where a stock ends has a value a
fate."""


@dataclass(frozen=True)
class Carried:
    """Draws under other prior values.

    Attributes
    ----------
    z : dims (draw, parameter)
    shift : dims (draw,)
        What the change of variable adds to the log density of each draw: the standard-normal prior at
        the new place over the old, times the Jacobian.
    still : bool
        Whether every natural value is what it was, up to rounding.
    """

    z: np.ndarray
    shift: np.ndarray
    still: bool


def carried(z: np.ndarray, old: Arrays, new: Arrays, layout: Layout) -> list[Carried]:
    """Ways to carry draws from the old prior values to the new.

    Parameters
    ----------
    z : dims (draw, parameter)
        Draws under the old prior values.
    old, new : dict of array
        See `hyper_values`.

    Returns
    -------
    list of Carried
        One where nothing that is sampled moves; else the cheapest to look at first.
    """
    held, log_scale, holds = _natural_held(z, old, new, layout)
    holds = holds and all(np.array_equal(old[name], new[name]) for name in BESIDES)
    moved = (held != z).any(axis=0)
    if not moved.any():
        return [Carried(z, np.zeros(len(z)), holds)]
    informed = moved & (z.std(axis=0) < INFORMED)
    ways = [moved, informed, np.zeros_like(moved)]
    if not informed.any() or np.array_equal(informed, moved):
        del ways[1]
    out = []
    for pick in ways:
        there = np.where(pick, held, z)
        shift = 0.5 * (z**2 - there**2).sum(axis=1) + log_scale[pick].sum()
        out.append(Carried(there, shift, holds and pick is moved))
    return out


def _natural_held(
    z: np.ndarray, old: Arrays, new: Arrays, layout: Layout
) -> tuple[np.ndarray, np.ndarray, bool]:
    """The z at which every natural value is what it was, the log of dz new / dz old, and success."""
    parts, scales, holds = [], [], True
    for name, u in layout.split(z).items():
        if f"{name}_mu" not in old or not u.shape[1]:
            parts.append(u)
            scales.append(np.zeros(u.shape[1]))
            continue
        mu, sd, to_mu, to_sd = (values[f"{name}_{k}"] for values in (old, new) for k in ("mu", "sd"))
        can = (to_sd > 0) & (sd > 0)
        holds &= bool(np.all(can | (mu == to_mu) & (sd == to_sd)))
        scale = np.where(can, sd / np.where(can, to_sd, 1.0), 1.0)
        shift = np.where(can, (mu - to_mu) / np.where(can, to_sd, 1.0), 0.0)
        parts.append(scale * u + shift)
        scales.append(np.log(scale))
    return np.concatenate(parts, axis=1), np.concatenate(scales), holds

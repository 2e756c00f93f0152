"""Draws carried from one set of prior values to another.

A parameter is a standard normal z with natural value mu + sd z (before its link). When mu or sd
change, a draw may keep its z, and its natural value moves, or keep its natural value, and its z moves
with a Jacobian. Both are exact changes of variable; they differ in how even the weights come out: where
reports hold a parameter in place its natural value should stay, elsewhere its z.
"""

import numpy as np

from drawdown.model.hyper import Arrays
from drawdown.model.layout import Layout

INFORMED = 0.8
"""Posterior over prior sd below which reports are taken to hold a parameter in place."""


def carried(
    z: np.ndarray, old: Arrays, new: Arrays, layout: Layout
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Ways to carry draws from the old prior values to the new.

    Parameters
    ----------
    z : dims (draw, parameter)
        Draws under the old prior values.
    old, new : dict of array
        See `hyper_values`.

    Returns
    -------
    list of (array of dims (draw, parameter), array of dims (draw,))
        Draws, and what the change of variable adds to the log density of each: the standard-normal
        prior at the new place over the old, times the Jacobian.
    """
    held, log_scale = _natural_held(z, old, new, layout)
    moved = (held != z).any(axis=0)
    if not moved.any():
        return [(z, np.zeros(len(z)))]
    informed = moved & (z.std(axis=0) < INFORMED)
    ways = [np.zeros_like(moved), moved]
    if informed.any() and not np.array_equal(informed, moved):
        ways.append(informed)
    out = []
    for pick in ways:
        there = np.where(pick, held, z)
        shift = 0.5 * (z**2 - there**2).sum(axis=1) + log_scale[pick].sum()
        out.append((there, shift))
    return out


def _natural_held(
    z: np.ndarray, old: Arrays, new: Arrays, layout: Layout
) -> tuple[np.ndarray, np.ndarray]:
    """The z at which every natural value is what it was, and the log of dz new / dz old."""
    parts, scales = [], []
    for name, u in layout.split(z).items():
        if f"{name}_mu" not in old or not u.shape[1]:
            # where a stock ends has a value a fate, and none to hold
            parts.append(u)
            scales.append(np.zeros(u.shape[1]))
            continue
        mu, sd, to_mu, to_sd = (values[f"{name}_{k}"] for values in (old, new) for k in ("mu", "sd"))
        can = (to_sd > 0) & (sd > 0)
        scale = np.where(can, sd / np.where(can, to_sd, 1.0), 1.0)
        shift = np.where(can, (mu - to_mu) / np.where(can, to_sd, 1.0), 0.0)
        parts.append(scale * u + shift)
        scales.append(np.log(scale))
    return np.concatenate(parts, axis=1), np.concatenate(scales)

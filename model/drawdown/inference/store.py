"""Draws on disk: one group a hypothesis, so that other commands answer without fitting again."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from drawdown.inference.sample import Draws
from drawdown.model.layout import Layout


def write_fits(path: Path, fits: dict[str, Draws], layout: Layout, facts: dict[str, Any]) -> None:
    """Write the draws of every hypothesis as netCDF-4.

    Parameters
    ----------
    path : Path
    fits : dict of Draws, by hypothesis
    layout : Layout
        Names the parameters.
    facts : dict
        Whatever identifies the run; stored as JSON, since netCDF attributes hold no structure.
    """
    import h5netcdf

    with h5netcdf.File(path, "w") as file:
        file.attrs["facts"] = json.dumps(facts, sort_keys=True)
        file.attrs["parameters"] = json.dumps(layout.labels())
        for name, fit in fits.items():
            group = file.create_group(name)
            group.dimensions = dict(zip(("chain", "draw", "parameter"), fit.z.shape, strict=True))
            group.create_variable("z", ("chain", "draw", "parameter"), data=fit.z)
            for flag in ("divergent", "deep"):
                values = getattr(fit, flag).astype(np.int8)
                group.create_variable(flag, ("chain", "draw"), data=values)


def read_fits_file(path: Path) -> tuple[dict[str, Draws], dict[str, Any]]:
    """Read what `write_fits` wrote: draws by hypothesis, and the facts."""
    import h5netcdf

    with h5netcdf.File(path, "r") as file:
        fits = {
            name: Draws(
                z=np.asarray(group["z"]),
                divergent=np.asarray(group["divergent"], dtype=bool),
                deep=np.asarray(group["deep"], dtype=bool),
            )
            for name, group in file.groups.items()
        }
        return fits, json.loads(file.attrs["facts"])

"""Draws on disk: one group a hypothesis, so that other commands answer without fitting again."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from drawdown.inference.bridge import Evidence
from drawdown.inference.fitted import Fitted
from drawdown.inference.sample import Draws
from drawdown.model.layout import Layout

FLAGS = ("divergent", "deep")
DIAGNOSTICS = ("rhat", "ess")


def write_fits(path: Path, fits: Mapping[str, Fitted], layout: Layout, facts: dict[str, Any]) -> None:
    """Write what sampling every hypothesis gave, as netCDF-4.

    Parameters
    ----------
    path : Path
    fits : dict of Fitted, by hypothesis
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
            group.attrs["log_evidence"] = fit.evidence.log
            group.attrs["log_evidence_se"] = fit.evidence.se
            z = fit.draws.z
            group.dimensions = dict(zip(("chain", "draw", "parameter"), z.shape, strict=True))
            group.create_variable("z", ("chain", "draw", "parameter"), data=z)
            for flag in FLAGS:
                values = getattr(fit.draws, flag).astype(np.int8)
                group.create_variable(flag, ("chain", "draw"), data=values)
            for name_ in DIAGNOSTICS:
                group.create_variable(name_, ("parameter",), data=getattr(fit, name_))


def load_facts(path: Path) -> dict[str, Any]:
    """Read what identifies the run of a file that `write_fits` wrote, and none of its draws."""
    import h5netcdf

    with h5netcdf.File(path, "r") as file:
        facts: dict[str, Any] = json.loads(file.attrs["facts"])
        return facts


def load_fits(path: Path) -> tuple[dict[str, Fitted], dict[str, Any]]:
    """Read what `write_fits` wrote: fits by hypothesis, and the facts."""
    import h5netcdf

    with h5netcdf.File(path, "r") as file:
        fits = {
            name: Fitted(
                draws=Draws(
                    z=np.asarray(group["z"]),
                    **{flag: np.asarray(group[flag], dtype=bool) for flag in FLAGS},
                ),
                evidence=Evidence(
                    float(group.attrs["log_evidence"]), float(group.attrs["log_evidence_se"])
                ),
                **{name_: np.asarray(group[name_]) for name_ in DIAGNOSTICS},
            )
            for name, group in file.groups.items()
        }
        return fits, json.loads(file.attrs["facts"])

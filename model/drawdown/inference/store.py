"""Draws on disk: one group a hypothesis, so that other commands answer without fitting again."""

import hashlib
import io
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
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

    # in memory first: on a disk that is full the library ends the process, not the writing
    held = io.BytesIO()
    with h5netcdf.File(held, "w") as file:
        file.attrs["digest"] = digest(fits)
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
    # a copy: a view of the buffer that outlives a failed write crashes Python
    path.write_bytes(held.getvalue())


def load_facts(path: Path) -> dict[str, Any]:
    """Read what identifies the run of a file that `write_fits` wrote, and none of its draws.

    Raises
    ------
    OSError
        If the file is damaged.
    """
    with _opened(path) as file:
        return _facts(file)


def load_fits(path: Path) -> tuple[dict[str, Fitted], dict[str, Any]]:
    """Read what `write_fits` wrote: fits by hypothesis, and the facts.

    Raises
    ------
    OSError
        If the file is damaged; numbers of which a bit is wrong look like any others.
    """
    with _opened(path) as file:
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
        if digest(fits) != file.attrs["digest"]:
            raise OSError(f"{path}: the draws are not those that were written")
        return fits, _facts(file)


def _facts(file: Any) -> dict[str, Any]:
    facts = json.loads(file.attrs["facts"])
    if not isinstance(facts, dict):
        raise TypeError("no facts")
    return facts


def digest(fits: Mapping[str, Fitted]) -> str:
    """Hash of every number of the fits."""
    found = hashlib.sha256()
    for name, fit in sorted(fits.items()):
        numbers = np.array([fit.evidence.log, fit.evidence.se])
        flags = [getattr(fit.draws, flag).astype(np.int8) for flag in FLAGS]
        for part in (fit.draws.z, *flags, *(getattr(fit, d) for d in DIAGNOSTICS), numbers):
            found.update(f"{name} {part.shape}".encode() + np.ascontiguousarray(part).tobytes())
    return found.hexdigest()


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """Open a file of draws; whatever is wrong with it is an error of the system, and has its name."""
    import h5netcdf

    try:
        with h5netcdf.File(path, "r") as file:
            yield file
    except OSError:
        raise
    except Exception as error:  # the libraries raise whatever a damaged file made them stumble over
        raise OSError(f"{path}: damaged ({type(error).__name__}: {error})") from error

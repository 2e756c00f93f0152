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
from drawdown.inference.gate import Health
from drawdown.model.layout import Layout

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
            group.attrs["worth"] = fit.worth
            group.attrs["divergent"] = fit.health.divergent
            group.attrs["deep"] = fit.health.deep
            group.dimensions = dict(zip(("draw", "parameter"), fit.draws.shape, strict=True))
            group.create_variable("z", ("draw", "parameter"), data=fit.draws)
            for name_ in DIAGNOSTICS:
                group.create_variable(name_, ("parameter",), data=getattr(fit.health, name_))
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
        fits = {name: _fit(group) for name, group in file.groups.items()}
        if digest(fits) != file.attrs["digest"]:
            raise OSError(f"{path}: the draws are not those that were written")
        return fits, _facts(file)


def _fit(group: Any) -> Fitted:
    seen = {name: np.asarray(group[name]) for name in DIAGNOSTICS}
    log, se, worth, deep = (
        float(group.attrs[name]) for name in ("log_evidence", "log_evidence_se", "worth", "deep")
    )
    health = Health(**seen, divergent=int(group.attrs["divergent"]), deep=deep)
    return Fitted(np.asarray(group["z"]), Evidence(log, se), worth, health)


def _facts(file: Any) -> dict[str, Any]:
    facts = json.loads(file.attrs["facts"])
    if not isinstance(facts, dict):
        raise TypeError("no facts")
    return facts


def digest(fits: Mapping[str, Fitted]) -> str:
    """Hash of every number of the fits."""
    found = hashlib.sha256()
    for name, fit in sorted(fits.items()):
        health = fit.health
        numbers = [fit.evidence.log, fit.evidence.se, fit.worth, health.divergent, health.deep]
        for part in (fit.draws, *(getattr(health, d) for d in DIAGNOSTICS), np.array(numbers, float)):
            found.update(f"{name} {part.shape}".encode() + np.ascontiguousarray(part).tobytes())
    return found.hexdigest()


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """Open a file of draws; whatever is wrong with it is an error of the system, and has its name."""
    import h5netcdf
    import h5py

    try:
        # opened by the lower library: the other complains on standard error of what it could not open
        with h5py.File(path, "r") as raw, h5netcdf.File(raw, "r") as file:
            yield file
    except OSError:
        raise
    except Exception as error:  # the libraries raise whatever a damaged file made them stumble over
        raise OSError(f"{path}: damaged ({type(error).__name__}: {error})") from error

"""Assessments read back from their draws, so that other commands answer without fitting again."""

import hashlib
from datetime import date
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from drawdown.answers.assess import Assessment, Question, assemble
from drawdown.files.view import known, row_sha
from drawdown.inference.store import load_facts, load_fits, write_fits
from drawdown.whole import apart

FITS = "fits.nc"
SHOWING = ("report", "cli")
"""Rooms in which no number is made: another word on a page leaves draws and series as good as before."""


def identity(q: Question) -> dict[str, Any]:
    """Everything that draws depend on; the `provenance` of `assessment.json`."""
    return {
        "evidence_sha256": q.view.sha256,
        "priors_sha256": q.priors.sha256,
        "code_version": code_version(),
        "seed": q.seed,
    }


@cache
def code_version() -> str:
    """Package version and a hash of the sources that make numbers: a commit's name, without a circle."""
    root = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        name = path.relative_to(root)
        if name.parts[0] not in SHOWING:
            digest.update(name.as_posix().encode() + path.read_bytes())
    return f"{version('drawdown')}+{digest.hexdigest()[:12]}"


def store(a: Assessment, folder: Path, *, quick: bool) -> None:
    """Write the draws of an assessment into a folder."""
    keep(a, folder / FITS, quick=quick)


def keep(a: Assessment, path: Path, *, quick: bool) -> None:
    """Write the draws of an assessment: apart, then moved into place."""
    q = a.question
    rows = sorted(row_sha(report) for report in known(q.case, q.view.as_of))
    facts = identity(q) | {"as_of": q.view.as_of.isoformat(), "quick": quick, "rows": rows}
    with apart(path) as new:
        write_fits(new, a.fits, q.layout, facts)


def report_folder(q: Question, as_of: date | None, quick: bool) -> Path:
    """Folder of a run: the date, then overlays, seed and `quick`."""
    name = [as_of.isoformat() if as_of else "latest", *q.priors.names]
    name += [f"seed{q.seed}"] if q.seed != 1 else []
    name += ["quick"] if quick else []
    return Path("reports") / q.case.slug / "+".join(name)


def stored(q: Question, folder: Path) -> Assessment | None:
    """Read the assessment of a question back, or None where the draws in a folder answer another.

    Raises
    ------
    OSError
        If there is a file of draws and it cannot be read.
    """
    return kept(q, folder / FITS)


def kept(q: Question, path: Path) -> Assessment | None:
    """Read the assessment of a question back from a file of draws; see `stored`."""
    if not path.is_file():
        return None
    facts = load_facts(path)
    if any(facts.get(key) != value for key, value in identity(q).items()):
        return None
    fitted, facts = load_fits(path)
    return assemble(q, fitted, quick=bool(facts["quick"]))


def rows_seen(folder: Path) -> list[str] | None:
    """Hashes of the rows that the run of a folder knew; None where its draws are not there."""
    path = folder / FITS
    if not path.is_file():
        return None
    try:
        found = load_facts(path).get("rows")
    except OSError:
        # draws can be made again: a damaged file is none
        return None
    return found if isinstance(found, list) else None

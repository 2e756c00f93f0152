"""The assessment that a question about a question starts from: stored draws, or a fit that is kept."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

from drawdown.answers.assess import Assessment, Question, assess
from drawdown.answers.stored import FITS, identity, keep, kept, report_folder
from drawdown.errors import FitError
from drawdown.files.run import read_json
from drawdown.inference.gate import failures

Progress = Callable[[str], None]
DRAWS = ".draws"
"""Folder, beside the reports of a case and not tracked, of draws that belong to no report."""


def base_assessment(
    q: Question,
    as_of: date | None,
    *,
    quick: bool = False,
    fitting: Callable[[], None] = lambda: None,
    progress: Progress = lambda _: None,
) -> Assessment:
    """Read the assessment of a question from its stored draws, or fit it and keep the draws.

    Parameters
    ----------
    q : Question
    as_of : date or None
        As it was asked for; it names the folder of the report.
    quick : bool
        Whether few draws will do.
    fitting : callable
        Told once that no stored draws answer the question.

    Raises
    ------
    FitError
        If the fit failed its checks, stored or new; a new one is then not kept.
    """
    folders = _folders(q, as_of, quick)
    spare = _spare(q, quick)
    for path in (*(folder / FITS for folder in folders), *dict.fromkeys((_spare(q, False), spare))):
        found = _read(q, path)
        if found is not None:
            return _passed(found)
    fitting()
    a = _passed(assess(q, quick=quick, progress=progress))
    # beside a report only if it is of these very inputs: draws and pages of one folder are one run
    home = next((f / FITS for f in _folders(q, as_of, False) if _reports(q, f) and not quick), spare)
    keep(a, home, quick=quick)
    return a


def _folders(q: Question, as_of: date | None, quick: bool) -> list[Path]:
    """Report folders that may hold the draws, full runs first."""
    dates = dict.fromkeys((as_of, q.view.as_of, None))
    sizes = (False, True) if quick else (False,)
    return [report_folder(q, day, fewer) for fewer in sizes for day in dates]


def _spare(q: Question, quick: bool) -> Path:
    folder = report_folder(q, q.view.as_of, quick)
    return folder.parent / DRAWS / f"{folder.name}.nc"


def _read(q: Question, path: Path) -> Assessment | None:
    try:
        return kept(q, path)
    except OSError:
        # a file cut short is no file: it is written again
        return None


def _reports(q: Question, folder: Path) -> bool:
    """Whether a folder holds the report of a question."""
    try:
        found = read_json(folder / "assessment.json")
    except (OSError, ValueError):
        return False
    return isinstance(found, dict) and found.get("provenance") == identity(q)


def _passed(a: Assessment) -> Assessment:
    if not a.passed:
        raise FitError(failures(a.readings))
    return a

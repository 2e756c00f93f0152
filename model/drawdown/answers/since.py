"""What an answer is compared with: an earlier run of the same case, or an earlier day of its log."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from drawdown.answers.assess import Question, ask
from drawdown.answers.stored import code_version, rows_seen
from drawdown.errors import InputError, Problem
from drawdown.files.edits import restore_priors
from drawdown.files.priors import Priors
from drawdown.files.reports import Report
from drawdown.files.run import read_json
from drawdown.files.run import read_run as files_run
from drawdown.files.view import known, published_before, row_sha, view
from drawdown.outcomes import OUTCOMES

CODE, CASE, GONE, JUDGED = "the code", "the case file", "rows edited or removed", "the priors"


@dataclass(frozen=True)
class Earlier:
    """An earlier state of what was known and judged.

    Attributes
    ----------
    as_of : date
    rows : tuple of Report
        Rows known then, reposts too, as they stand in the log now.
    priors : Priors
        Those of then, or those of now if nothing says that they were others.
    folder : Path or None
        Of the run; None if there is none.
    printed : dims (outcome,), or None
        What the run said.
    unlike : tuple of str
        Why the present code and files cannot give the run's numbers again.
    """

    as_of: date
    rows: tuple[Report, ...]
    priors: Priors
    folder: Path | None = None
    printed: np.ndarray | None = None
    unlike: tuple[str, ...] = ()

    def question(self, q: Question) -> Question:
        """Ask what was asked then, with the seed of now."""
        return ask(replace(q.case, reports=self.rows), self.priors, self.as_of, q.seed)


@dataclass(frozen=True)
class Run:
    """What the folder of a run says of itself."""

    folder: Path
    summary: dict[str, Any]

    @property
    def as_of(self) -> date:
        """Day of the assessment."""
        return date.fromisoformat(self.summary["as_of"])

    @property
    def change(self) -> dict[str, Any]:
        """Its `change`; nothing where that is not as it was written."""
        found: Any = self.summary.get("change")
        try:
            date.fromisoformat(found["since"])
            whole = [set(row["delta_probability"]) == set(OUTCOMES) for row in found["rows"]]
            whole.append(set(found["before"]) == set(OUTCOMES))
        except (KeyError, TypeError, ValueError):
            return {}
        told: dict[str, Any] = found if all(whole) else {}
        return told

    def answers(self, q: Question) -> bool:
        """Whether the run answers a question, by whatever code and seed."""
        own = self.summary["provenance"]
        same = own["evidence_sha256"], own["priors_sha256"]
        return same == (q.view.sha256, q.priors.sha256) and self.as_of == q.view.as_of

    def is_of(self, identity: dict[str, Any]) -> bool:
        """Whether the run has these inputs, code and seed."""
        return bool(self.summary["provenance"] == identity)


def read_run(folder: Path, case: str) -> Run | None:
    """Read the run of a folder; None where there is none of this case that passed."""
    try:
        # whatever is wrong with it, it is no run to compare with
        files_run(folder, case)
        summary = read_json(folder / "assessment.json")
        return Run(folder, summary) if summary["diagnostics"]["passed"] else None
    except (InputError, OSError, ValueError, KeyError, TypeError):
        return None


def check_since(q: Question, since: date) -> None:
    """Refuse a day that the answer cannot be compared with.

    Raises
    ------
    InputError
    """
    if not q.case.trigger <= since <= q.view.as_of:
        expected = f"a day from the trigger {q.case.trigger} to the assessment {q.view.as_of}"
        raise InputError([Problem("--since", 0, 0, f"`{since}`", expected)])


def find_earlier(
    q: Question, replaced: Run | None, dated: Callable[[date], Path], since: date | None = None
) -> Earlier | None:
    """Find what to compare with.

    On the day that is asked for; else the run that this one replaces, if it answered another question;
    else the day to which that run was compared; else the last day before on which something was
    published. A run of that day is taken if there is one.

    Parameters
    ----------
    q : Question
    replaced : Run or None
    dated : callable
        Gives the folder that the run of a day has.
    since : date, optional
        Stated by the forecaster.

    Returns
    -------
    Earlier or None
        None on the day of the trigger.
    """
    if since is None and replaced is not None and replaced.as_of <= q.view.as_of:
        if not replaced.answers(q):
            return as_run(q, replaced)
        said = replaced.change.get("since")
        since = date.fromisoformat(said) if said else None
        since = None if since == q.view.as_of else since
    since = since or published_before(q.case, q.view.as_of)
    if since is None:
        return None
    run = read_run(dated(since), q.case.slug)
    if run is not None and run.as_of == since:
        return as_run(q, run)
    return Earlier(since, tuple(known(q.case, since)), q.priors)


def as_run(q: Question, run: Run) -> Earlier:
    """What a run knew and by what it judged, as far as its folder and the present files tell."""
    own = run.summary["provenance"]
    rows, unlike = tuple(known(q.case, run.as_of)), []
    if view(q.case, run.as_of).sha256 != own["evidence_sha256"]:
        rows, why = _rows(q, run)
        unlike.append(why) if why else None
    priors = q.priors
    if own["priors_sha256"] != q.priors.sha256:
        try:
            priors = _judged_then(q, run.folder / "priors.yaml")
        except InputError:
            unlike.append(JUDGED)
    if own["code_version"] != code_version():
        unlike.append(CODE)
    printed = np.array([run.summary["outcomes"][o]["probability"] for o in OUTCOMES])
    return Earlier(run.as_of, rows, priors, run.folder, printed, tuple(unlike))


def _judged_then(q: Question, file: Path) -> Priors:
    """The priors of a run, with the indicators that have come since: their reports are new, too."""
    then = restore_priors(file)
    added = [f"indicators.{name}" for name in q.priors.indicators if name not in then.indicators]
    if not added:
        return then
    with tempfile.TemporaryDirectory() as folder:
        now = Path(folder) / "priors.yaml"
        now.write_text(q.priors.resolved_yaml(), encoding="utf-8")
        return restore_priors(file, now, added)


def _rows(q: Question, run: Run) -> tuple[tuple[Report, ...], str]:
    """Rows of the present log that a run knew, and what keeps them from being all that it knew."""
    now = tuple(known(q.case, run.as_of))
    seen = rows_seen(run.folder)
    if seen is None:
        return now, GONE
    rows = tuple(r for r in now if row_sha(r) in seen)
    if len(rows) < len(seen):
        return rows, GONE
    then = view(replace(q.case, reports=rows), run.as_of).sha256
    return rows, "" if then == run.summary["provenance"]["evidence_sha256"] else CASE

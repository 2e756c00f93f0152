"""From an assessment, or from what a person says, to a line on the record."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from drawdown.errors import FitError, InputError, Problem
from drawdown.files.case import Case
from drawdown.files.issued import MODEL, Line, append, issued_file, name_fault
from drawdown.files.run import NEWEST, Run, find_run
from drawdown.files.said import read_said
from drawdown.files.text import shown_name
from drawdown.files.view import view


@dataclass(frozen=True)
class Issue:
    """A line, the file it belongs to, whether it was added, and what its author should know."""

    line: Line
    file: Path
    added: bool
    warnings: tuple[str, ...]


def issue(
    case: Case,
    *,
    by: str | None = None,
    say: str | None = None,
    as_of: date | None = None,
    named: str | None = None,
    now: datetime | None = None,
) -> Issue:
    """Put on record what the model says of a case, or what a person says beside it.

    Parameters
    ----------
    by : str, optional
        Who issues; the model by default. Needed with `say`.
    say : str, optional
        Probabilities of a person, such as `full=20%,partial=55%,retained=25%`.
    as_of, named
        Which run is meant, as for `find_run`.
    now : datetime, optional
        The time of issue.

    Raises
    ------
    InputError
        If something is wrong; nothing is written.
    FitError
        If the report is not for citation.
    """
    now = (now or datetime.now(UTC)).replace(microsecond=0)
    said = _check_words(by, say)
    run = find_run(case.slug, as_of, named)
    if run is None and said is None:
        of_date = f" as of {as_of}" if as_of else ""
        wrong, expected = f"no assessment of {case.slug}{of_date}", "one to issue: drawdown assess"
        raise InputError([Problem(shown_name(case.folder), 0, 0, wrong, expected)])
    if run is not None:
        _check_run(run, case)
    day = run.as_of if run else as_of or now.date()
    # the day begins earlier in the east than in UTC
    if not case.trigger <= day <= max(now.date() + timedelta(days=1), case.trigger):
        expected = f"a day from the trigger {case.trigger} to today"
        raise InputError([Problem("--as-of", 0, 0, f"`{day}`", expected)])
    line = _line(now, by or MODEL, day, case.horizon, said, run)
    file = issued_file(case.slug)
    added = append(file, line)
    if added is None:
        return Issue(line, file, False, ())
    return Issue(added, file, True, _warnings(added, case, run))


def _check_words(by: str | None, say: str | None) -> dict[str, float] | None:
    problems: list[Problem] = []
    said = read_said(say, problems) if say is not None else None
    if by is not None and (fault := name_fault(by)):
        problems.append(Problem("--by", 0, 0, *fault))
    if said is not None and by is None:
        problems.append(Problem("--by", 0, 0, "nobody is named", "who says this, with --say"))
    if said is not None and by is not None and by.lower() == MODEL:
        wrong = f"`{by}` is the name of the model's own lines"
        problems.append(Problem("--by", 0, 0, wrong, "another name, with --say"))
    if problems:
        raise InputError(problems)
    return said


def _check_run(run: Run, case: Case) -> None:
    shown = shown_name(run.folder)
    if not run.passed:
        raise FitError(f"{shown} is not for citation: its fit failed its checks; nothing is issued")
    if run.horizon != case.horizon:
        wrong = f"is about {run.horizon}, and the horizon of the case is {case.horizon}"
        raise InputError([Problem(shown, 0, 0, wrong, "a report on that day: drawdown assess")])


def _line(
    now: datetime, by: str, day: date, horizon: date, said: dict[str, float] | None, run: Run | None
) -> Line:
    if run is None:
        return Line(now, by, day, horizon, said or {})
    return Line(
        issued=now,
        by=by,
        as_of=day,
        horizon=horizon,
        stated=said or run.stated,
        model=run.stated,
        run=run.name,
        evidence_sha256=run.evidence_sha256,
        priors_sha256=run.priors_sha256,
        code_version=run.code_version,
        seed=str(run.seed),
    )


def _warnings(line: Line, case: Case, run: Run | None) -> tuple[str, ...]:
    out = []
    if run is None:
        out.append("no assessment stands beside it: the model's columns are blank")
    elif _is_stale(run, case):
        out.append(f"the reports of the case have changed since {run.name} was written")
    if {0.0, 1.0} & set(line.stated.values()):
        out.append("a probability of 0 or 1: the log score is infinite if it turns out wrong")
    if line.issued.date() > case.horizon:
        out.append(f"issued after the horizon {case.horizon}: scored apart, in no average of forecasts")
    return tuple(out)


def _is_stale(run: Run, case: Case) -> bool:
    newest = view(case) if run.name.split("+")[0] == NEWEST else view(case, run.as_of)
    return newest.sha256 != run.evidence_sha256

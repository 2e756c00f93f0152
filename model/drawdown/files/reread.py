"""Reports read otherwise for once: another count, another grade, or an origin left out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from drawdown.errors import Problem, did_you_mean
from drawdown.files.case import Case
from drawdown.files.priors import GRADE, Priors
from drawdown.files.reports import Report
from drawdown.files.setting import Setting
from drawdown.files.table import Cell, read_observed

FIELDS = ("observed", "grade")
MOST_LISTED = 6


@dataclass(frozen=True)
class Reread:
    """Reports with some of them read otherwise.

    Attributes
    ----------
    reports : tuple of Report
        All of them, in the order given.
    said, becomes : str
        Of those that were named.
    note : str
        Why it may say nothing.
    """

    reports: tuple[Report, ...]
    said: str
    becomes: str
    note: str


def reread(
    seen: Sequence[Report], setting: Setting, case: Case, priors: Priors, problems: list[Problem]
) -> Reread:
    """Apply `reports.<line, x_id or origin>.observed` or `.grade`.

    Parameters
    ----------
    seen : sequence of Report
        What is known as of the date.
    setting : Setting
    case : Case
        All its rows: a repost names the fact that it repeats.
    priors : Priors
    problems : list of Problem
        Grows by what is wrong.
    """
    nothing = Reread(tuple(seen), "", "", "")
    field, key = setting.path[-1], ".".join(setting.path[1:-1])
    if field not in FIELDS or not key:
        expected = "`reports.<line, x_id or origin>.observed` or `.grade`"
        problems.append(setting.problem(f"`{setting.name}`", expected, did_you_mean(field, FIELDS)))
        return nothing
    facts = {r.fact for r in case.reports if key in (str(r.line), r.extra.get("x_id"), r.origin)}
    named = [r for r in seen if r.fact in facts]
    if not named:
        problems.append(_unknown(setting, key, bool(facts), case))
        return nothing
    if field == "observed" and len(named) > 1:
        problems.append(
            setting.problem(
                f"`{key}` has {len(named)} reports: {_rows(named)}", "the line of one of them"
            )
        )
        return nothing
    change = _observed if field == "observed" else _graded
    values = change(setting, named, priors, problems)
    if not values:
        return nothing
    by_id = {id(report): replace(report, **values) for report in named}
    return Reread(
        reports=tuple(by_id.get(id(report), report) for report in seen),
        said=", ".join(sorted({getattr(r, field) for r in named})),
        becomes=setting.value + (f" ({len(named)} reports)" if len(named) > 1 else ""),
        note=_note(named, field, priors),
    )


def check_origins(seen: Sequence[Report], origins: Sequence[str], case: Case) -> list[Problem]:
    """Say which of the origins to leave out are not there."""
    known = {r.origin for r in seen}
    out = []
    for origin in origins:
        if origin in known:
            continue
        if any(r.origin == origin for r in case.reports):
            wrong, expected = f"`{origin}` is not known yet on the date", "an origin published by then"
            out.append(Problem("--without", 0, 0, wrong, expected))
        else:
            hint = did_you_mean(origin, known)
            out.append(
                Problem("--without", 0, 0, f"unknown origin `{origin}`", "one of reports.csv", hint)
            )
    return out


def _observed(
    setting: Setting, named: list[Report], priors: Priors, problems: list[Problem]
) -> dict[str, Any]:
    before = len(problems)
    cell = Cell(setting.value, f"--set {setting.name}", 0, 0)
    low, high = read_observed(cell, problems)
    intent = priors.indicators[named[0].indicator].tracks == "intent"
    if len(problems) == before and intent and setting.value not in ("yes", "no"):
        problems.append(
            cell.problem(f"`{setting.value}` of something that is said or not", "`yes` or `no`")
        )
    return {} if len(problems) > before else {"observed": setting.value, "lo": low, "hi": high}


def _graded(
    setting: Setting, named: list[Report], priors: Priors, problems: list[Problem]
) -> dict[str, Any]:
    grade = setting.value
    if GRADE.fullmatch(grade):
        return {"grade": grade}
    hint = f"`{grade.upper()}`" if GRADE.fullmatch(grade.upper()) else ""
    problems.append(setting.problem(f"grade `{grade}`", "A1 to F6", hint))
    return {}


def _unknown(setting: Setting, key: str, later: bool, case: Case) -> Problem:
    if later:
        return setting.problem(f"`{key}` is not known yet on the date", "a report published by then")
    names = {r.origin for r in case.reports} | {r.extra.get("x_id", "") for r in case.reports}
    hint = did_you_mean(key, names - {""})
    return setting.problem(f"no report `{key}`", "a line of reports.csv, an x_id or an origin", hint)


def _rows(named: list[Report]) -> str:
    rows = [f"line {r.line} ({r.site}, {r.indicator}, {r.date}, `{r.observed}`)" for r in named]
    more = [f"and {len(rows) - MOST_LISTED} more"] if len(rows) > MOST_LISTED else []
    return ", ".join([*rows[:MOST_LISTED], *more])


def _note(named: list[Report], field: str, priors: Priors) -> str:
    """Why a change has no effect, where it has none."""
    reasons = {r.reason for r in named if not r.modelled}
    if len(reasons) and not any(r.modelled for r in named):
        return f"not in the model: {', '.join(sorted(reasons))}"
    collectors = {r.collector for r in named} & set(priors.sources)
    if field == "grade" and collectors:
        return f"graded by `sources`, which overrules it: {', '.join(sorted(collectors))}"
    return ""

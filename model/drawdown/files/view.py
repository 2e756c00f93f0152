"""What could be known of a case on a day. No other module filters by date."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from drawdown.errors import InputError, Problem
from drawdown.files.case import Case, Fact, Gate
from drawdown.files.reports import Report

SHOWN_ONLY = ("line", "extra")
"""Of a report, what no answer may depend on."""
FACTS = ("name", "force", "host", "trigger", "horizon", "sites")
"""Of a case, what is known from the trigger on."""


@dataclass(frozen=True)
class View:
    """A case as of a date.

    Attributes
    ----------
    day : int
        Days since the trigger.
    reports : tuple of Report
        Distinct facts published by the date, in an order that does not depend on the file's.
    reposts : dict
        Line of a report to the number of rows folded into it.
    gates : tuple of Gate
        Those known, none ending later than the date.
    context : dict
        Facts known.
    sha256 : str
        Hash of all that can influence an answer or be shown with it.
    """

    case: Case
    as_of: date
    day: int
    reports: tuple[Report, ...]
    reposts: dict[int, int]
    gates: tuple[Gate, ...]
    context: dict[str, Fact]
    sha256: str


def view(case: Case, as_of: date | None = None) -> View:
    """See a case as of a date.

    Parameters
    ----------
    case : Case
    as_of : date, optional
        By default the last publication up to the horizon; the trigger if there is none.

    Raises
    ------
    InputError
        If the date is before the trigger or after the horizon.
    """
    if as_of is None:
        as_of = _last_publication(case)
    if not case.trigger <= as_of <= case.horizon:
        expected = f"a day from the trigger {case.trigger} to the horizon {case.horizon}"
        raise InputError([Problem("--as-of", 0, 0, f"`{as_of}`", expected)])
    reports, reposts = fold(known(case, as_of))
    gates = tuple(
        # when a gate that is shut will open is not known while it is shut
        replace(gate, end=min(gate.end, as_of))
        for gate in sorted(case.blocked, key=lambda g: (g.start, g.site, g.leaves, g.end, g.why))
        if gate.published <= as_of and gate.start <= as_of
    )
    context = {n: f for n, f in sorted(case.context.items()) if f.published <= as_of}
    return View(
        case=case,
        as_of=as_of,
        day=(as_of - case.trigger).days,
        reports=reports,
        reposts=reposts,
        gates=gates,
        context=context,
        sha256=_sha256(case, as_of, reports, gates, context),
    )


def known(case: Case, as_of: date) -> list[Report]:
    """Every row published by a date, reposts too, in the order of the file."""
    return [r for r in case.reports if r.published <= as_of and r.until <= as_of]


def published_before(case: Case, as_of: date) -> date | None:
    """The last day before a date on which something was published; the trigger, or None on that day."""
    if as_of <= case.trigger:
        return None
    days = [r.published for r in case.reports if case.trigger < r.published < as_of]
    return max([case.trigger, *days])


def _last_publication(case: Case) -> date:
    days = [r.published for r in case.reports if r.published <= case.horizon]
    return max([case.trigger, *days])


def fold(reports: Iterable[Report]) -> tuple[tuple[Report, ...], dict[int, int]]:
    """Count each fact once: of several rows, the first that was published speaks.

    Returns
    -------
    reports, reposts
        In canonical order; the number of other rows by the line of the row that is kept.
    """
    by_fact: dict[tuple[str, ...], list[Report]] = {}
    for report in reports:
        by_fact.setdefault(report.fact, []).append(report)
    kept, reposts = [], {}
    for rows in by_fact.values():
        first = min(rows, key=_rank)
        kept.append(first)
        if len(rows) > 1:
            reposts[first.line] = len(rows) - 1
    kept.sort(key=lambda r: (r.date, r.until, r.site, r.indicator, r.origin, r.scope))
    return tuple(kept), reposts


def _rank(report: Report) -> tuple[Any, ...]:
    """Order rows of one fact: publication, grade, then text; the line only among equals."""
    text = report.flow == "", report.collector, report.publisher, report.note, report.url
    return (report.published, report.grade, *text, report.line)


def _sha256(
    case: Case,
    as_of: date,
    reports: tuple[Report, ...],
    gates: tuple[Gate, ...],
    context: dict[str, Fact],
) -> str:
    content = {
        "as_of": as_of,
        "case": {name: getattr(case, name) for name in FACTS},
        "reports": [_content(report) for report in reports],
        "gates": gates,
        "context": context,
    }
    text = json.dumps(content, default=_jsonable, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def row_sha(report: Report) -> str:
    """Hash of all that a row says, wherever it stands in the file."""
    text = json.dumps(_content(report), default=_jsonable, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _content(report: Report) -> dict[str, Any]:
    return {k: v for k, v in asdict(report).items() if k not in SHOWN_ONLY}


def _jsonable(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else asdict(value)

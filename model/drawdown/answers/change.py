"""Since last time: the move of the answer as rows that sum to it, one thing at a time."""

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from drawdown.answers.assess import Assessment, Progress, Question, assess
from drawdown.answers.retell import Teller
from drawdown.answers.since import GONE, JUDGED, Earlier
from drawdown.answers.steps import Step, steps_to
from drawdown.answers.stored import stored
from drawdown.answers.walk import Move, Walked, same_physics, walk
from drawdown.answers.weigh import weigh

MOST_ROWS = 25
"""Origins that have a row each; the smallest beyond them share one."""
MONTE_CARLO = "Monte Carlo error"
DIFFERENCE, REMAINDER = "difference", "remainder"
METHODS = ("exact", "reweighted", "refitted")
KINDS: dict[tuple[str, ...], str] = {(GONE,): "report", (JUDGED,): "priors"}
"""Of what is not as it was, where that is one thing; else `model`."""
ROUNDING = 2e-6
"""Of what a run prints."""


@dataclass(frozen=True)
class Row:
    """One part of the move.

    Attributes
    ----------
    what : str
        For a reader.
    kind : str
        `report`, `priors`, `model` or `monte_carlo`.
    origin : str
        Of a row of kind `report`, if one origin stands behind it.
    reports : int
    delta : dims (outcome,)
    method : str
        `exact`, `reweighted`, `refitted`; `difference` of two runs, or the `remainder`.
    """

    what: str
    kind: str
    origin: str
    reports: int
    delta: np.ndarray
    method: str


@dataclass(frozen=True)
class Change:
    """The move since an earlier answer; the rows sum to the present answer less `before`.

    Attributes
    ----------
    since : date
    before : dims (outcome,)
    rows : list of Row
    """

    since: date
    before: np.ndarray
    rows: list[Row]


def change(teller: Teller, earlier: Earlier, progress: Progress = lambda _: None) -> Change:
    """Explain the move from an earlier answer.

    Parameters
    ----------
    teller : Teller
        Of the present assessment.
    earlier : Earlier
    progress : callable

    Returns
    -------
    Change
        Rows in order: what keeps the earlier numbers from coming out again, edits of priors, passage
        of time, what became known by publication, Monte Carlo error.
    """
    a = teller.base
    start, steps = steps_to(a.question, earlier)
    first = _assessed(teller, start, earlier, progress)
    own = first.weighed.outcomes
    before = own if earlier.printed is None else earlier.printed
    if np.abs(own - before).max() < ROUNDING:
        before = own
    if steps:
        progress(f"Telling the steps since {earlier.as_of}")
        line = [start, *(step.question for step in steps)]
        walked = walk(line, Teller(first), teller, lambda q: Teller(_fit(teller, q, progress)))
    else:
        walked = Walked([], a.weighed.outcomes - own)
    rows, jumps = [_row(move, steps) for move in walked.moves], walked.jumps
    if earlier.unlike:
        what = f"Not as it was: {', '.join(earlier.unlike)}"
        kind = KINDS.get(earlier.unlike, "model")
        rows.insert(0, Row(what, kind, "", 0, own - before, DIFFERENCE))
    else:
        jumps = jumps + own - before
    if np.abs(jumps).max() > ROUNDING:
        rows.append(Row(MONTE_CARLO, "monte_carlo", "", 0, jumps, REMAINDER))
    return Change(earlier.as_of, before, _fewer(rows))


def _assessed(teller: Teller, start: Question, earlier: Earlier, progress: Progress) -> Assessment:
    """The earlier question's assessment: the same fits, stored ones, or new ones."""
    a = teller.base
    if same_physics(start, a.question):
        weighed = weigh(a.log_z, a.table.chance, a.prior_table.chance, start.besides)
        return replace(a, question=start, weighed=weighed)
    then, found = earlier.question(a.question), None
    if earlier.folder is not None:
        with suppress(OSError):
            found = stored(then, earlier.folder)
    found = found or _fit(teller, then, progress)
    return replace(found, question=start)


def _fit(teller: Teller, q: Question, progress: Progress) -> Assessment:
    same_shape = q.layout == teller.base.question.layout
    return assess(q, quick=True, sampler=teller.sampler if same_shape else None, progress=progress)


def _row(move: Move, steps: list[Step]) -> Row:
    """Say a move; several steps that no fit tells apart are one row."""
    own = steps[move.start : move.stop]
    first = own[0]
    if len(own) == 1:
        return Row(first.what, first.kind, first.origin, first.reports, move.delta, move.method)
    what = f"{len(own)} steps together: {first.what} ... {own[-1].what}"
    return Row(what, first.kind, "", sum(s.reports for s in own), move.delta, move.method)


def _fewer(rows: list[Row]) -> list[Row]:
    """Let the origins that move least share a row, where there are many."""
    ours = [row for row in rows if row.origin]
    if len(ours) <= MOST_ROWS:
        return rows
    ranked = sorted(ours, key=lambda row: -np.abs(row.delta).max())
    shared = {id(row) for row in ranked[MOST_ROWS - 1 :]}
    rest = [row for row in rows if id(row) in shared]
    last = max(n for n, row in enumerate(rows) if row.origin)
    method = max((row.method for row in rest), key=METHODS.index)
    delta = np.sum([row.delta for row in rest], axis=0)
    reports = sum(row.reports for row in rest)
    others = Row(f"{len(rest)} others", "report", "", reports, delta, method)
    rows = [*rows[: last + 1], others, *rows[last + 1 :]]
    return [row for row in rows if id(row) not in shared]

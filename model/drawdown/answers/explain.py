"""Why the answer moved: from the base rates by families, and since last time step by step."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from drawdown.answers.assess import Progress, Question
from drawdown.answers.change import Change, change
from drawdown.answers.coalitions import Strength
from drawdown.answers.families import Family, families
from drawdown.answers.retell import Teller
from drawdown.answers.since import find_earlier, read_run
from drawdown.answers.stored import identity
from drawdown.outcomes import OUTCOMES


def explain(
    teller: Teller,
    target: Path,
    dated: Callable[[date], Path],
    since: date | None,
    progress: Progress = lambda _: None,
) -> dict[str, Any]:
    """Say why the answer moved: `families`, `change`, and `left_out` for the controls of the page.

    The same run made again keeps the change that it had, though the run before it is gone.

    Parameters
    ----------
    teller : Teller
        Of the present assessment.
    target : path
        Folder of the report; what is there is the run that this one replaces.
    dated : callable
        Gives the folder that the run of a day has.
    since : date, optional
        Day of the earlier answer.
    """
    q = teller.base.question
    found = families(teller, progress)
    out: dict[str, Any] = {
        "families": [_family(f) for f in found.shares],
        "left_out": {name: _left_out(s, q) for name, s in found.without.items()},
    }
    replaced = read_run(target, q.case.slug)
    again = replaced is not None and replaced.is_of(identity(q))
    if since is None and replaced is not None and again and replaced.change.get("since"):
        return out | {"change": replaced.change}
    earlier = find_earlier(q, replaced, dated, since)
    if earlier is None:
        return out
    return out | {"change": _change(change(teller, earlier, progress))}


def _left_out(strength: Strength, q: Question) -> dict[str, Any]:
    """What the controls of the page weigh where a family is left out."""
    return {
        "log_z": list(map(float, strength.log_z)),
        "table": [list(map(float, row)) for row in strength.now.chance],
        "log_politics": list(map(float, q.log_politics)),
    }


def _family(family: Family) -> dict[str, Any]:
    return {
        "family": family.family,
        "reports": family.reports,
        "delta_log_odds": _by_outcome(family.log_odds),
        "method": family.method,
    }


def _change(found: Change) -> dict[str, Any]:
    rows = []
    for row in found.rows:
        said: dict[str, Any] = {"what": row.what, "kind": row.kind}
        if row.origin:
            said["origin"] = row.origin
        if row.kind == "report":
            said["reports"] = row.reports
        rows.append(said | {"delta_probability": _by_outcome(row.delta), "method": row.method})
    return {"since": found.since.isoformat(), "before": _by_outcome(found.before), "rows": rows}


def _by_outcome(values: np.ndarray) -> dict[str, float]:
    return dict(zip(OUTCOMES, map(float, values), strict=True))

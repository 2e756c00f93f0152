"""The course up to an assessment, from a series that was replayed with the same judgements and code."""

from datetime import date
from typing import Any

from drawdown.answers.assess import Question
from drawdown.answers.course import largest_movers
from drawdown.answers.replay import series_folder
from drawdown.answers.stored import code_version
from drawdown.files.run import read_json
from drawdown.files.view import view
from drawdown.outcomes import OUTCOMES

Record = dict[str, Any]


def so_far(q: Question) -> Record:
    """Read the course up to the date of a question.

    Returns
    -------
    dict
        `course`, with `rows` (as_of and the outcomes) and `movers` (as_of and what); empty where there
        is no series, or where it was made from other priors, code, seed or evidence.
    """
    folder = series_folder(q.case, q.priors, q.seed)
    try:
        record = read_json(folder / "replay.json")
        rows = [d for d in record["dates"] if date.fromisoformat(d["as_of"]) < q.view.as_of]
        ours = {"priors_sha256": q.priors.sha256, "code_version": code_version(), "seed": q.seed}
        same = all(record[key] == value for key, value in ours.items()) and all(
            d["evidence_sha256"] == view(q.case, date.fromisoformat(d["as_of"])).sha256 for d in rows
        )
        if not same or not rows or not all(d["passed"] for d in rows):
            return {}
        movers = [{"as_of": m["as_of"], "what": _what(m)} for m in largest_movers(rows)]
        told = [{"as_of": d["as_of"]} | _chances(d) for d in rows]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        # a damaged series is none: it is an ornament of the report, and can be made again
        return {}
    return {"course": {"rows": told, "movers": movers}}


def _chances(d: Record) -> dict[str, float]:
    return {o: float(d["outcomes"][o]) for o in OUTCOMES}


def _what(mover: Record) -> str:
    full = 100 * mover["delta_probability"]["full_exit"]
    return f"{mover['collector']}, {mover['date']}: {full:+.0f} points on a full exit, given the rest"

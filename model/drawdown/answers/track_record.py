"""How often this was right: what was issued of a case, and the scores on past episodes left out."""

import json
from pathlib import Path
from typing import Any

from drawdown.answers.assess import Question
from drawdown.errors import InputError
from drawdown.files.issued import issued_file, read_issued

SCORES = Path("reports") / "reference-class" / "score.json"
"""Written by `make score`."""


def track_record(q: Question) -> dict[str, Any]:
    """Return the record that may be told as of the date of a question.

    Whether a case came out as was issued is read by `score` alone: an assessment knows how many lines
    there are, and not how good they were.

    Returns
    -------
    dict
        `record`: `issued`, number of lines as of this date or before; and `past`, None unless `make
        score` scored the very episodes that the learned priors were learned from.
    """
    return {"record": {"issued": _issued(q), "past": _past(q.priors.reference_sha256)}}


def _issued(q: Question) -> int:
    try:
        lines = read_issued(issued_file(q.case.slug))
    except InputError:
        # `issue` and `score` say what is wrong with it; a report does not hang on it
        return 0
    return sum(line.as_of <= q.view.as_of for line in lines)


def _past(reference_sha256: str) -> dict[str, Any] | None:
    try:
        scored = json.loads(SCORES.read_text(encoding="utf-8"))
        if scored["reference_sha256"] != reference_sha256:
            return None
        alone = scored["loo"]["political_alone"]
        climatology = scored["baselines"]["climatology"]["rps"]
        return {"cases": int(alone["n"]), "rps": float(alone["rps"]), "climatology": float(climatology)}
    except (OSError, ValueError, KeyError, TypeError):
        return None

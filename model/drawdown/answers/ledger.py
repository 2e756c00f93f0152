"""How good what was issued was: scores of each line, and means by name."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from drawdown.answers.scoring import NAMES, Scored, score
from drawdown.files.case import Case
from drawdown.files.issued import Line
from drawdown.files.reference import load_reference
from drawdown.model.episodes import code
from drawdown.outcomes import OUTCOMES

LATE, OTHER = "after the horizon", "for another horizon"
DAY = timedelta(days=1)
Record = dict[str, Any]


def ledger(case: Case, lines: Sequence[Line], reference: Path) -> Record:
    """Everything that `score CASE` says; without scores while the case is open.

    Parameters
    ----------
    reference : Path
        Folder of the past episodes whose shares are scored beside; read if there is anything to score.
    """
    resolved = case.resolved
    record: Record = {"case": case.slug, "resolved": None if resolved is None else _plain(resolved)}
    if resolved is None or not lines:
        told = [_told(line, case.horizon) for line in lines]
        return record | {"issued": told, "by": {}, "after_horizon": {}, "baselines": {}, "near": None}
    rates = code(load_reference(reference).episodes, ()).shares
    near = resolved["near"]
    record |= against(resolved["outcome"], lines, case.horizon, rates)
    record["near"] = {"outcome": near} | against(near, lines, case.horizon, rates) if near else None
    return record


def against(outcome: str, lines: Sequence[Line], horizon: date, rates: np.ndarray) -> Record:
    """Score lines as if the case ended so.

    Parameters
    ----------
    rates : dims (outcome,)
        Shares of the outcomes among past episodes, scored as the simplest forecast there is.

    Returns
    -------
    dict
        `issued`: each line with its scores and those of the model beside it. `by`: means by name over
        the lines issued up to the horizon. `after_horizon`: the same of later ones, which forecast
        nothing. `baselines`.
    """
    told = [_told(line, horizon) for line in lines]
    places = [i for i, line in enumerate(lines) if line.horizon == horizon]
    own = [lines[i] for i in places]
    scored = _scored([line.stated for line in own], outcome)
    model = _scored([line.model or line.stated for line in own], outcome)
    for n, i in enumerate(places):
        told[i]["scores"] = _one(scored, n)
        told[i]["model_scores"] = _one(model, n) if own[n].model else None
    late = np.array([_note(line, horizon) == LATE for line in own], dtype=bool)
    days = days_standing(own, horizon)
    climatology = _scored([dict(zip(OUTCOMES, map(float, rates), strict=True))], outcome)
    return {
        "issued": told,
        "by": _by_name(own, scored, model, ~late, days),
        "after_horizon": _by_name(own, scored, model, late, None),
        "baselines": {
            "climatology": {
                "what": "shares of the outcomes among past episodes",
                "probability": dict(zip(OUTCOMES, map(float, rates), strict=True)),
            }
            | _one(climatology, 0)
        },
    }


def days_standing(lines: Sequence[Line], horizon: date) -> np.ndarray:
    """Days for which each line stood: until the next by that name, or the end of the horizon's day."""
    end = datetime.combine(horizon + DAY, time(), UTC)
    out = []
    for n, line in enumerate(lines):
        # of two in the same second, the one that stands later in the file is the next
        later = [b.issued for m, b in enumerate(lines) if b.by == line.by and _after(m, b, n, line)]
        out.append(max(0.0, (min([end, *later]) - line.issued) / DAY))
    return np.array(out)


def _after(m: int, b: Line, n: int, a: Line) -> bool:
    return (b.issued, m) > (a.issued, n)


def _by_name(
    lines: Sequence[Line],
    scored: Scored,
    model: Scored,
    among: np.ndarray,
    days: np.ndarray | None,
) -> Record:
    """Means by name; where the model stood beside a person, both on those lines alone."""
    out: Record = {}
    for name in dict.fromkeys(line.by for line, kept in zip(lines, among, strict=True) if kept):
        own = among & np.array([line.by == name for line in lines])
        beside = own & np.array([line.model is not None for line in lines])
        out[name] = _means(scored, own, days)
        out[name]["model"] = _means(model, beside, days) if beside.any() else None
        out[name]["beside_model"] = _means(scored, beside, days) if beside.any() else None
    return out


def _means(scored: Scored, rows: np.ndarray, days: np.ndarray | None) -> Record:
    part = scored.take(rows)
    out: Record = {"n": int(rows.sum())}
    out |= {name: _number(getattr(part, name).mean()) for name in NAMES}
    if days is not None:
        out |= {"days": round(float(days[rows].sum()), 3), "by_days": _weighted(part, days[rows])}
    return out


def _weighted(part: Scored, days: np.ndarray) -> Record | None:
    """Means over the days that lines stood; None if none of them stood at all."""
    # a line that was replaced at once weighs nothing, though its score be infinite
    stood = days > 0
    if not stood.any():
        return None
    return {n: _number(np.average(getattr(part, n)[stood], weights=days[stood])) for n in NAMES}


def _scored(stated: Sequence[Mapping[str, float]], outcome: str) -> Scored:
    rows = np.array([[row[o] for o in OUTCOMES] for row in stated]).reshape(-1, len(OUTCOMES))
    rows = rows / rows.sum(axis=1, keepdims=True)
    return score(rows, np.full(len(rows), OUTCOMES.index(outcome)))


def _one(scored: Scored, row: int) -> Record:
    return {name: _number(getattr(scored, name)[row]) for name in NAMES}


def _number(value: float) -> float | None:
    """Return a score with six decimals; None where it is infinite, which JSON cannot say."""
    return round(float(value), 6) + 0.0 if np.isfinite(value) else None


def _note(line: Line, horizon: date) -> str:
    if line.horizon != horizon:
        return OTHER
    return LATE if line.issued.date() > horizon else ""


def _told(line: Line, horizon: date) -> Record:
    return {
        "line": line.line,
        "issued": line.cells()["issued"],
        "by": line.by,
        "as_of": line.as_of.isoformat(),
        "horizon": line.horizon.isoformat(),
        "probability": line.stated,
        "model": line.model,
        "run": line.run,
        "note": _note(line, horizon),
        "scores": None,
        "model_scores": None,
    }


def _plain(resolved: Mapping[str, Any]) -> Record:
    return {k: v.isoformat() if isinstance(v, date) else v for k, v in resolved.items()}

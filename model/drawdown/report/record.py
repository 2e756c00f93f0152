"""The files for machines: `assessment.json` and `posterior.csv`."""

import csv
import io
import json
import math
from collections.abc import Mapping
from typing import Any

from drawdown.answers.material import PosteriorRow
from drawdown.outcomes import OUTCOMES
from drawdown.report.numerals import SHOWN, rounded_percents

DIGITS = 6
KEYS = (
    *("case", "as_of", "horizon", "outcomes", "hypotheses", "reserve", "sites", "exit_by", "change"),
    *("families", "contributions", "sensitivity", "boundary_risk", "diagnostics", "provenance"),
)
"""Order of the contract; other keys follow as they come."""
COLUMNS = (
    *("hypothesis", "parameter", "unit", "prior_q05", "prior_q50", "prior_q95"),
    *("posterior_q05", "posterior_q50", "posterior_q95", "rhat", "ess"),
)


def _plain(value: Any) -> Any:
    """Rounded floats, lists for sequences, text for dates, outcomes in the order of the pages."""
    if isinstance(value, Mapping):
        keys = SHOWN if set(value) == set(OUTCOMES) else tuple(value)
        return {str(key): _plain(value[key]) for key in keys}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if hasattr(value, "tolist"):
        return _plain(value.tolist())
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if isinstance(value, float):
        # JSON knows no infinity; adding zero turns a rounded -0.0 into 0.0.
        return round(value, DIGITS) + 0.0 if math.isfinite(value) else None
    return value


def recorded(summary: Mapping[str, Any]) -> dict[str, Any]:
    """Put the summary in the order of the contract, with floats rounded to six decimals.

    Probabilities of the outcomes still add up to one after rounding.
    """
    ordered = [key for key in KEYS if key in summary] + [key for key in summary if key not in KEYS]
    plain = {key: _plain(summary[key]) for key in ordered}
    unit = 10**DIGITS
    exact = {outcome: summary["outcomes"][outcome]["probability"] for outcome in SHOWN}
    for outcome, part in rounded_percents(exact, unit).items():
        plain["outcomes"][outcome]["probability"] = part / unit
    return plain


def assessment_json(summary: Mapping[str, Any]) -> str:
    """Text of `assessment.json`."""
    return json.dumps(recorded(summary), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _cell(value: float) -> str:
    return f"{value:.6g}" if math.isfinite(value) else ""


def posterior_csv(rows: list[PosteriorRow]) -> str:
    """Text of `posterior.csv`."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        numbers = (*row.prior, *row.posterior, row.rhat, row.ess)
        writer.writerow(
            [row.hypothesis, row.parameter, row.unit, *(_cell(number) for number in numbers)]
        )
    return text.getvalue()

"""The reference class: past episodes with known outcomes, and what was coded of each by its cut-off."""

import hashlib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from drawdown.errors import InputError, Problem, did_you_mean
from drawdown.files.table import Cell, Row, read_date, read_table
from drawdown.files.text import SLUG, SLUG_WORDS, shown_name
from drawdown.outcomes import OUTCOMES

CASES, INDICATORS = "cases.csv", "indicators.csv"
CONFIDENCE = ("high", "medium", "low")
CASE_COLUMNS = ("case_id", "name", "outcome", "cluster", "near_settled")
MORE_CASE_COLUMNS = (
    *("force", "host", "cutoff_date", "first_sign_date", "outcome_date", "force_size_before"),
    *("force_size_after", "n_major_bases_before", "n_major_bases_after", "outcome_confidence"),
    *("outcome_rule_note", "url_outcome", "publisher"),
)
CODE_COLUMNS = ("case_id", "indicator", "coded")
MORE_CODE_COLUMNS = ("date", "note", "url")
CODES = {"1": 1, "0": 0, "NA": None}


@dataclass(frozen=True)
class Episode:
    """One past episode.

    Attributes
    ----------
    name : str
        The `case_id`.
    title, outcome, cluster, confidence : str
    near_settled : bool
        Its own side had accepted a dated exit by the cut-off.
    first_sign, ended : date or None
        First public sign, and the day on which the outcome stood.
    codes : dict
        Indicator to 1 (present) or 0 (absent) by the cut-off; what is not coded is not there.
    """

    name: str
    title: str
    outcome: str
    cluster: str
    confidence: str
    near_settled: bool
    first_sign: date | None
    ended: date | None
    codes: dict[str, int]


@dataclass(frozen=True)
class ReferenceClass:
    """Past episodes in the order of the file, the indicators, and a hash of both files."""

    episodes: tuple[Episode, ...]
    indicators: tuple[str, ...]
    sha256: str


def load_reference(folder: Path) -> ReferenceClass:
    """Read `cases.csv` and `indicators.csv`.

    Raises
    ------
    InputError
        With every problem of both files.
    """
    problems: list[Problem] = []
    cases, raw = read_table(folder / CASES, CASE_COLUMNS, MORE_CASE_COLUMNS, problems)
    codes, more = read_table(folder / INDICATORS, CODE_COLUMNS, MORE_CODE_COLUMNS, problems)
    if not cases and not problems:
        problems.append(Problem(shown_name(folder / CASES), 1, 0, "no case", "a row a case"))
    elif not codes and not problems:
        wrong, expected = "nothing coded", "a row for each indicator of a case"
        problems.append(Problem(shown_name(folder / INDICATORS), 1, 0, wrong, expected))
    _refuse_twins(cases, ("case_id",), problems)
    _refuse_twins(codes, ("case_id", "indicator"), problems)
    coded = _codes(codes, {row["case_id"].text for row in cases}, problems)
    episodes = tuple(_episode(row, coded, problems) for row in cases)
    if problems:
        raise InputError(problems)
    named = tuple(dict.fromkeys(row["indicator"].text for row in codes))
    return ReferenceClass(episodes, named, hashlib.sha256(raw + more).hexdigest())


def _refuse_twins(rows: list[Row], keys: tuple[str, ...], problems: list[Problem]) -> None:
    seen: dict[tuple[str, ...], int] = {}
    for row in rows:
        key = tuple(row[k].text for k in keys)
        if key in seen:
            wrong = f"`{' '.join(key)}` stands on line {seen[key]} already"
            problems.append(row[keys[0]].problem(wrong, "each once"))
        seen.setdefault(key, row[keys[0]].line)


def _codes(rows: list[Row], known: set[str], problems: list[Problem]) -> dict[str, dict[str, int]]:
    out: dict[str, dict[str, int]] = {}
    for row in rows:
        case, indicator, coded = row["case_id"], row["indicator"], row["coded"]
        if known and case.text not in known:
            hint = did_you_mean(case.text, known)
            problems.append(case.problem(f"unknown case `{case.text}`", f"one of {CASES}", hint))
        if not SLUG.fullmatch(indicator.text):
            problems.append(indicator.problem(f"indicator `{indicator.text}`", SLUG_WORDS))
        if coded.text not in CODES:
            problems.append(coded.problem(f"`{coded.text}`", "`1`, `0` or `NA`"))
        value = CODES.get(coded.text)
        if value is not None:
            out.setdefault(case.text, {})[indicator.text] = value
    return out


def _episode(row: Row, coded: dict[str, dict[str, int]], problems: list[Problem]) -> Episode:
    name = row["case_id"]
    if not name.text:
        problems.append(name.problem("no case_id", "a name"))
    began, ended = (_day(row.get(c), problems) for c in ("first_sign_date", "outcome_date"))
    if began is not None and ended is not None and ended < began:
        wrong = f"`{ended}` is before the first sign, `{began}`"
        problems.append(row["outcome_date"].problem(wrong, f"{began} or later"))
    return Episode(
        name=name.text,
        title=row["name"].text,
        outcome=_choice(row["outcome"], OUTCOMES, problems),
        # a case without a cluster stands alone
        cluster=row["cluster"].text or name.text,
        confidence=_confidence(row.get("outcome_confidence"), problems),
        near_settled=_choice(row["near_settled"], ("false", "true"), problems) == "true",
        first_sign=began,
        ended=ended,
        codes=coded.get(name.text, {}),
    )


def _choice(cell: Cell, choices: tuple[str, ...], problems: list[Problem]) -> str:
    if cell.text in choices:
        return cell.text
    expected = f"one of {', '.join(f'`{c}`' for c in choices)}"
    wrong = f"`{cell.text}`" if cell.text else "a blank"
    problems.append(cell.problem(wrong, expected, did_you_mean(cell.text, choices)))
    return choices[0]


def _confidence(cell: Cell | None, problems: list[Problem]) -> str:
    """Return how sure the outcome is; high where nothing is said of it."""
    return _choice(cell, CONFIDENCE, problems) if cell is not None and cell.text else CONFIDENCE[0]


def _day(cell: Cell | None, problems: list[Problem]) -> date | None:
    return read_date(cell, problems) if cell is not None and cell.text not in ("", "NA") else None

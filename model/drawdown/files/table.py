"""CSV cells with their places: dates, intervals of a count, and what spreadsheets do to them."""

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from drawdown.errors import Problem, did_you_mean
from drawdown.files.text import read_text, shown_name, text_fault

LARGEST = 20_000_000
LONGEST_LINE = 50_000
"""Characters of a row: far more than every cell together may hold."""
MOST_LINES = 200_000
MOST_PROBLEMS = 1000
"""After so many in one file the rest is not read: they have one cause, and nobody reads them all."""
LARGEST_COUNT = 5000
EARLIEST, LATEST = date(1950, 1, 1), date(2100, 1, 1)
OWN_COLUMN = re.compile(r"x_[a-z0-9_]+")

ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MONTH = r"[A-Za-z]{3,9}\.?"
REWRITTEN = re.compile(
    r"\d{1,4}[/.]\d{1,2}([/.]\d{1,4})?"  # 12/13/2024, 2024/12/13, 13.12.24
    r"|\d{1,2}-\d{1,2}-\d{2,4}"  # 13-12-2024
    rf"|\d{{1,2}}[- ]{MONTH}([- ,]+\d{{2,4}})?|{MONTH}[- ]\d{{1,4}}(,? \d{{4}})?"  # 13-Dec-24, Dec-24
    r"|\d{4}-\d{1,2}-\d{1,2}([T ].*)?"  # 2024-12-13 00:00:00
    r"|\d{5}(\.\d+)?"  # 45639, days since 1900
)
GRAMMAR = "`4`, `>=15`, `<=2`, `3..5`, `yes` or `no`"
COUNT = re.compile(r"[0-9]{1,9}")
RANGE = re.compile(r"([0-9]{1,9})\.\.([0-9]{1,9})")
NEARLY = (
    (re.compile(r"(\d+)\s*(?:-|–|—|to|…|\.{3})\s*(\d+)"), "{0}..{1}"),
    (re.compile(r"(?:≥|=>|> =|>= |at least |min\.? )\s*(\d+)"), ">={0}"),
    (re.compile(r"(?:≤|=<|< =|<= |at most |up to |max\.? )\s*(\d+)"), "<={0}"),
    (re.compile(r"(\d+)\s*\+"), ">={0}"),
    (re.compile(r"(\d+)\.0+"), "{0}"),
)


@dataclass(frozen=True)
class Cell:
    """The text of a cell, trimmed, and its place."""

    text: str
    file: str
    line: int
    column: int

    def problem(self, wrong: str, expected: str = "", hint: str = "") -> Problem:
        """Make a problem at the cell."""
        return Problem(self.file, self.line, self.column, wrong, expected, hint)


Row = dict[str, Cell]
"""Cells by column; every column of the header is there."""


def read_table(
    path: Path, required: Iterable[str], optional: Iterable[str], problems: list[Problem]
) -> tuple[list[Row], bytes]:
    """Read a CSV file in which a line is a row.

    Parameters
    ----------
    path : path
    required, optional : iterable of str
        Columns; others are taken if their names begin with `x_`.
    problems : list of Problem
        Grows by what is wrong.

    Returns
    -------
    rows, raw
        Rows whose cells could be told apart, without blank ones; the bytes of the file.
    """
    text, raw, faults = read_text(path, LARGEST)
    problems += faults
    if faults:
        return [], raw
    file = shown_name(path)
    if "\r" in text and "\n" not in text:
        problems.append(Problem(file, 1, 1, "lines that end in CR alone", "lines that end in LF"))
        return [], raw
    lines = text.replace("\r\n", "\n").split("\n")
    header = _cells(lines[0], file, 1, problems)
    if not _check_header(header, file, tuple(required), tuple(optional), problems):
        return [], raw
    names = [cell.text for cell in header or ()]
    if len(lines) > MOST_LINES:
        wrong = f"{len(lines):,} lines"
        problems.append(Problem(file, MOST_LINES, 1, wrong, f"at most {MOST_LINES:,}"))
        return [], raw
    rows: list[Row] = []
    before = len(problems)
    for number, line in enumerate(lines[1:], start=2):
        if not line.strip(", \t"):
            continue
        if too_many(file, number, before, problems):
            return [], raw
        cells = _cells(line, file, number, problems)
        if cells is None:
            continue
        if len(cells) != len(names):
            expected = f"{len(names)}, with a comma inside a cell in quotation marks"
            problems.append(Problem(file, number, 1, f"{len(cells)} cells", expected))
            continue
        rows.append(dict(zip(names, cells, strict=True)))
    return rows, raw


def too_many(file: str, line: int, before: int, problems: list[Problem]) -> bool:
    """Whether a file had so many problems that the rest of it is not looked at; the last one says so."""
    if len(problems) - before < MOST_PROBLEMS:
        return False
    problems.append(Problem(file, line, 1, f"{MOST_PROBLEMS:,} problems above", "the rest was not read"))
    return True


def _cells(line: str, file: str, number: int, problems: list[Problem]) -> list[Cell] | None:
    """Cut a line into cells; None if that cannot be done."""
    if len(line) > LONGEST_LINE:
        wrong = f"a row of {len(line):,} characters"
        problems.append(Problem(file, number, 1, wrong, f"at most {LONGEST_LINE:,}"))
        return None
    try:
        texts = next(csv.reader([line], strict=True), []) or [""]
    except csv.Error:
        wrong = "a line break inside a cell, or a quotation mark that is not closed"
        problems.append(Problem(file, number, 1, wrong, "one line a row"))
        return None
    cells = [
        Cell(text.strip(), file, number, column)
        for text, column in zip(texts, _columns(line), strict=True)
    ]
    for cell in cells:
        if fault := text_fault(cell.text):
            problems.append(cell.problem(*fault))
    return cells


def _columns(line: str) -> list[int]:
    """Where each cell begins, counted from one."""
    out, quoted = [1], False
    for place, character in enumerate(line, start=1):
        # a quotation mark inside a cell that did not begin with one is a character like any other
        if character == '"' and line[out[-1] - 1] == '"':
            quoted = not quoted
        elif character == "," and not quoted:
            out.append(place + 1)
    return out


def _check_header(
    header: list[Cell] | None,
    file: str,
    required: tuple[str, ...],
    optional: tuple[str, ...],
    problems: list[Problem],
) -> bool:
    names = [cell.text for cell in header or ()]
    if header is None or not any(names):
        problems.append(Problem(file, 1, 1, "no header", f"the columns {', '.join(required)}"))
        return False
    if len(names) == 1 and (";" in names[0] or "\t" in names[0]):
        problems.append(header[0].problem("columns that are not separated by commas", "commas"))
        return False
    before = len(problems)
    known = (*required, *optional)
    for n, cell in enumerate(header):
        if not cell.text:
            problems.append(cell.problem("a column without a name", "a name, or no comma"))
        elif cell.text in names[:n]:
            problems.append(cell.problem(f"column `{cell.text}` stands here twice", "one of them"))
        elif cell.text not in known and not OWN_COLUMN.fullmatch(cell.text):
            expected = "a known column, or a name that begins with `x_` for one of your own"
            hint = did_you_mean(cell.text, [k for k in known if k not in names])
            problems.append(cell.problem(f"unknown column `{cell.text}`", expected, hint))
    for name in required:
        if name not in names:
            problems.append(
                Problem(file, 1, 1, f"column `{name}` is missing", f"`{name}` in the header")
            )
    return len(problems) == before


def read_date(cell: Cell, problems: list[Problem]) -> date | None:
    """Read an ISO date; any other is refused, since 03/04 could be either of two days."""
    text, expected = cell.text, "a date such as 2024-12-13"
    if ISO.fullmatch(text):
        try:
            found = date.fromisoformat(text)
        except ValueError:
            problems.append(cell.problem(f"`{text}` is no day of the calendar", expected))
            return None
        if EARLIEST <= found <= LATEST:
            return found
        problems.append(cell.problem(f"`{text}`", f"a year from {EARLIEST.year} to {LATEST.year}"))
    elif REWRITTEN.fullmatch(text):
        problems.append(cell.problem(f"a spreadsheet rewrote this date: `{text}`", expected))
    else:
        problems.append(cell.problem(f"`{text[:40]}`" if text else "no date", expected))
    return None


def read_observed(cell: Cell, problems: list[Problem]) -> tuple[int, int | None]:
    """Read an interval of a count.

    Returns
    -------
    low, high : int
        `high` is None for a lower bound.
    """
    text = cell.text
    low, high = _interval(text)
    if low is None:
        problems.append(_not_observed(cell))
    elif high is not None and high < low:
        problems.append(cell.problem(f"`{text}`", "low..high", f"`{high}..{low}`"))
    elif max(low, high or 0) > LARGEST_COUNT:
        problems.append(
            cell.problem(f"a count of {max(low, high or 0):,}", f"at most {LARGEST_COUNT:,}")
        )
    else:
        return low, high
    return 0, None


def _interval(text: str) -> tuple[int | None, int | None]:
    if text == "yes":
        return 1, None
    if text == "no":
        return 0, 0
    if COUNT.fullmatch(text):
        return int(text), int(text)
    if text.startswith(">=") and COUNT.fullmatch(text[2:]):
        return int(text[2:]), None
    if text.startswith("<=") and COUNT.fullmatch(text[2:]):
        return 0, int(text[2:])
    if found := RANGE.fullmatch(text):
        return int(found[1]), int(found[2])
    return None, None


def _not_observed(cell: Cell) -> Problem:
    """Say what a cell that is no interval looks like, and what may have been meant."""
    text = cell.text
    if not text:
        return cell.problem("nothing observed", f"{GRAMMAR}; delete the row if nobody looked")
    if text.upper() in ("TRUE", "FALSE"):
        hint = "`yes`" if text.upper() == "TRUE" else "`no`"
        return cell.problem(f"a spreadsheet rewrote this cell: `{text}`", GRAMMAR, hint)
    if text.lower() in ("yes", "no"):
        return cell.problem(f"`{text}`", GRAMMAR, f"`{text.lower()}`")
    for shape, meant in NEARLY:
        if found := shape.fullmatch(text.lower()):
            return cell.problem(f"`{text}`", GRAMMAR, f"`{meant.format(*found.groups())}`")
    if re.fullmatch(r"\d{1,3}(,\d{3})+", text):
        return cell.problem(f"`{text}`", GRAMMAR, f"`{text.replace(',', '')}`")
    if re.fullmatch(r">\d{1,9}|<\d{1,9}", text):
        bound = int(text[1:]) + (1 if text[0] == ">" else -1)
        return cell.problem(f"`{text}`", GRAMMAR, f"`{text[0]}={bound}`" if bound >= 0 else "")
    if REWRITTEN.fullmatch(text) or re.fullmatch(r"\d+([.,]\d+)?[eE]\+?\d+", text):
        return cell.problem(f"a spreadsheet rewrote this number: `{text}`", GRAMMAR)
    return cell.problem(f"`{text[:40]}`", GRAMMAR)

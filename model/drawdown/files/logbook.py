"""Rows put at the end of a log: read as the log is read first, then written whole or not at all."""

import csv
import io
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from drawdown.errors import InputError, Problem
from drawdown.files.case import Case, load_case
from drawdown.files.export import Made
from drawdown.files.priors import Priors
from drawdown.files.reports import OPTIONAL, REQUIRED, Report, slug
from drawdown.files.text import shown_name
from drawdown.whole import apart

FILE = "reports.csv"


@dataclass(frozen=True)
class Addition:
    """Rows that a log does not have yet.

    Attributes
    ----------
    rows : tuple of Made
        New ones.
    there : tuple of (Made, Report)
        Those whose fact the log has: the same origin, site, indicator and dates.
    header : tuple of str
    text : str
        The rows as lines of the log.
    case : Case
        With the rows in it, as a reader sees it.
    old : bytes
        The log that they were tried with.
    """

    rows: tuple[Made, ...]
    there: tuple[tuple[Made, Report], ...]
    header: tuple[str, ...]
    text: str
    case: Case
    old: bytes


def add(case: Case, priors: Priors, made: Sequence[Made]) -> Addition:
    """Try rows out in a copy of the case; nothing is written to it.

    Raises
    ------
    InputError
        With everything that the reader of the log has against the rows.
    """
    path = case.folder / FILE
    old = path.read_bytes() if path.exists() else b""
    by_fact = {report.fact: report for report in case.reports}
    known = [(row, by_fact.get(_fact(row.cells))) for row in made]
    there = tuple((row, report) for row, report in known if report is not None)
    rows = tuple(row for row, report in known if report is None)
    header = _header(old)
    tried = _tried(case, priors, old, header, rows)
    return Addition(rows, there, header, _lines(header, rows), tried, old)


def write(case: Case, addition: Addition) -> Path:
    """Put the rows at the end of the log of a case.

    Raises
    ------
    InputError
        If the log is another one by now.
    OSError
        If it cannot be written; it is then as it was.
    """
    path = case.folder / FILE
    with apart(path) as new:
        with new.open("wb") as file:
            file.write(_joined(addition.old, addition.header, addition.text))
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            shutil.copymode(path, new)
        if (path.read_bytes() if path.exists() else b"") != addition.old:
            problem = Problem(shown_name(path), 0, 0, "changed while the rows were tried", "another try")
            raise InputError([problem])
    return path


def _tried(
    case: Case, priors: Priors, old: bytes, header: tuple[str, ...], made: Sequence[Made]
) -> Case:
    """Load the case with rows at the end of its log, from a copy."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / case.slug
        folder.mkdir()
        shutil.copy(case.folder / "case.yaml", folder / "case.yaml")
        (folder / FILE).write_bytes(_joined(old, header, _lines(header, made)))
        try:
            return replace(load_case(folder, priors), folder=case.folder)
        except InputError as error:
            shown = f"{shown_name(case.folder / FILE)} with the new rows"
            raise InputError(replace(p, file=shown) for p in error.problems) from None


def _fact(cells: Mapping[str, str]) -> tuple[str, str, str, str, str, str]:
    """What `Report.fact` will be, once the row is read."""
    origin = slug(cells["origin"] or f"{cells['collector']}+{cells['date']}")
    until = cells["until"] or cells["date"]
    return (origin, cells["site"], cells["indicator"], cells["date"], until, "")


def _header(old: bytes) -> tuple[str, ...]:
    """Columns of a log; those of a new one where there is none yet."""
    text = old.decode("utf-8-sig")
    if not text.strip():
        return (*REQUIRED, *OPTIONAL)
    return tuple(name.strip() for name in next(csv.reader([text.replace("\r\n", "\n").split("\n")[0]])))


def _lines(header: tuple[str, ...], rows: Sequence[Made]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, header, restval="", extrasaction="ignore", lineterminator="\n")
    writer.writerows(row.cells for row in rows)
    return out.getvalue()


def _joined(old: bytes, header: tuple[str, ...], text: str) -> bytes:
    """The log with lines at its end, in the line ends that it has."""
    if not old.strip():
        old = (",".join(header) + "\n").encode()
    end = b"\r\n" if b"\r\n" in old else b"\n"
    start = old if old.endswith(b"\n") else old + end
    return start + text.encode().replace(b"\n", end)

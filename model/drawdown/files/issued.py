"""`issued.csv`: what was issued, by whom and when. Lines are added; none is changed or removed."""

import csv
import fcntl
import io
import os
import re
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from itertools import zip_longest
from pathlib import Path

from drawdown.errors import InputError, Problem
from drawdown.files.run import reports_folder
from drawdown.files.said import STATED
from drawdown.files.table import Cell, Row, read_date, read_table
from drawdown.files.text import shown_name

FILE = "issued.csv"
COLUMNS = (
    *("issued", "by", "as_of", "horizon", *STATED, *(f"model_{outcome}" for outcome in STATED)),
    *("run", "evidence_sha256", "priors_sha256", "code_version", "seed"),
)
MODEL = "model"
"""Who issues the model's own numbers; no person may go by that name."""
NAME = re.compile(r"[^\W_](?:[^\W_]|[ .-])*")
NAME_WORDS = "letters, digits, spaces, dots and dashes, beginning with a letter or a digit"
LONGEST_NAME = 60
MOMENT = "%Y-%m-%dT%H:%M:%SZ"
SHA = re.compile(r"[0-9a-f]{64}|")
SEED = re.compile(r"[0-9]{1,19}|")
CHANCE = re.compile(r"[01]\.[0-9]{6}")
ROUNDING = 5e-6


@dataclass(frozen=True)
class Line:
    """One line of the file.

    Attributes
    ----------
    issued : datetime
        In UTC, to the second.
    stated, model : dict
        Outcome to probability; `model` is None where no run stood beside what a person said.
    run : str
        Folder of the report; this and the rest is blank where there is none.
    line : int
        Place in the file; 0 if it is not there yet.
    """

    issued: datetime
    by: str
    as_of: date
    horizon: date
    stated: dict[str, float]
    model: dict[str, float] | None = None
    run: str = ""
    evidence_sha256: str = ""
    priors_sha256: str = ""
    code_version: str = ""
    seed: str = ""
    line: int = 0

    def cells(self) -> dict[str, str]:
        """Text of each column."""
        model = self.model or {}
        chances = {o: f"{self.stated[o]:.6f}" for o in STATED}
        chances |= {f"model_{o}": f"{model[o]:.6f}" if model else "" for o in STATED}
        rest = {k: str(v) for k, v in asdict(self).items() if k in COLUMNS}
        rest["issued"] = self.issued.strftime(MOMENT)
        return {column: (rest | chances)[column] for column in COLUMNS}

    def says_what(self, other: "Line") -> bool:
        """Whether another line says the same, of the same run, whenever it was issued."""
        return self.cells() | {"issued": ""} == other.cells() | {"issued": ""}


def issued_file(slug: str) -> Path:
    """Where the lines of a case stand."""
    return reports_folder(slug) / FILE


def name_fault(name: str) -> tuple[str, str] | None:
    """Say why nobody can issue under a name, and what was expected."""
    if not NAME.fullmatch(name) or name != name.strip():
        return f"name `{name[:LONGEST_NAME]}`", NAME_WORDS
    if len(name) > LONGEST_NAME:
        return f"a name of {len(name)} characters", f"at most {LONGEST_NAME}"
    return None


def read_issued(path: Path) -> list[Line]:
    """Read every line; none if there is no file yet.

    Raises
    ------
    InputError
        If a line is not as `append` wrote it: the file is a record, so nothing is guessed or mended.
    """
    if not path.exists() or (path.is_file() and not path.stat().st_size):
        return []
    problems: list[Problem] = []
    rows, raw = read_table(path, COLUMNS, (), problems)
    # under another header nothing that follows means what it seems to
    ours = raw.startswith(_header().encode())
    lines = [line for row in rows if ours and (line := _line(row, problems))]
    if not problems:
        problems += _altered(path, raw, lines)
    if problems:
        raise InputError(problems)
    return lines


def append(path: Path, line: Line) -> Line | None:
    """Add a line at the end, whole and on the disk, or not at all.

    Returns
    -------
    Line or None
        With its place in the file; None if the last line by that name says the same already.

    Raises
    ------
    InputError
        If the file is not as it was written, or cannot be opened; nothing is written then.
    """
    new = not path.exists()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
    except OSError as error:
        problem = Problem(shown_name(path), 0, 0, str(error.strerror), "a file that can be written")
        raise InputError([problem]) from None
    try:
        # what is read under the lock is what the new line comes after
        fcntl.flock(file, fcntl.LOCK_EX)
        lines = read_issued(path)
        own = [earlier for earlier in lines if earlier.by == line.by]
        if own and own[-1].says_what(line):
            return None
        size = os.fstat(file).st_size
        _write(file, _text(line.cells()) if size else _header() + _text(line.cells()), size)
    except OSError as error:
        wrong = error.strerror or str(error)
        problem = Problem(shown_name(path), 0, 0, wrong, "room for the line; nothing was added")
        raise InputError([problem]) from None
    finally:
        os.close(file)
    if new:
        _sync_folder(path.parent)
    return replace(line, line=len(lines) + 2)


def _write(file: int, text: str, size: int) -> None:
    """Write at once; where the disk takes a part only, take it back."""
    data = text.encode()
    if os.write(file, data) != len(data):
        os.ftruncate(file, size)
        raise OSError("the disk took a part of the line only; it was taken back")
    os.fsync(file)


def _sync_folder(folder: Path) -> None:
    """Make sure that a new name in a folder outlives a loss of power."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _text(cells: dict[str, str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(cells.values())
    return out.getvalue()


def _header() -> str:
    return _text({column: column for column in COLUMNS})


def _line(row: Row, problems: list[Problem]) -> Line | None:
    """Read one line; None if something is wrong with it."""
    before = len(problems)
    issued, by = _moment(row["issued"], problems), row["by"]
    if fault := name_fault(by.text):
        problems.append(by.problem(*fault))
    as_of, horizon = read_date(row["as_of"], problems), read_date(row["horizon"], problems)
    stated = _chances(row, "", problems)
    beside = any(row[f"model_{outcome}"].text for outcome in STATED)
    model = _chances(row, "model_", problems) if beside else None
    for name in ("evidence_sha256", "priors_sha256"):
        if not SHA.fullmatch(row[name].text):
            problems.append(row[name].problem(f"`{row[name].text[:20]}`", "a hash of 64 digits"))
    if not SEED.fullmatch(row["seed"].text):
        problems.append(row["seed"].problem(f"`{row['seed'].text[:20]}`", "a whole number"))
    if issued is None or as_of is None or horizon is None or len(problems) > before:
        return None
    kept = {name: row[name].text for name in COLUMNS[COLUMNS.index("run") :]}
    return Line(issued, by.text, as_of, horizon, stated, model, **kept, line=by.line)


def _moment(cell: Cell, problems: list[Problem]) -> datetime | None:
    try:
        return datetime.strptime(cell.text, MOMENT).replace(tzinfo=UTC)
    except ValueError:
        expected = "a date and time such as 2024-12-13T09:30:00Z"
        problems.append(cell.problem(f"`{cell.text[:40]}`", expected))
        return None


def _chances(row: Row, prefix: str, problems: list[Problem]) -> dict[str, float]:
    cells = {outcome: row[f"{prefix}{outcome}"] for outcome in STATED}
    wrong = [cell for cell in cells.values() if not CHANCE.fullmatch(cell.text)]
    for cell in wrong:
        problems.append(cell.problem(f"`{cell.text[:20]}`", "a probability such as 0.250000"))
    if wrong:
        return {}
    out = {outcome: float(cell.text) for outcome, cell in cells.items()}
    if abs(sum(out.values()) - 1) > ROUNDING:
        first = cells[STATED[0]]
        problems.append(first.problem(f"probabilities that add up to {sum(out.values()):.6f}", "1"))
    return out


def _altered(path: Path, raw: bytes, lines: list[Line]) -> list[Problem]:
    """Find the first line that differs, in a byte, from what was written."""
    there = raw.splitlines(keepends=True)
    written = [_header().encode(), *(_text(line.cells()).encode() for line in lines)]
    for number, (found, expected) in enumerate(zip_longest(there, written), start=1):
        if found == expected:
            continue
        wrong = "not as `drawdown issue` wrote it"
        if found is not None and found + b"\n" == expected:
            wrong = "the line has no end: it was cut short or edited"
        restore = "the file as it was (git has it): lines are added, never changed"
        return [Problem(shown_name(path), number, 1, wrong, restore)]
    return []

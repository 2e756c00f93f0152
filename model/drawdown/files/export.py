"""A collector's export, row by row: what becomes a report, what does not, and why."""

import csv
import io
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from drawdown.errors import InputError, Problem, did_you_mean
from drawdown.files.case import Case
from drawdown.files.mapping import MapTo, filled, folded
from drawdown.files.reports import slug
from drawdown.files.table import LARGEST
from drawdown.files.text import read_text, shown_name, text_fault

MOST_NAMED = 6
"""Values that a note lists."""
MOST_WINDOWS = 4000
"""Of one stay, or of the days that are covered: ten years of days."""


@dataclass(frozen=True)
class Skipped:
    """A line of the export that became nothing, and why."""

    line: int
    reason: str


@dataclass(frozen=True)
class Made:
    """A report that an export makes.

    Attributes
    ----------
    cells : dict
        By column of `reports.csv`; columns that are not named are blank.
    lines : tuple of int
        Lines of the export that it counts; none where nothing was seen.
    """

    cells: dict[str, str]
    lines: tuple[int, ...]


@dataclass(frozen=True)
class Imported:
    """What an export comes to.

    Attributes
    ----------
    made : tuple of Made
        In order of date and site.
    skipped : tuple of Skipped
    rows : int
        Lines of the export that hold anything; each is in one of `made` or is skipped.
    """

    made: tuple[Made, ...]
    skipped: tuple[Skipped, ...]
    rows: int


@dataclass(frozen=True)
class _Sighting:
    """One row that passed: where, when, and what makes it one."""

    line: int
    site: str
    flow: str
    first: date
    last: date
    published: date | None
    one: tuple[str, ...]
    cells: dict[str, str]


def read_export(path: Path, mapping: MapTo, case: Case) -> Imported:
    """Read an export by a mapping.

    Raises
    ------
    InputError
        If the file cannot be read, or lacks a column that the mapping names.
    """
    problems: list[Problem] = []
    text, _, faults = read_text(path, LARGEST)
    problems += faults
    if faults:
        raise InputError(problems)
    header, rows, cut = _rows(text, shown_name(path), mapping)
    _check_columns(header, mapping, shown_name(path))
    taker = _Taker(mapping)
    told = [taker.take(line, cells) for line, cells in rows]
    seen = [found for found in told if isinstance(found, _Sighting)]
    made, left = _Counter(mapping, case, taker.last_day).reports(seen)
    skipped = [*cut, *(found for found in told if isinstance(found, Skipped)), *left]
    skipped.sort(key=lambda s: s.line)
    return Imported(made, tuple(skipped), len(rows) + len(cut))


def _rows(
    text: str, file: str, mapping: MapTo
) -> tuple[list[str], list[tuple[int, dict[str, str]]], list[Skipped]]:
    """Header, rows with their line, and lines that could not be cut into cells."""
    lines = io.StringIO(text.replace("\r\n", "\n"))
    reader = csv.reader(lines, delimiter=mapping.separator)
    header: list[str] = []
    rows: list[tuple[int, dict[str, str]]] = []
    skipped: list[Skipped] = []
    while True:
        start = reader.line_num + 1
        try:
            texts = next(reader)
        except StopIteration:
            return header, rows, skipped
        except csv.Error as error:
            skipped.append(Skipped(start, f"cannot be read ({error})"))
            continue
        cells = [cell.strip() for cell in texts]
        if not any(cells):
            continue
        if not header:
            header = cells
            twice = {name for name in header if name and header.count(name) > 1}
            if twice:
                wrong = f"column `{sorted(twice)[0]}` stands here twice"
                raise InputError([Problem(file, start, 1, wrong, "each column once")])
        elif len(cells) != len(header):
            skipped.append(Skipped(start, f"{len(cells)} cells under {len(header)} columns"))
        else:
            rows.append((start, dict(zip(header, cells, strict=True))))


def _check_columns(header: list[str], mapping: MapTo, file: str) -> None:
    if not header:
        raise InputError([Problem(file, 1, 1, "no header", "the names of the columns")])
    problems = []
    for column, use in mapping.columns.items():
        if column not in header:
            expected = f"one of {', '.join(f'`{name}`' for name in header[:12])}"
            hint = did_you_mean(column, header)
            wrong = f"`{use}` reads column `{column}`, which {file} has not"
            problems.append(Problem(mapping.file, 0, 0, wrong, expected, hint))
    if problems:
        raise InputError(problems)


class _Taker:
    """Takes rows that the mapping wants, and says of the others why not."""

    def __init__(self, mapping: MapTo):
        self.mapping = mapping
        self.last_day = date.min

    def take(self, line: int, cells: dict[str, str]) -> _Sighting | Skipped:
        m = self.mapping
        for column, values in m.keep.items():
            if folded(cells[column]) not in values:
                return Skipped(line, f"{column} is {_shown(cells[column])}, not among those kept")
        for column, values in m.drop.items():
            if folded(cells[column]) in values:
                return Skipped(line, f"{column} is {_shown(cells[column])}, which is dropped")
        unsafe = next((c for c in m.columns if text_fault(cells[c]) and c in _shown_columns(m)), None)
        if unsafe is not None:
            return Skipped(line, f"{unsafe}: {(text_fault(cells[unsafe]) or ('',))[0]}")
        first = m.date.read(cells[m.date.column])
        if first is None:
            return Skipped(line, f"{m.date.column} is not written as `{m.date.form}`")
        self.last_day = max(self.last_day, first)
        return self.placed(line, cells, first)

    def placed(self, line: int, cells: dict[str, str], first: date) -> _Sighting | Skipped:
        """Give a row that has a day its place, its end and its flow."""
        m, last = self.mapping, first
        site = m.site.of(cells[m.site.column])
        if site is None:
            return Skipped(
                line, f"{m.site.column} is {_shown(cells[m.site.column])}, no site by the mapping"
            )
        if m.until is not None:
            text = cells[m.until.column]
            end = m.until.read(text) if text else date.max
            if end is None:
                return Skipped(line, f"{m.until.column} is not written as `{m.until.form}`")
            if end < first:
                return Skipped(line, f"{m.until.column} is before {m.date.column}")
            last = end
            self.last_day = max(self.last_day, end if end != date.max else first)
        flow = m.flow
        if m.flow_of is not None:
            text = cells[m.flow_of.column]
            told = m.flow_of.of(text)
            if told is None:
                return Skipped(line, f"{m.flow_of.column} is {_shown(text)}, no flow by the mapping")
            flow = told
        published = None
        if m.published is not None:
            published = m.published.read(cells[m.published.column])
            if published is None:
                return Skipped(line, f"{m.published.column} is not written as `{m.published.form}`")
        one = tuple(folded(cells[c]) for c in m.distinct) or (str(line),)
        if m.distinct and not any(one):
            return Skipped(line, f"{' and '.join(m.distinct)} blank: nothing tells it from another")
        return _Sighting(line, site, flow, first, last, published, one, cells)


def _shown_columns(mapping: MapTo) -> set[str]:
    """Columns whose text goes into a cell of the log."""
    return {column for column, use in mapping.columns.items() if use in ("origin", "note")}


def _shown(text: str) -> str:
    return f"`{text[:40]}`" if text else "blank"


class _Counter:
    """Counts sightings by site, flow and window."""

    def __init__(self, mapping: MapTo, case: Case, last_day: date):
        self.mapping, self.case, self.last_day = mapping, case, last_day
        self.flows = sorted({*(mapping.flow_of.names.values() if mapping.flow_of else (mapping.flow,))})

    def reports(self, seen: Sequence[_Sighting]) -> tuple[tuple[Made, ...], list[Skipped]]:
        """Reports in order of date and site, and sightings that are in none."""
        groups: dict[tuple[date, str, str], list[_Sighting]] = defaultdict(list)
        skipped: list[Skipped] = []
        for sighting in seen:
            days = list(self.windows(sighting))
            if not days:
                skipped.append(Skipped(sighting.line, self.missed()))
            for start in days:
                groups[start, sighting.site, sighting.flow].append(sighting)
        if self.mapping.exact:
            # who saw at least so many does not say that there was none
            for key in self.watched():
                groups.setdefault(key, [])
        made, counted = [], set()
        for (start, site, flow), inside in sorted(groups.items()):
            once = list({s.one: s for s in reversed(inside)}.values())[::-1]
            lines = tuple(sorted(s.line for s in once))
            made.append(Made(self.cells(start, site, flow, once), lines))
            counted |= set(lines)
        twice = {s.line for s in seen} - counted - {s.line for s in skipped}
        skipped += [Skipped(line, self.repeated()) for line in sorted(twice)]
        return tuple(made), skipped

    def windows(self, s: _Sighting) -> Iterator[date]:
        """Starts of the windows that a sighting is counted in; of a stay, the days looked at."""
        m = self.mapping
        if m.until is None:
            start = self.start_of(s.first)
            if m.covers is None or m.covers[0] <= s.first <= m.covers[1]:
                yield start
            return
        low, high = m.covers or (s.first, self.last_day)
        low, high = max(low, s.first, self.case.trigger), min(high, s.last, self.case.horizon)
        day = self.start_of(low)
        while day <= high:
            if day >= low:
                yield day
            day += timedelta(days=m.every)

    def start_of(self, day: date) -> date:
        """First day of the window of a day; windows are counted from the trigger."""
        return day - timedelta(days=(day - self.case.trigger).days % self.mapping.every)

    def watched(self) -> Iterator[tuple[date, str, str]]:
        """Every window and site of the days that are covered."""
        m = self.mapping
        assert m.covers is not None
        start = self.start_of(m.covers[0])
        for _ in range(MOST_WINDOWS):
            if start > m.covers[1]:
                return
            if m.until is None or start >= m.covers[0]:
                for site in sorted(set(m.site.names.values())):
                    for flow in self.flows:
                        yield start, site, flow
            start += timedelta(days=m.every)

    def cells(self, start: date, site: str, flow: str, inside: Sequence[_Sighting]) -> dict[str, str]:
        """Cells of one report."""
        m, last = self.mapping, start
        if m.until is None:
            first, last = start, start + timedelta(days=m.every - 1)
            low, high = m.covers or (start, self.last_day)
            start, last = max(first, low), min(last, high)
        n = len(inside)
        known = [s.published for s in inside if s.published is not None]
        values = {
            "date": start.isoformat(),
            "until": last.isoformat(),
            "site": site,
            "flow": flow,
            "count": str(n),
            "collector": m.collector,
        }
        values |= {c: self.listed(inside, c) for c in _shown_columns(m)}
        return {
            "date": start.isoformat(),
            "until": last.isoformat() if last != start else "",
            "published": max([*known, last]).isoformat() if known else "",
            "site": site,
            "indicator": m.indicator.name,
            "observed": "no" if n == 0 else str(n) if m.exact else f">={n}",
            "flow": flow,
            "origin": slug(filled(m.origin, values)) if m.origin else "",
            "collector": m.collector,
            "grade": m.grade,
            "publisher": m.publisher,
            "note": filled(m.note, values) if m.note else "",
            "url": m.url,
        }

    def listed(self, inside: Sequence[_Sighting], column: str) -> str:
        """Values of a column, each once."""
        found = list(dict.fromkeys(s.cells[column] for s in inside if s.cells[column]))
        more = f" and {len(found) - MOST_NAMED} more" if len(found) > MOST_NAMED else ""
        return ", ".join(found[:MOST_NAMED]) + more

    def missed(self) -> str:
        m = self.mapping
        if m.until is not None:
            return "there on no day that is looked at"
        return (
            f"outside of the days covered, {m.covers[0]} to {m.covers[1]}" if m.covers else "no window"
        )

    def repeated(self) -> str:
        return f"the same {' and '.join(self.mapping.distinct)} as an earlier line of its window"

"""The page that lists the assessments of a case over time, from the numbers in their folders."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment

from drawdown.outcomes import LABELS
from drawdown.report.numerals import SHOWN, day_of, outcome_percents, short_date
from drawdown.report.store import assessment_of
from drawdown.report.style import COLOUR, SYMBOL
from drawdown.report.words import stamp_of
from drawdown.whole import write_whole

INDEX = "index.html"


@dataclass(frozen=True)
class Entry:
    """One assessment: its folder, its date, what it says."""

    run: str
    as_of: str
    as_of_iso: str
    horizon: str
    percents: dict[str, int]
    stamp: str


def entries(folder: Path, case: str) -> list[Entry]:
    """Assessments of a case in the folders below, the newest first."""
    found: list[Entry] = []
    for run in sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith(".")):
        read = assessment_of(run)
        if read is not None and read["case"] == case and (run / "brief.html").is_file():
            # a damaged file of another day must not cost the report of this one
            with suppress(KeyError, TypeError, ValueError, AttributeError, ArithmeticError):
                found.append(_entry(run.name, read))
    # dates downwards, names upwards within a date
    found.sort(key=lambda entry: entry.run)
    found.sort(key=lambda entry: entry.as_of_iso, reverse=True)
    return found


def _entry(name: str, read: dict[str, Any]) -> Entry:
    return Entry(
        run=name,
        as_of=short_date(day_of(read["as_of"])),
        as_of_iso=str(read["as_of"]),
        horizon=short_date(day_of(read["horizon"])),
        percents=outcome_percents(read),
        stamp=stamp_of(read),
    )


def write_index(folder: Path, case: str, title: str, pages: Environment) -> Path:
    """Write the page; the same folders give the same bytes.

    Parameters
    ----------
    folder : Path
        Holds a folder a run.
    case : str
        Slug; runs of another case are not listed.
    title : str
        Name of the case.
    """
    text = pages.get_template("index.html.j2").render(
        title=title,
        entries=entries(folder, case),
        shown=SHOWN,
        labels=LABELS,
        colours=COLOUR,
        symbols=SYMBOL,
    )
    write_whole(text, folder / INDEX)
    return folder / INDEX

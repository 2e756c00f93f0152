"""What a table of the page is made of; the templates only lay it out."""

from collections.abc import Mapping
from dataclasses import dataclass

from drawdown.outcomes import LABELS
from drawdown.report.numerals import SHOWN, points, scaled

DASH = "\N{EN DASH}"


@dataclass(frozen=True)
class Cell:
    """What one cell shows: a text, perhaps a smaller note, an address, a bar of a length from 0 to 1."""

    text: str
    note: str = ""
    href: str = ""
    bar: float | None = None
    key: str = ""
    """Outcome whose colour the cell carries."""
    look: str = ""
    """`measured`, `graded` or `judged`: told apart by the way it is set."""


@dataclass(frozen=True)
class Table:
    """A table: head and rows; `numeric` counts the last columns that hold numbers."""

    head: tuple[str, ...]
    rows: list[list[Cell]]
    numeric: int = 0
    kind: str = ""
    caption: str = ""
    total: bool = False
    """Whether the last row is the sum of the others."""


def outcome_cell(outcome: str) -> Cell:
    """Head of a row: the name of the outcome, in its colour and shape."""
    return Cell(LABELS[outcome].capitalize(), key=outcome)


def labels() -> tuple[str, ...]:
    """Heads of three columns, one an outcome."""
    return tuple(LABELS[outcome] for outcome in SHOWN)


def moves(delta: Mapping[str, float]) -> list[Cell]:
    """Three cells of whole points."""
    return [Cell(points(delta[outcome])) for outcome in SHOWN]


def summed(rows: list[Mapping[str, float]], digits: int, factor: float) -> list[list[Cell]]:
    """Three cells a row and a last row of sums, rounded so that the printed rows add up.

    Parameters
    ----------
    rows : list of mapping
        Outcome to number.
    digits : int
        Decimals that are printed.
    factor : float
        What a number is multiplied by; 100 for points.
    """
    columns = [scaled([factor * row[outcome] for row in rows], digits) for outcome in SHOWN]
    return [[Cell(column[n]) for column in columns] for n in range(len(rows) + 1)]

"""What the commands share: options, exit codes, and how tables and progress reach the terminal."""

import errno
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from drawdown.errors import FitError, InputError, Problem

if TYPE_CHECKING:
    from rich.table import Table

    from drawdown.files.case import Case
    from drawdown.files.priors import Priors

PIPED_WIDTH = 200
"""Columns of a table that goes to a file."""


def read_day(text: str) -> date:
    """Read a date of the command line."""
    from drawdown.files.table import ISO

    try:
        if ISO.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise typer.BadParameter(f"`{text}`; expected a date such as 2024-12-15")


CaseFolder = Annotated[Path, typer.Argument(metavar="CASE", help="Folder of the case.")]
Overlays = Annotated[
    list[str] | None,
    typer.Option(
        "--priors",
        metavar="FILE",
        help="Overlay: a path, or a name in model/priors; may be repeated, later ones on top.",
    ),
]
Quick = Annotated[bool, typer.Option("--quick", help="Fewer draws, where they have to be made.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Seed = Annotated[int, typer.Option("--seed", min=0, metavar="N", help="Seed of the draws.")]
AsOf = Annotated[
    # no type for `date` in the library of the command line: the parser is ours
    Any, typer.Option("--as-of", metavar="DATE", parser=read_day, help="Day of the assessment.")
]


@contextmanager
def exit_codes() -> Iterator[None]:
    """Turn what a forecaster can mend into lines on standard error and an exit code."""
    try:
        yield
        # here rather than when Python ends, where a full disk is a trace
        sys.stdout.flush()
    except InputError as error:
        for problem in error.problems:
            print(problem, file=sys.stderr)
        raise typer.Exit(error.exit_code) from None
    except FitError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(error.exit_code) from None
    except ValueError as error:
        from drawdown.answers.weigh import OutOfReach

        if not isinstance(error, OutOfReach):
            raise
        # priors that contradict one another are bad input, found before anything is fitted
        print(f"priors: {error}; expected base rates that paths and late starts allow", file=sys.stderr)
        raise typer.Exit(InputError.exit_code) from None
    except OSError as error:
        # a pipe that nobody reads any more is no problem of anybody's
        if error.errno in (None, errno.EPIPE):
            raise
        print(unwritten(error), file=sys.stderr)
        if error.filename is None:
            # what standard output did not take would be tried again when Python ends
            with suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(InputError.exit_code) from None


def unwritten(error: OSError) -> Problem:
    """Say in a line what the system refused: a full disk, a folder that may not be written in."""
    from drawdown.files.text import shown_name

    named = error.filename2 or error.filename
    place = shown_name(Path(os.fsdecode(named))) if isinstance(named, str | bytes | Path) else "output"
    wrong = (error.strerror or str(error)).lower()
    expected = "what this user may read and write, on a disk with room; nothing was replaced"
    return Problem(place, 0, 0, wrong, expected)


def load(folder: Path, overlays: list[str] | None) -> "tuple[Priors, Case]":
    """Read priors and case; where overlays are wrong, the case is checked all the same."""
    from drawdown.files.case import load_case
    from drawdown.files.priors import load_priors

    problems: list[Problem] = []
    try:
        judged = load_priors(overlays or ())
    except InputError as error:
        problems += error.problems
        judged = load_priors()
    try:
        found = load_case(folder, judged)
    except InputError as error:
        problems += error.problems
    if problems:
        raise InputError(problems)
    return judged, found


def progress() -> Callable[[str], None]:
    """Return what tells the stages: on a terminal only, so that a log holds answers alone."""
    if not sys.stderr.isatty():
        return lambda stage: None
    from rich.console import Console

    console = Console(stderr=True, markup=False, highlight=False, emoji=False)
    return lambda stage: console.print(f"{stage} ...", style="dim")


@contextmanager
def bar() -> Iterator[Callable[[str, int, int], None]]:
    """Give what tells how far a stage is; on a terminal only."""
    if not sys.stderr.isatty():
        yield lambda stage, done, of: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as drawn:
        task = drawn.add_task("", total=None)
        yield lambda stage, done, of: drawn.update(task, description=stage, completed=done, total=of)


def paragraph(title: str, lines: list[str]) -> None:
    """Print a title and its lines, or nothing if there are none."""
    if lines:
        print(f"\n{title}")
        for line in lines:
            print(f"  {line}")


def number(count: int, noun: str) -> str:
    """Write a count with its noun, in the plural where it is."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def print_table(table: "Table") -> None:
    """Print a table; text from files is never read as markup."""
    from rich.console import Console

    width = None if sys.stdout.isatty() else PIPED_WIDTH
    Console(markup=False, highlight=False, emoji=False, width=width).print(table)


def new_table(*columns: tuple[str, str]) -> "Table":
    """Return an empty table with columns of these names and sides."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name, justify in columns:
        # in a file a path stands whole, to be searched for
        whole = name == "path" and not sys.stdout.isatty()
        table.add_column(name, justify=justify, overflow="fold", no_wrap=whole)  # type: ignore[arg-type]
    return table


def plain_table(rows: list[tuple[str, ...]]) -> "Table":
    """A table whose first row is its head and whose first column is words."""
    table = new_table(*((name, "left" if n == 0 else "right") for n, name in enumerate(rows[0])))
    for row in rows[1:]:
        table.add_row(*row)
    return table

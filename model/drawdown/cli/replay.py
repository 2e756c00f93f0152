"""The command that assesses a case as of each date of a series."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from drawdown.cli.learning import REFERENCE_CLASS
from drawdown.cli.shared import (
    CaseFolder,
    Overlays,
    Seed,
    bar,
    exit_codes,
    load,
    number,
    plain_table,
    print_table,
    read_day,
)

if TYPE_CHECKING:
    from drawdown.answers.publish_replay import Series


def replay(
    case: CaseFolder,
    start: Annotated[
        Any,
        typer.Option("--from", metavar="DATE", parser=read_day, help="First date; else the trigger."),
    ] = None,
    end: Annotated[
        Any,
        typer.Option("--to", metavar="DATE", parser=read_day, help="Last date; else the horizon."),
    ] = None,
    every: Annotated[
        int, typer.Option("--every", metavar="DAYS", min=1, help="Days between dates.")
    ] = 7,
    priors: Overlays = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Folder of the series.")
    ] = None,
    seed: Seed = 1,
    quick: Annotated[bool, typer.Option("--quick", help="Fewer draws, for a first look.")] = False,
    reference: Annotated[
        Path, typer.Option("--reference", metavar="DIR", help="Past episodes, for naive Bayes.")
    ] = REFERENCE_CLASS,
) -> None:
    """Assess the case as of each date, from what was published by then; score it where resolved."""
    with exit_codes():
        load(case, priors)
        from drawdown.answers.publish_replay import run_replay
        from drawdown.answers.replay import Stopped
        from drawdown.files.priors import find_overlay

        try:
            with bar() as told:
                series = run_replay(
                    case,
                    start=start,
                    end=end,
                    every=every,
                    priors=[find_overlay(name) for name in priors or ()],
                    out=out,
                    seed=seed,
                    quick=quick,
                    reference=reference,
                    progress=told,
                )
        except Stopped as stopped:
            print(stopped, file=sys.stderr)
            raise typer.Exit(stopped.exit_code) from None
        _print(series)


def _print(series: "Series") -> None:
    """Print what the series says; fail at the end if a date did."""
    from drawdown.errors import FitError

    for title, rows in series.tables:
        print(title)
        print_table(plain_table(rows))
    for line in series.said:
        print(line)
    print(series.folder)
    for day, why in series.failed:
        print(f"{day}: the fit failed its checks ({why})", file=sys.stderr)
    if series.failed:
        of = len(series.record["dates"])
        raise FitError(
            f"{number(len(series.failed), 'date')} of {of} failed; {series.folder} is not for citation"
        )

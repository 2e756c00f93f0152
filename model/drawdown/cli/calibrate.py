"""The command that tests whether the model is calibrated, on episodes that it simulates."""

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from drawdown.cli.shared import Seed, bar, exit_codes, load, plain_table, print_table

EVIDENCE = Path("evidence")


def calibrate(
    case: Annotated[
        Path | None,
        typer.Argument(metavar="[CASE]", help="Case whose looks are simulated; else every shipped one."),
    ] = None,
    simulations: Annotated[
        int, typer.Option("--simulations", min=10, metavar="N", help="Episodes.")
    ] = 300,
    scheduler: Annotated[
        str | None,
        typer.Option(
            "--scheduler", metavar="ADDRESS", help="Of a Dask scheduler: its workers do the work."
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Folder of the calibration.")
    ] = None,
    seed: Seed = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print calibration.json.")] = False,
) -> None:
    """Simulate episodes under the real looks, answer them, and test what was stated."""
    with exit_codes():
        if case is not None:
            load(case, None)
        from drawdown.answers.batch import Stopped
        from drawdown.answers.publish_calibration import run_calibration, shipped

        words = ["drawdown", "calibrate", *([str(case)] if case is not None else [])]
        words += ["--simulations", str(simulations)]
        words += ["--seed", str(seed)] if seed != 1 else []
        try:
            with bar() as told:
                found = run_calibration(
                    [case] if case is not None else shipped(EVIDENCE),
                    simulations=simulations,
                    scheduler=scheduler,
                    out=out,
                    seed=seed,
                    command=shlex.join(words),
                    progress=told,
                )
        except Stopped as stopped:
            print(stopped, file=sys.stderr)
            raise typer.Exit(stopped.exit_code) from None
        if as_json:
            print((found.folder / "calibration.json").read_text(encoding="utf-8"), end="")
        else:
            print_table(plain_table(found.rows))
            print(found.record["verdict"])
            print(found.folder)
        if not found.passed:
            from drawdown.errors import FitError

            raise FitError(f"{found.record['verdict']} {found.folder} says by how much")

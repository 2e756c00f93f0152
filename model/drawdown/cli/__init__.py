"""The command line: it only calls, and imports what it calls when it is called."""

import gc
import os
from collections.abc import Callable
from typing import Annotated

import typer

from drawdown.cli import (
    assess,
    calibrate,
    check,
    comparing,
    importing,
    indicators,
    learning,
    ledger,
    looking,
    new,
    pooling,
    replay,
    watching,
    whatif,
)

COMMANDS: dict[str, Callable[..., None]] = {
    "new": new.new,
    "check": check.check,
    "import": importing.import_rows,
    "priors": check.show_priors,
    "indicators": indicators.indicators,
    "assess": assess.assess,
    "replay": replay.replay,
    "whatif": whatif.whatif,
    "watch": watching.watch,
    "compare": comparing.compare,
    "pool": pooling.pool,
    "next": looking.look_next,
    "issue": ledger.issue,
    "learn": learning.learn,
    "score": learning.score,
    "calibrate": calibrate.calibrate,
}
"""In the order of `--help`; each stands in the module of its group."""

# Matrices are small here: more threads of the linear algebra spin, and chains wait for a core.
for library in ("OPENBLAS", "MKL", "OMP"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")

# What is made lives to the end, so that looking for what does not, again and again, costs a second.
gc.set_threshold(200_000, 50, 1000)

app = typer.Typer(
    help="How likely a military drawdown ends as full exit, partial redeployment or retained presence.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for name, command in COMMANDS.items():
    app.command(name)(command)


def main() -> None:
    """Run the command line."""
    app()


@app.callback(invoke_without_command=True)
def top(
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,
) -> None:
    """How likely a military drawdown ends as full exit, partial redeployment or retained presence."""
    if version:
        from drawdown import __version__

        print(__version__)
        raise typer.Exit()

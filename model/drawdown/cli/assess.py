"""The command that fits a case and writes its report."""

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from drawdown.cli.shared import (
    AsOf,
    CaseFolder,
    Overlays,
    Seed,
    exit_codes,
    load,
    progress,
    read_day,
)

Scale = Literal["icd-203", "phia"]


def assess(
    case: CaseFolder,
    as_of: AsOf = None,
    priors: Overlays = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Folder of the report.")
    ] = None,
    seed: Seed = 1,
    since: Annotated[
        Any,
        typer.Option(
            "--since",
            metavar="DATE",
            parser=read_day,
            help="Day of the earlier answer that the change is told from.",
        ),
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Fewer draws, for a first look.")] = False,
    yardstick: Annotated[
        Scale, typer.Option("--yardstick", help="Words of likelihood: of ICD 203, or the UK's.")
    ] = "icd-203",
) -> None:
    """Fit the case and write its report; the headline goes to standard output."""
    with exit_codes():
        # the quick stages first: a typing error should not cost the import of the sampler
        load(case, priors)
        from drawdown.answers.publish import run_assess
        from drawdown.files.priors import find_overlay

        headline = run_assess(
            case,
            as_of=as_of,
            priors=[find_overlay(name) for name in priors or ()],
            out=out,
            seed=seed,
            quick=quick,
            progress=progress(),
            since=since,
            yardstick=yardstick,
        )
        print(headline)

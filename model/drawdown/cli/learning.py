"""The commands on past episodes: `learn` and `score`."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from drawdown.cli.ledger import score_issued
from drawdown.cli.shared import Seed, bar, exit_codes, plain_table, print_table, progress

REFERENCE_CLASS = Path("evidence/reference-class")
Reference = Annotated[Path, typer.Option("--reference", metavar="DIR", help="Folder of past episodes.")]


def learn(
    reference: Reference = REFERENCE_CLASS,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Where the learned priors go.")
    ] = None,
    seed: Seed = 1,
) -> None:
    """Learn the chances of the political indicators and the pace of an exit from past episodes."""
    with exit_codes():
        from drawdown.files.learning import load_learning
        from drawdown.files.reference import load_reference

        episodes, settings = load_reference(reference), load_learning()
        from drawdown.answers.publish_learned import run_learn

        written = run_learn(episodes, settings, out, seed, progress())
        for title, rows in written.tables:
            print(title)
            print_table(plain_table(rows))
        print(written.path)


def score(
    case: Annotated[
        Path | None, typer.Argument(metavar="[CASE]", help="Case of which to score what was issued.")
    ] = None,
    reference: Reference = REFERENCE_CLASS,
    holdout: Annotated[
        Path | None, typer.Option("--holdout", metavar="DIR", help="Cases to forecast from the others.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the scores as JSON.")] = False,
    figure: Annotated[
        Path | None, typer.Option("--figure", metavar="DIR", help="Draw the reliability into DIR.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Where the scores go as JSON, for reports to tell."),
    ] = None,
    seed: Seed = 1,
) -> None:
    """Score what was learned on cases that were left out; with CASE, what was issued of it."""
    if case is not None:
        if holdout is not None or figure is not None or out is not None:
            raise typer.BadParameter("goes without CASE", param_hint="--holdout, --figure, --out")
        score_issued(case, reference, as_json)
        return
    with exit_codes():
        from drawdown.files.learning import load_learning
        from drawdown.files.reference import load_reference

        episodes, settings = load_reference(reference), load_learning()
        others = load_reference(holdout) if holdout is not None else None
        from drawdown.answers.publish_learned import run_score

        with bar() as told:
            scored = run_score(episodes, settings, others, seed, told)
        if out is not None:
            from drawdown.whole import write_whole

            write_whole(json.dumps(scored.record, indent=1, allow_nan=False) + "\n", out)
        if as_json:
            print(json.dumps(scored.record, indent=1, allow_nan=False))
        else:
            for title, rows in scored.tables:
                print(title)
                print_table(plain_table(rows))
        if figure is not None:
            from drawdown.report.reliability import reliability_figure

            print(reliability_figure(scored.stated, scored.came, figure), file=sys.stderr)

"""The command that combines finished forecasts."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from drawdown.cli.shared import Json, exit_codes, new_table, print_table

if TYPE_CHECKING:
    from rich.table import Table

    from drawdown.answers.pool import Pooled


def pool(
    forecasts: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE...|CASE",
            help="Report folders, issued.csv:LINE, or issued.csv or a case for everybody's last line.",
        ),
    ],
    method: Annotated[
        str, typer.Option("--method", metavar="METHOD", help="log (log odds), linear or median.")
    ] = "log",
    weights: Annotated[
        str | None,
        typer.Option("--weights", metavar="W", help="In the order given: 2,1,1; or by name: desk=2."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Combine finished forecasts, and show how far they are apart."""
    with exit_codes():
        from drawdown.answers.pool import METHODS, record
        from drawdown.answers.pool import pool as combine
        from drawdown.errors import did_you_mean
        from drawdown.files.forecasts import read_forecasts, read_weights

        if method not in METHODS:
            hint = did_you_mean(method, METHODS)
            expected = f"expected {', '.join(METHODS)}" + (f"; did you mean {hint}?" if hint else "")
            raise typer.BadParameter(f"`{method}`; {expected}", param_hint="--method")
        found = read_forecasts(forecasts)
        said = read_weights(weights, [f.name for f in found]) if weights is not None else None
        pooled = combine(found, method, said)
        _warn(pooled)
        if as_json:
            import json

            print(json.dumps(record(pooled), indent=1, ensure_ascii=False, allow_nan=False))
        else:
            _print(pooled)


def _warn(pooled: "Pooled") -> None:
    days = sorted({forecast.as_of for forecast in pooled.forecasts})
    if len(days) > 1:
        print(f"warning: forecasts as of {days[0]} to {days[-1]}", file=sys.stderr)
    for name, outcome in pooled.vetoes:
        what = outcome.replace("_", " ")
        print(
            f"warning: {name} gives {what} no chance, and so does the pool by log odds", file=sys.stderr
        )


def _print(pooled: "Pooled") -> None:
    print_table(_table(pooled))
    one, two, most = pooled.pairs[0]
    print(
        f"Two forecasts differ by {100 * pooled.disagreement:.1f} points, on the outcome on which they "
        f"differ most and in the mean over pairs; {one} and {two} by most, {100 * most:.1f}."
    )


def _table(pooled: "Pooled") -> "Table":
    from drawdown.outcomes import LABELS, OUTCOMES
    from drawdown.report.numerals import SHOWN

    names = (("forecast", "left"), ("as of", "left"), ("weight", "right"))
    table = new_table(*names, *((LABELS[o], "right") for o in SHOWN))
    at = [OUTCOMES.index(o) for o in SHOWN]
    for forecast, weight, chances in zip(pooled.forecasts, pooled.weights, pooled.chances, strict=True):
        said = (f"{100 * chances[i]:.1f} %" for i in at)
        table.add_row(forecast.name, forecast.as_of.isoformat(), f"{weight:.2f}", *said)
    table.add_section()
    together = (f"{100 * pooled.outcomes[i]:.1f} %" for i in at)
    table.add_row(f"pool ({pooled.method})", "", "", *together)
    low, high = 100 * pooled.chances.min(axis=0), 100 * pooled.chances.max(axis=0)
    table.add_row("range", "", "", *(f"{low[i]:.1f} to {high[i]:.1f} %" for i in at))
    return table

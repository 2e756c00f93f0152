"""The command that asks what would follow if something were judged or reported otherwise."""

import sys
import time
from collections.abc import Mapping
from math import ceil
from typing import TYPE_CHECKING, Annotated, Any

import typer

from drawdown.cli.shared import (
    AsOf,
    CaseFolder,
    Json,
    Overlays,
    Quick,
    Seed,
    exit_codes,
    load,
    new_table,
    print_table,
    progress,
)

if TYPE_CHECKING:
    from rich.table import Table

    from drawdown.answers.whatif import WhatIf


def whatif(
    case: CaseFolder,
    as_of: AsOf = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="PATH=VALUE",
            help="A value as `drawdown priors` names it, or reports.<line, x_id or origin>.observed or "
            ".grade; VALUE is YAML, `6..16`, `x1.5` or a plain value. May be repeated.",
        ),
    ] = None,
    priors: Overlays = None,
    without: Annotated[
        list[str] | None,
        typer.Option("--without", metavar="ORIGIN", help="Leave an origin out. May be repeated."),
    ] = None,
    seed: Seed = 1,
    quick: Quick = False,
    as_json: Json = False,
) -> None:
    """Show the answer before and after a change of judgements or reports, from stored draws."""
    started = time.perf_counter()
    with exit_codes():
        from drawdown.files.setting import read_setting

        changes = [read_setting(text) for text in settings or ()]
        load(case, priors)
        judged, found = load(case, None)
        from drawdown.answers.alternatives import alternatives
        from drawdown.answers.assess import ask
        from drawdown.answers.base import base_assessment
        from drawdown.answers.retell import Teller
        from drawdown.answers.whatif import record, what_if
        from drawdown.errors import FitError

        q = ask(found, judged, as_of, seed)
        alone, together = alternatives(q, priors or (), changes, without or ())
        told = progress()
        base = base_assessment(q, as_of, quick=quick, fitting=say_fitting, progress=told)
        answered = what_if(Teller(base), alone, together, told, quick=quick)
        if as_json:
            import json

            seconds = time.perf_counter() - started
            print(json.dumps(record(answered, seconds), indent=1, allow_nan=False))
        else:
            _print(found.name, answered)
        if not answered.passed:
            raise FitError("a refit failed its checks; the answer is not for citation")


def say_fitting() -> None:
    """Tell that an answer is fitted before anything can be asked of it."""
    print("No stored draws answer to these files and this code: fitting the base once.", file=sys.stderr)


def _print(name: str, answered: "WhatIf") -> None:
    from datetime import date

    from drawdown.answers.whatif import record
    from drawdown.report.numerals import short_date

    told = record(answered, 0.0)
    rows = told["changes"]
    print(f"{name}, as of {short_date(date.fromisoformat(answered.as_of))}")
    if len(rows) == 1:
        _print_change(rows[0])
    print_table(_before_and_after(told))
    print(_how(told["together"]))
    if len(rows) > 1:
        print("\nEach change alone, largest move first:")
        print_table(_alone(rows))
        for row in rows:
            if row["note"]:
                _print_change(row)


def _print_change(row: Mapping[str, Any]) -> None:
    print(f"{row['path']}: {row['said']} -> {row['becomes']}")
    for note in filter(None, row["note"].split("; ")):
        print(f"  {note}")


def _before_and_after(told: Mapping[str, Any]) -> "Table":
    from drawdown.outcomes import LABELS
    from drawdown.report.numerals import SHOWN, rounded_percents

    table = new_table(("outcome", "left"), ("before", "right"), ("after", "right"), ("change", "right"))
    before, after = (rounded_percents(told[key]) for key in ("before", "after"))
    for o in SHOWN:
        error = error_in_points(told["together"]["delta_mcse"][o])
        change = f"{move_in_points(told['together'], o)} ±{error} points"
        table.add_row(LABELS[o], f"{before[o]} %", f"{after[o]} %", change)
    return table


def _alone(rows: list[Mapping[str, Any]]) -> "Table":
    from drawdown.outcomes import LABELS
    from drawdown.report.numerals import SHOWN, rounded_percents

    outcomes = [(LABELS[o], "right") for o in SHOWN]
    names = (("path", "left"), ("said", "left"), ("becomes", "left"), *outcomes, ("method", "left"))
    table = new_table(*names, ("error", "right"))
    for row in rows:
        percents = rounded_percents({o: row["outcomes"][o] for o in SHOWN})
        moves = [f"{percents[o]} % ({move_in_points(row, o)})" for o in SHOWN]
        error = f"±{error_in_points(max(row['delta_mcse'].values()))}"
        table.add_row(row["path"], row["said"], row["becomes"], *moves, method_of(row), error)
    return table


def move_in_points(row: Mapping[str, Any], outcome: str) -> str:
    """A change in points, no finer than a tenth; its error stands beside it."""
    from drawdown.report.numerals import MINUS

    points = round(100.0 * row["delta"][outcome], 1)
    return f"+{points:.1f}" if points > 0 else f"{MINUS}{-points:.1f}" if points < 0 else "0.0"


def error_in_points(value: float) -> str:
    """Monte Carlo error in points, rounded up."""
    return f"{max(1, ceil(round(1000.0 * value, 6))) / 10:.1f}"


def method_of(row: Mapping[str, Any]) -> str:
    """How the answer of a row was got."""
    if row["method"] == "reweighted":
        return f"reweighted, k-hat {row['khat']:.2f}"
    return str(row["method"]) if row["passed"] else "refitted, checks failed"


def _how(row: Mapping[str, Any]) -> str:
    """How the answer was got and what it is worth."""
    words = {
        "exact": "Exact given the draws of the base: nothing that was sampled changed.",
        "refitted": "Fitted again: draws of the base do not reach so far.",
    }
    how = words.get(row["method"], "")
    if row["method"] == "reweighted":
        how = f"Draws of the base reweighted: k-hat {row['khat']:.2f}, {row['ess']:,} of them effective."
    worst = error_in_points(max(row["mcse"].values()))
    return f"{how} Monte Carlo error of each probability: ±{worst} points at most."

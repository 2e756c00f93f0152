"""The command that puts forecasters side by side."""

import sys
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from drawdown.cli.shared import (
    AsOf,
    CaseFolder,
    Json,
    Quick,
    Seed,
    exit_codes,
    load,
    new_table,
    number,
    print_table,
    progress,
)
from drawdown.cli.whatif import error_in_points, method_of, move_in_points

if TYPE_CHECKING:
    from rich.table import Table

DEFAULTS = "defaults"
"""Names the priors without an overlay."""
STACKED = "+"
FOOTNOTE = """\
Moves are of full / partial / retained, in points. Two answers are as far apart as the outcome on which
they differ most. A prior takes away what is gone of that distance once it alone is taken from the other
side, in the mean of both ways; these do not sum, where priors act together."""


def compare(
    case: CaseFolder,
    priors: Annotated[
        list[str],
        typer.Option(
            "--priors",
            metavar="FILE",
            help="A forecaster: an overlay, several joined by `+`, or `defaults`. At least two.",
        ),
    ],
    as_of: AsOf = None,
    seed: Seed = 1,
    quick: Quick = False,
    as_json: Json = False,
) -> None:
    """Show where forecasters differ in priors and answer, and which disagreement matters most."""
    started = time.perf_counter()
    with exit_codes():
        stacks = _stacks(priors)
        loaded = [load(case, list(stack)) for stack in stacks.values()]
        from drawdown.answers.assess import ask
        from drawdown.answers.base import base_assessment
        from drawdown.answers.compare import Forecaster, record
        from drawdown.answers.compare import compare as put_side_by_side
        from drawdown.errors import FitError

        told, forecasters = progress(), []
        for (name, stack), (judged, found) in zip(stacks.items(), loaded, strict=True):
            q = ask(found, judged, as_of, seed)
            fitting = lambda name=name: _say_fitting(name)  # noqa: E731
            base = base_assessment(q, as_of, quick=quick, fitting=fitting, progress=told)
            forecasters.append(Forecaster(name, stack, base))
        compared = put_side_by_side(forecasters, quick=quick, progress=told)
        said = record(compared, time.perf_counter() - started)
        if as_json:
            import json

            print(json.dumps(said, indent=1, ensure_ascii=False, allow_nan=False))
        else:
            _print(loaded[0][1].name, said)
        if not compared.passed:
            raise FitError("a refit failed its checks; its row is not for citation")


def _stacks(given: list[str]) -> dict[str, tuple[str, ...]]:
    """Overlays of each forecaster by name; none for the defaults."""
    from pathlib import Path

    from drawdown.errors import InputError, Problem

    stacks: dict[str, tuple[str, ...]] = {}
    problems = []
    for text in given:
        parts = (text,) if Path(text).is_file() else tuple(filter(None, text.split(STACKED)))
        name = STACKED.join(Path(part).name.removesuffix(".yaml") for part in parts)
        if name in stacks:
            problems.append(Problem("--priors", 0, 0, f"`{name}` twice", "each forecaster once"))
        stacks[name] = tuple(part for part in parts if Path(part).stem != DEFAULTS)
    if len(given) < 2:
        expected = "at least two of --priors; `defaults` names the priors without an overlay"
        problems.append(Problem("--priors", 0, 0, f"{number(len(given), 'forecaster')}", expected))
    if problems:
        raise InputError(problems)
    return stacks


def _say_fitting(name: str) -> None:
    print(f"No stored draws answer to the priors of {name}: fitting them once.", file=sys.stderr)


def _print(name: str, said: Mapping[str, Any]) -> None:
    from datetime import date

    from drawdown.report.numerals import short_date

    print(f"{name}, as of {short_date(date.fromisoformat(said['as_of']))}")
    print_table(_answers(said))
    one, two = said["pair"]
    if len(said["forecasters"]) > 2:
        print(f"Furthest apart: {one} and {two}; priors are swapped between these two.")
    if not said["swaps"]:
        print(f"{one} and {two} have the same priors.")
        return
    print(
        f"{number(len(said['swaps']), 'prior')} in which they differ, each alone taken from the other:"
    )
    print_table(_swaps(said))
    print(FOOTNOTE)
    print(f"\n{_verdict(said)}")


def _answers(said: Mapping[str, Any]) -> "Table":
    from drawdown.outcomes import LABELS
    from drawdown.report.numerals import SHOWN, rounded_percents

    outcomes = [(LABELS[o], "right") for o in SHOWN]
    table = new_table(("forecaster", "left"), *outcomes, ("error", "right"))
    for told in said["forecasters"]:
        percents = rounded_percents({o: told["outcomes"][o] for o in SHOWN})
        error = f"±{error_in_points(max(told['mcse'].values()))} points"
        table.add_row(told["name"], *(f"{percents[o]} %" for o in SHOWN), error)
    return table


def _swaps(said: Mapping[str, Any]) -> "Table":
    one, two = said["pair"]
    table = new_table(
        *((name, "left") for name in ("path", f"{one} says", f"{two} says")),
        *((f"moves {name}", "right") for name in (one, two)),
        ("takes away", "right"),
        ("method", "left"),
    )
    for swap in said["swaps"]:
        into = [swap["into"][name] for name in (one, two)]
        table.add_row(
            swap["path"],
            *(swap["says"][name] for name in (one, two)),
            *map(_moves, into),
            f"{100 * swap['closes']:.1f} ±{error_in_points(swap['closes_mcse'])}",
            "; ".join(dict.fromkeys(method_of(row) for row in into if row is not None)),
        )
    return table


def _moves(row: Mapping[str, Any] | None) -> str:
    from drawdown.report.numerals import SHOWN

    return "not alone" if row is None else " / ".join(move_in_points(row, o) for o in SHOWN)


def _verdict(said: Mapping[str, Any]) -> str:
    """Name the prior that explains most, or say why none does."""
    one, two = said["pair"]
    apart = f"{100 * said['distance']:.1f} ±{error_in_points(said['distance_mcse'])} points"
    if not said["apart"]:
        return f"{one} and {two} are {apart} apart: no more than Monte Carlo error."
    if said["most"] is None:
        return f"{one} and {two} are {apart} apart, and no prior alone takes any of that away."
    (most,) = (swap for swap in said["swaps"] if swap["path"] == said["most"])
    text = f"What explains most: {most['path']} takes away {100 * most['closes']:.1f} of {apart}."
    if near := said["near_most"]:
        text += f" Within Monte Carlo error of it: {', '.join(near)}."
    return text

"""The command that says of each indicator what it is and how much a look at it would tell."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from drawdown.cli.shared import (
    CaseFolder,
    Json,
    Overlays,
    Seed,
    exit_codes,
    load,
    new_table,
    number,
    print_table,
)

if TYPE_CHECKING:
    from rich.table import Table

FOOTNOTE = """\
Before any report, on day {day} ({as_of}): of the {open:.2f} bits that are open, the expected information
of one look where it tells most, by a source of grade {grade}. Below {weak:g} bits it tells next to
nothing (*). Each side is P(full / partial / retained) after that reading; before it: {before}."""


def indicators(
    case: CaseFolder,
    priors: Overlays = None,
    name: Annotated[
        str | None,
        typer.Option("--name", metavar="N", help="One indicator: every site, every reading."),
    ] = None,
    day: Annotated[
        int, typer.Option("--day", min=1, metavar="DAYS", help="Days after the trigger.")
    ] = 30,
    grade: Annotated[
        str, typer.Option("--grade", metavar="GRADE", help="Grade of who looks, A1 to F6.")
    ] = "B2",
    seed: Seed = 1,
    as_json: Json = False,
) -> None:
    """List the indicators, and what one look at each would tell before any report."""
    from drawdown.files.priors import GRADE, load_priors

    if not GRADE.fullmatch(grade):
        raise typer.BadParameter(f"`{grade}`; expected a grade, A1 to F6", param_hint="--grade")
    with exit_codes():
        judged, found = load(case, priors)
        shipped = judged.indicators if not priors else load_priors().indicators
        _check_name(name, judged.indicators)
        _check_day(day, (found.horizon - found.trigger).days)
        from drawdown.answers.diagnosis import diagnose, record

        said = record(diagnose(found, judged, shipped, day=day, grade=grade, seed=seed))
        if name is not None:
            said["indicators"] = [row for row in said["indicators"] if row["name"] == name]
        if as_json:
            import json

            print(json.dumps(said, indent=1, ensure_ascii=False, allow_nan=False))
        elif name is not None:
            _print_one(said)
        else:
            _print(said)


def _check_name(name: str | None, known: Mapping[str, object]) -> None:
    from drawdown.errors import InputError, Problem, did_you_mean

    if name is not None and name not in known:
        hint = did_you_mean(name, known)
        raise InputError([Problem("--name", 0, 0, f"unknown indicator `{name}`", "a known one", hint)])


def _check_day(day: int, horizon: int) -> None:
    from drawdown.errors import InputError, Problem

    if day >= horizon:
        expected = f"a day before the horizon, {horizon} days after the trigger"
        raise InputError([Problem("--day", 0, 0, f"`{day}`", expected)])


def _print(said: Mapping[str, Any]) -> None:
    print_table(_table(said["indicators"]))
    print(_footnote(said))
    silent = [row["name"] for row in said["indicators"] if row["tracks"] == "nothing"]
    if silent:
        print(f"Kept and shown without likelihood: {', '.join(silent)}.")
    odd = [row for row in said["indicators"] if row["note"] and row["tracks"] != "nothing"]
    for row in odd:
        print(f"{row['name']}: {row['note']}")


def _table(rows: list[Mapping[str, Any]]) -> "Table":
    names = ("indicator", "tracks", "of", "unit", "family", "look", "reports", "bits", "no", "yes")
    table = new_table(*((n, "right" if n in ("reports", "bits") else "left") for n in names))
    for row in rows:
        if row["tracks"] == "nothing":
            continue
        look = row["look"]
        sides = {"no": "", "yes": ""}
        if row["looks"]:
            sides |= {r["observed"]: _percents(r["outcomes"]) for r in row["looks"][0]["readings"]}
        table.add_row(
            row["name"] + (" (added)" if row["added"] else ""),
            row["tracks"],
            ", ".join(row["stocks"]),
            row["unit"],
            row["family"],
            f"{look['chance']:.0%} in {look['within_days']:g} days" if look else "",
            f"{row['modelled']} of {row['reports']}" if row["reports"] else "0",
            (f"{row['bits']:.3f}" + ("*" if row["weak"] else "")) if row["looks"] else "",
            sides["no"],
            sides["yes"],
        )
    return table


def _print_one(said: Mapping[str, Any]) -> None:
    (row,) = said["indicators"]
    print(f"{row['label']} ({row['name']})" + (", added by an overlay" if row["added"] else ""))
    of = f" of {', '.join(row['stocks'])}" if row["stocks"] else ""
    unit = f", in {row['unit']}" if row["unit"] else ""
    family = f"; family {row['family']}" if row["family"] else ""
    print(f"tracks {row['tracks']}{of}{unit}{family}")
    print(f"{number(row['reports'], 'row')} in the log, {row['modelled']} can enter the model")
    if row["note"]:
        print(row["note"])
        return
    table = new_table(("look", "left"), ("bits", "right"), ("reading", "left"), ("chance", "right"))
    for title in ("full", "partial", "retained"):
        table.add_column(title, justify="right")
    for look in row["looks"]:
        for n, reading in enumerate(look["readings"]):
            told = (look["what"], f"{look['bits']:.3f}") if n == 0 else ("", "")
            parts = _percents(reading["outcomes"]).split(" / ")
            table.add_row(*told, reading["observed"], f"{reading['chance']:.0%}", *parts)
    print_table(table)
    print(_footnote(said))


def _footnote(said: Mapping[str, Any]) -> str:
    from drawdown.answers.diagnosis import WEAK_BITS

    return FOOTNOTE.format(
        day=said["day"],
        as_of=said["as_of"],
        open=said["open_bits"],
        grade=said["grade"],
        weak=WEAK_BITS,
        before=_percents(said["before"]),
    )


def _percents(outcomes: Mapping[str, float]) -> str:
    from drawdown.report.numerals import SHOWN, rounded_percents

    parts = rounded_percents({o: outcomes[o] for o in SHOWN})
    return " / ".join(f"{part} %" for part in parts.values())

"""The first screen: the answer, what moved it, what would move it, the bases, the record."""

from dataclasses import dataclass
from typing import Any

from drawdown.answers.material import Material
from drawdown.outcomes import LABELS
from drawdown.report import outlook
from drawdown.report.cells import Cell, Table, moves, outcome_cell
from drawdown.report.evidence import silence
from drawdown.report.numerals import (
    SHOWN,
    chance_percents,
    day_of,
    error_points,
    outcome_percents,
    percent,
    points,
    short_date,
)
from drawdown.report.words import word_for, yardstick_of
from drawdown.report.worth import largest_first

MOVERS, LOOKS = 4, 3
SHORT = {"full_exit": "full exit", "partial_redeployment": "partial", "retained": "retained"}
"""Heads of narrow columns."""


@dataclass(frozen=True)
class Block:
    """A small table of the first screen, under a label; a sentence where there is nothing to list."""

    slug: str
    label: str
    table: Table | None = None
    text: str = ""


def since(material: Material) -> str:
    """Date of the assessment before, as a reader knows it; empty if there is none."""
    day = (material.summary.get("change") or {}).get("since")
    return short_date(day_of(day)) if day else ""


def answer(material: Material) -> Table:
    """Now, last, the change, and before any report; whole percents that add to 100 downwards."""
    now, prior = outcome_percents(material.summary), outcome_percents(material.summary, "prior")
    columns = {"now": {o: f"{now[o]} %" for o in SHOWN}}
    before = (material.summary.get("change") or {}).get("before")
    if before:
        last = chance_percents(before)
        columns[since(material) or "last"] = {o: f"{last[o]} %" for o in SHOWN}
        # of the percents printed on either side, so that a reader who subtracts finds the same
        columns["change"] = {o: points((now[o] - last[o]) / 100) for o in SHOWN}
    columns["before any report"] = {o: f"{prior[o]} %" for o in SHOWN}
    rows = [[outcome_cell(o), *(Cell(column[o]) for column in columns.values())] for o in SHOWN]
    return Table(("", *columns), rows, len(columns), "answer")


def moved(material: Material) -> Block:
    """The largest movers since the last assessment, and the rest in one row."""
    rows = (material.summary.get("change") or {}).get("rows") or []
    if not rows:
        return Block("moved", "Moved it", text="No earlier assessment to compare with.")
    ordered = sorted(rows, key=largest_first)
    top, rest = ordered[:MOVERS], ordered[MOVERS:]
    if len(rest) == 1:
        top, rest = ordered, []
    cells = [[_mover(row), *moves(row["delta_probability"])] for row in top]
    if rest:
        others = {o: sum(row["delta_probability"][o] for row in rest) for o in SHOWN}
        cells.append([Cell(f"{len(rest)} others together"), *moves(others)])
    heads = ("points", *(SHORT[outcome] for outcome in SHOWN))
    return Block("moved", f"Moved it since {since(material)}", Table(heads, cells, 3, "small"))


def _mover(row: dict[str, Any]) -> Cell:
    number = row.get("reports")
    note = f"{number} report{'' if number == 1 else 's'}" if number else ""
    return Cell(str(row["what"]), note=note)


def would_move(material: Material) -> Block | None:
    """The looks most worth having, with both answers; nothing if none were weighed."""
    rows = outlook.looks(material)[:LOOKS]
    if not rows:
        return None
    outcome = outlook.focus(rows)
    cells = [
        [
            Cell(str(row["label"]), note=outlook.place(material, row)),
            outlook.branch(row["if_seen"], outcome),
            outlook.branch(row["if_not"], outcome),
            Cell(percent(row["chance"]), note=f"in {row['within_days']:g} days"),
        ]
        for row in rows
    ]
    heads = (f"chance of a {LABELS[outcome]}", "if so", "if not", "chance to look")
    return Block("next", "Would move it most", Table(heads, cells, 3, "small"))


def given_up(material: Material) -> list[dict[str, str]]:
    """The major bases; every site if the summary does not say which these are."""
    sites, yardstick = material.summary["sites"], yardstick_of(material.summary)
    major = {slug: site for slug, site in sites.items() if site.get("kind") == "major"} or sites
    return [
        {
            "name": site.get("name", slug),
            "percent": percent(site["given_up"]),
            "word": word_for(site["given_up"], yardstick),
        }
        for slug, site in major.items()
    ]


def reserve(summary: dict[str, Any]) -> str:
    """How much is kept back, and the error of the simulation."""
    kept, error = round(100 * summary["reserve"]), error_points(summary)
    return (
        f"{kept} of the 100 points are a reserve for a wrong model, spread as before any report. "
        f"Simulation error: at most {error} point{'' if error == 1 else 's'}."
    )


def stated(summary: dict[str, Any]) -> str:
    """What own fates make of the base rates that were stated; empty where they change nothing."""
    before, rates = outcome_percents(summary, "prior"), outcome_percents(summary, "stated")
    if before == rates:
        return ""
    posts = [site["name"] for site in summary["sites"].values() if site["own_fate"]]
    told = ", ".join(f"{LABELS[o]} {rates[o]} %" for o in SHOWN)
    return (
        f"Before any report: the stated base rates ({told}), and what the rule makes of the fate that "
        f"the case gives to {' and '.join(posts)} whatever becomes of the force."
    )


def boundary(summary: dict[str, Any]) -> str:
    """What the boundary risk is."""
    return (
        f"Boundary risk {percent(summary['boundary_risk'])}: the chance that no base or sector is given "
        "up and the cut lies within 5 points of the 25 % line, where the shares of the sites decide."
    )


def newest(material: Material) -> str:
    """How long no report came, if it is long enough to be said."""
    days = silence(material)
    if days is None:
        return "no report yet"
    return f"no report for {days} days" if days > 1 else ""


def record(material: Material) -> str:
    """How many forecasts were issued, and how good the political strand was on past cases."""
    told = material.summary.get("record")
    if not told:
        return ""
    number, past = told["issued"], told["past"]
    text = f"Record: {number or 'no'} forecast{'' if number == 1 else 's'} of this case issued"
    if past:
        text += (
            f"; on {past['cases']} past cases, each left out, the political strand alone had "
            f"RPS {past['rps']:.3f} (climatology {past['climatology']:.3f}; 0 is best)"
        )
    return text + "."

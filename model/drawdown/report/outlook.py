"""Looks that could still be had: what each would make of the answer, and what two are worth together."""

from typing import Any

from drawdown.answers.material import Material
from drawdown.outcomes import LABELS
from drawdown.report.cells import Cell, Table
from drawdown.report.numerals import SHOWN, chance_percents, percent
from drawdown.report.words import rounded_percents

TOP = 8
"""Looks in the figure; the table has them all."""


def looks(material: Material) -> list[dict[str, Any]]:
    """Looks, most worth having first."""
    rows: list[dict[str, Any]] = material.summary.get("looks") or []
    return sorted(rows, key=lambda row: (-row["worth_bits"], row["site"], row["indicator"]))


def place(material: Material, row: dict[str, Any]) -> str:
    """Site of a look, as a reader knows it."""
    site = material.summary["sites"].get(row["site"], {})
    return str(site.get("name", "Whole force" if row["site"] == "theatre" else row["site"]))


def answer_of(side: dict[str, Any]) -> str:
    """What would be seen, in words."""
    return str(side.get("answer") or side["what"])


def focus(rows: list[dict[str, Any]]) -> str:
    """The outcome that the looks move most; a full exit where they move all alike."""

    def spread(outcome: str) -> float:
        return max(
            (abs(r["if_seen"]["outcomes"][outcome] - r["if_not"]["outcomes"][outcome]) for r in rows),
            default=0.0,
        )

    return max(SHOWN, key=lambda outcome: round(spread(outcome), 6))


def branch(side: dict[str, Any], outcome: str) -> Cell:
    """One answer: what it is, and what the chance of an outcome would be."""
    return Cell(f"{chance_percents(side['outcomes'])[outcome]} %", note=answer_of(side))


def table(material: Material) -> Table:
    """Every look: the chance of getting it, both answers, and its worth."""
    rows = []
    for row in looks(material):
        sides = [_triple(row[side]) for side in ("if_seen", "if_not")]
        rows.append(
            [
                Cell(str(row["label"]), note=place(material, row)),
                Cell(percent(row["chance"]), note=f"in {row['within_days']:g} days"),
                *sides,
                Cell(f"{row['information_bits']:.3f}"),
                Cell(f"{row['worth_bits']:.3f}"),
            ]
        )
    names = " / ".join(LABELS[o] for o in SHOWN)
    heads = ("look", "chance of it", "if so", "if not", "bits", "worth")
    return Table(heads, rows, 5, caption=f"In each answer: {names}, percent.")


def _triple(side: dict[str, Any]) -> Cell:
    shown = rounded_percents({o: side["outcomes"][o] for o in SHOWN})
    parts = " / ".join(str(shown[o]) for o in SHOWN)
    return Cell(parts, note=f"{answer_of(side)}: chance {percent(side['probability'])}")


def pairs(material: Material) -> Table:
    """Pairs of looks, most worth having first."""
    rows = material.summary.get("look_pairs") or []
    given: list[dict[str, Any]] = material.summary.get("looks") or []
    cells = [
        [
            Cell(" and ".join(_name(material, given, look) for look in row["looks"])),
            Cell(percent(row["chance"])),
            Cell(f"{row['information_bits']:.3f}"),
            Cell(f"{row['worth_bits']:.3f}"),
        ]
        for row in sorted(rows, key=lambda row: -row["worth_bits"])
    ]
    return Table(("two looks", "chance of both", "bits", "worth"), cells, 3, caption="Two together")


def _name(material: Material, given: list[dict[str, Any]], look: Any) -> str:
    """A look of a pair is its place in the list, or is named by site and indicator."""
    if isinstance(look, int):
        look = given[look]
    if isinstance(look, dict):
        return f"{look.get('label', look['indicator'])} ({place(material, look)})"
    return str(look)

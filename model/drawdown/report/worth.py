"""Tables of what the reports are worth: since the last assessment, by family, by origin and by kind."""

from typing import Any

from drawdown.answers.material import Material
from drawdown.report.cells import Cell, Table, labels, moves, summed
from drawdown.report.numerals import SHOWN
from drawdown.report.origins import by_origin, origin_name

MAX_KHAT = 0.7
KINDS = {
    "report": "reports",
    "priors": "judgements",
    "model": "model",
    "monte_carlo": "simulation",
}
"""Kinds of a row of change, in words."""

VISIBLE = 0.005
"""A move that is printed as a point."""


def method_cell(method: str, khat: float | None) -> Cell:
    """How a number was got, and how far its weights can be trusted."""
    fragile = method == "reweighted" and khat is not None and khat > MAX_KHAT
    note = "" if khat is None else f"k-hat {khat:.2f}{', not reliable' if fragile else ''}"
    return Cell(method, note=note)


def change(material: Material) -> Table:
    """What moved the answer since the last assessment, in tenths of points; the rows add up."""
    rows = material.summary.get("change", {}).get("rows", [])
    if not rows:
        return Table((), [])
    numbers = summed([row["delta_probability"] for row in rows], 1, 100.0)
    heads = [
        [Cell(str(row["what"])), Cell(KINDS.get(row.get("kind", ""), "")), Cell(row.get("method", ""))]
        for row in rows
    ]
    heads.append([Cell("All of it"), Cell(""), Cell("")])
    shown = [head + cells for head, cells in zip(heads, numbers, strict=True)]
    return Table(("what", "kind", "how", *labels()), shown, 3, total=True)


def families(material: Material) -> Table:
    """Families of indicators, in log odds; the rows add up to the answer less the base rates."""
    rows = material.summary.get("families", [])
    if not rows:
        return Table((), [])
    numbers = summed([row["delta_log_odds"] for row in rows], 2, 1.0)
    heads = [
        [
            Cell(str(row["family"]).replace("_", " ")),
            Cell(str(row.get("reports", ""))),
            Cell(str(row.get("method", ""))),
        ]
        for row in rows
    ]
    heads.append([Cell("All of it"), Cell(""), Cell("")])
    shown = [head + cells for head, cells in zip(heads, numbers, strict=True)]
    return Table(("family", "reports", "how", *labels()), shown, 3, total=True)


def largest_first(row: dict[str, Any]) -> tuple[float, str]:
    """Order of rows by what they do to any outcome."""
    name = row.get("origin") or f"{row.get('site', '')} {row.get('indicator', '')} {row.get('what', '')}"
    return -max(abs(value) for value in row["delta_probability"].values()), str(name)


def origins(material: Material) -> Table:
    """The origins that move an outcome by half a point, left out alone; largest effect first."""
    behind = by_origin(material)
    rows = [
        [
            Cell(origin_name(row["origin"], behind.get(row["origin"], [])), note=row["origin"]),
            Cell(str(row["reports"])),
            *moves(row["delta_probability"]),
            method_cell(row["method"], row.get("khat")),
        ]
        for row in sorted(material.summary.get("contributions", []), key=largest_first)
        if -largest_first(row)[0] >= VISIBLE
    ]
    caption = "By origin"
    return Table(("origin", "reports", *labels(), "how"), rows, 5, caption=caption)


def carries(material: Material) -> Table:
    """Every site and indicator, largest effect on any outcome first."""
    ordered = sorted(
        material.carries,
        key=lambda c: (-max(abs(v) for v in c.delta_probability.values()), c.site, c.indicator),
    )
    rows = [
        [
            Cell(row.label, note=row.site_name),
            Cell(str(row.reports)),
            *moves(row.delta_probability),
            method_cell(row.method, row.khat),
        ]
        for row in ordered
    ]
    caption = "By site and indicator"
    return Table(("site and indicator", "reports", *labels(), "how"), rows, 5, caption=caption)


def small(material: Material) -> tuple[str, ...]:
    """Say how many origins move nothing that would be printed; the evidence table has them all."""
    rows = material.summary.get("contributions", [])
    number = sum(-largest_first(row)[0] < VISIBLE for row in rows)
    if not number:
        return ()
    more = "1 more origin moves" if number == 1 else f"{number} more origins move"
    return (f"{more} no outcome by half a point; each stands with its worth in the evidence below.",)


def not_computed(material: Material) -> tuple[str, ...]:
    """Name what has no row: reweighting does not hold there, and the run did not fit again."""
    sites, behind = material.summary["sites"], by_origin(material)
    named = []
    for row in material.summary.get("not_computed", []):
        if row["origin"]:
            who = origin_name(row["origin"], behind.get(row["origin"], []))
        else:
            place = sites.get(row["site"], {}).get("name", row["site"])
            who = f"{row['indicator'].replace('_', ' ')} at {place}"
        named.append(f"{who} ({row['reports']} report{'' if row['reports'] == 1 else 's'})")
    if not named:
        return ()
    return (f"Not computed, since reweighting does not hold for them: {'; '.join(named)}.",)


def triple(delta: dict[str, float]) -> str:
    """Whole points of the three outcomes in one cell."""
    return " / ".join(cell.text for cell in moves({outcome: delta[outcome] for outcome in SHOWN}))

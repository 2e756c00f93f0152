"""Tables of the judgements: what this run says, what differs, what carries the answer, other answers."""

from typing import Any

from drawdown.answers.material import Material
from drawdown.report.cells import DASH, Cell, Table, labels
from drawdown.report.numerals import SHOWN, chance_percents, signed
from drawdown.report.worth import method_cell


def said(material: Material) -> Table:
    """Judgements of this run, all of them."""
    rows = [[Cell(path), Cell(says, note=why, look="judged")] for path, says, why in material.said]
    return Table(("judgement", "what it says, and why"), rows, 0, "long")


def differs(material: Material) -> Table:
    """Judgements of this run that are not the defaults."""
    rows = [
        [
            Cell(row.path),
            Cell(row.was or DASH, look="judged"),
            Cell(row.now, note=row.why, look="judged"),
        ]
        for row in material.differs
    ]
    return Table(("judgement", "by default", "in this run, and why"), rows, 0, "long")


def chances_of(outcomes: dict[str, Any]) -> dict[str, float]:
    """Three chances, whether they stand bare or with their errors."""
    return {o: v["probability"] if isinstance(v, dict) else v for o, v in outcomes.items()}


def sensitivity(material: Material) -> Table:
    """The outcomes under other judgements."""
    rows = []
    for row in material.summary.get("sensitivity", {}).get("rows", []):
        shown = chance_percents(chances_of(row["outcomes"]))
        cells = [Cell(f"{shown[o]} %") for o in SHOWN]
        what = Cell(str(row["what"]), note=str(row.get("path") or ""), look="judged")
        rows.append([what, *cells, Cell(str(row.get("method") or ""))])
    return Table(("if instead", *labels(), "how"), rows, 4)


def power(material: Material) -> Table:
    """Judgements that carry the answer: points for each doubling of the strength of one."""
    rows = (material.summary.get("sensitivity") or {}).get("power") or []
    ordered = sorted(
        rows, key=lambda r: (-max(abs(v) for v in r["d_probability"].values()), str(r["path"]))
    )
    cells = [_doubled(row, Cell(str(row["what"]), note=_said(row), look="judged")) for row in ordered]
    return Table(("judgement", *labels(), "how"), cells, 4)


def likelihood(material: Material) -> Table:
    """The same for the reports: points for each doubling of their weight."""
    given = (material.summary.get("sensitivity") or {}).get("likelihood") or {}
    parts = {"all reports": given} if "d_probability" in given else given
    cells = [
        _doubled(row, Cell(str(row.get("what") or name), look="measured")) for name, row in parts.items()
    ]
    return Table(("reports", *labels(), "how"), cells, 4, caption="If the reports weighed twice as much")


def _doubled(row: dict[str, Any], head: Cell) -> list[Cell]:
    moves = [Cell(signed(100 * row["d_probability"][o], 1)) for o in SHOWN]
    return [head, *moves, method_cell(str(row.get("method", "")), row.get("khat"))]


def _said(row: dict[str, Any]) -> str:
    parts = (str(row.get("said") or row["path"]), str(row.get("diagnosis") or ""))
    return "; ".join(part for part in parts if part)


def carry_most(material: Material) -> tuple[str, ...]:
    """The judgements that carry most, in sentences."""
    rows = (material.summary.get("sensitivity") or {}).get("carry_most") or []
    return tuple(
        f"{str(row['what'])[:1].upper()}{str(row['what'])[1:]}. {row['sentence']}" for row in rows
    )


def untried(material: Material) -> tuple[str, ...]:
    """Judgements that were not tried, and why."""
    rows = (material.summary.get("sensitivity") or {}).get("not_computed") or []
    named = "; ".join(f"{row['what']} ({row['why']})" for row in rows)
    return (f"Not computed: {named}.",) if rows else ()


def driven_by(summary: dict[str, Any]) -> str:
    """What drives the answer, where a judgement does."""
    named = (summary.get("sensitivity") or {}).get("driven_by") or []
    what = f" ({'; '.join(map(str, named))})" if named else ""
    return f"another reasonable judgement moves the answer by more than 15 points{what}."

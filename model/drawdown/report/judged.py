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
    rows = material.summary.get("sensitivity", {}).get("power", [])
    ordered = sorted(
        rows, key=lambda r: (-max(abs(v) for v in r["d_probability"].values()), str(r["path"]))
    )
    cells = [
        [
            Cell(str(row["what"]), note=str(row.get("said") or row["path"]), look="judged"),
            *(Cell(signed(100 * row["d_probability"][o], 1)) for o in SHOWN),
            method_cell(str(row.get("method", "")), row.get("khat")),
        ]
        for row in ordered
    ]
    return Table(("judgement", *labels(), "how"), cells, 4)

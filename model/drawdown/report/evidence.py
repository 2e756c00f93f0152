"""Tables of the reports: those that count, by origin, and those that do not."""

from drawdown.answers.material import EvidenceRow, Material
from drawdown.report.cells import DASH, Cell, Table
from drawdown.report.escape import safe_address
from drawdown.report.origins import by_origin, origin_name
from drawdown.report.worth import triple


def evidence(material: Material) -> Table:
    """Reports that count, the newest origin first; the reposts of each folded into it."""
    worth = {
        row["origin"]: triple(row["delta_probability"])
        for row in material.summary.get("contributions", [])
    }
    groups = sorted(
        by_origin(material).items(),
        key=lambda item: (max(r.published for r in item[1]), item[0]),
        reverse=True,
    )
    rows = []
    for origin, reports in groups:
        ordered = sorted(reports, key=lambda r: (r.published, r.until, r.site, r.label), reverse=True)
        for n, row in enumerate(ordered):
            name = origin_name(origin, reports) if n == 0 else "same origin"
            points = worth.get(origin, DASH) if n == 0 else ""
            rows.append(
                [
                    Cell(row.sentence, note=row.note, look="measured"),
                    Cell(row.grade or "F6", look="graded"),
                    Cell(name),
                    Cell(f"{(material.as_of - row.until).days}\N{NO-BREAK SPACE}d"),
                    Cell(f"+{row.reposts}" if row.reposts else ""),
                    Cell(points),
                    _source(row),
                ]
            )
    heads = ("what was read", "grade", "origin", "age", "reposts", "worth", "source")
    return Table(heads, rows, 0, "long evidence")


def not_modelled(material: Material) -> Table:
    """Reports that do not count, by the reason why."""
    rest = [row for row in material.evidence if not row.used]
    ordered = sorted(rest, key=lambda r: (r.reason, r.published, r.site, r.label, r.origin))
    rows = [
        [
            Cell(row.sentence, note=row.note, look="measured"),
            Cell(row.reason, look="judged"),
            _source(row),
        ]
        for row in ordered
    ]
    return Table(("what was read", "why it does not count", "source"), rows, 0, "long")


def lead(material: Material) -> tuple[str, ...]:
    """How many reports count, from how many origins, and how long nothing came."""
    used = [row for row in material.evidence if row.used]
    if not used:
        return ("No report counts: the answer is the prior.",)
    days = silence(material) or 0
    silent = f" No report for {days} days." if days > 1 else ""
    origins = len({row.origin for row in used})
    reposts = sum(row.reposts for row in used)
    counted = f"{len(used)} reports from {origins} origins count; {reposts} reposts are folded in."
    return (
        counted + silent,
        "Newest published first. Age counts from the end of the observation. Worth: points that the "
        "answer gains or loses by the origin, alone, given the rest, in the order full exit / partial "
        "redeployment / retained presence; they do not add up. Reposts add nothing.",
    )


def silence(material: Material) -> int | None:
    """Days since the newest report that counts was published; None if there is none."""
    used = [row.published for row in material.evidence if row.used]
    days: int | None = (material.as_of - max(used)).days if used else None
    return days


def _source(row: EvidenceRow) -> Cell:
    return Cell(row.publisher or row.collector, href=safe_address(row.url))

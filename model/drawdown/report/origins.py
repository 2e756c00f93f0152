"""Origins as a reader knows them: who looked, and on which days."""

from drawdown.answers.material import EvidenceRow, Material
from drawdown.report.numerals import short_date

MOST_COLLECTORS = 2


def by_origin(material: Material) -> dict[str, list[EvidenceRow]]:
    """Reports that count, by origin."""
    out: dict[str, list[EvidenceRow]] = {}
    for row in material.evidence:
        if row.used:
            out.setdefault(row.origin, []).append(row)
    return out


def origin_name(origin: str, rows: list[EvidenceRow]) -> str:
    """Collector and day of an origin; its own name where it has no report."""
    if not rows:
        return origin.replace("_", " ")
    collectors = list(dict.fromkeys(row.collector for row in rows))
    who = ", ".join(collectors[:MOST_COLLECTORS])
    if len(collectors) > MOST_COLLECTORS:
        who += " and others"
    first, last = min(row.date for row in rows), max(row.until for row in rows)
    when = short_date(first)
    if last != first:
        same_month = (first.year, first.month) == (last.year, last.month)
        when = f"{first.day if same_month else when} to {short_date(last)}"
    return f"{who}, {when}"


def reports_of(number: int) -> str:
    """Number of reports, with its noun."""
    return f"{number} report{'' if number == 1 else 's'}"

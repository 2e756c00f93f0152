"""Cases for tests: the sites of Syria with reports of the test's own."""

import csv
import re
import shutil
from datetime import timedelta
from pathlib import Path

from drawdown.files.case import Case, load_case
from drawdown.files.priors import Priors, load_priors

EVIDENCE = Path(__file__).parents[1] / "evidence"
SYRIA = EVIDENCE / "syria-2024"
REFERENCE = EVIDENCE / "reference-class"
KNOWN_SHARES = (("hmeimim", 55, 60), ("tartus", 20, 24), ("qamishli", 5, 6), ("inland", 13, 17))
COLUMNS = (
    *("date", "until", "published", "site", "indicator", "observed", "flow", "scope"),
    *("origin", "collector", "grade", "publisher", "note", "url"),
)


def report(date: str, site: str, indicator: str, observed: str, **more: str) -> dict[str, str]:
    """One row with everything that a row needs."""
    row = {"date": date, "site": site, "indicator": indicator, "observed": observed}
    return row | {"collector": "Maxar", "grade": "B2", "url": "https://example.org/a"} | more


def syria_with(folder: Path, rows: list[dict[str, str]], priors: Priors | None = None) -> Case:
    """Load the sites of Syria with these reports and no other."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(SYRIA / "case.yaml", folder / "case.yaml")
    with (folder / "reports.csv").open("w", newline="") as file:
        own = sorted({name for row in rows for name in row if name.startswith("x_")})
        writer = csv.DictWriter(file, [*COLUMNS, *own], restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return load_case(folder, priors or load_priors())


def well_watched(folder: Path, priors: Priors) -> Case:
    """The sites of Syria, with staff numbers known and every gate counted each fortnight.

    The counts are placeholders: only the looks matter, for a simulation to fill.
    """
    case = syria_with(folder, [], priors)
    rows = []
    for turn in range(26):
        day = (case.trigger + timedelta(days=1 + 14 * turn)).isoformat()
        for site in case.sites:
            origin = f"{site}_{turn}"
            rows.append(report(day, site, "perimeter_held", "1", origin=origin, grade="A1"))
    case = syria_with(folder, rows, priors)
    file = folder / "case.yaml"
    text = file.read_text()
    for name, low, high in KNOWN_SHARES:
        head, _, rest = text.partition(f"  {name}:\n")
        known = re.sub(r"between: \[\d+%, \d+%\]", f"between: [{low}%, {high}%]", rest, count=1)
        text = f"{head}  {name}:\n{known}"
    file.write_text(text)
    return load_case(folder, priors)


def syria_rows() -> list[dict[str, str]]:
    """The rows of the shipped log."""
    with (SYRIA / "reports.csv").open(newline="") as file:
        return list(csv.DictReader(file))

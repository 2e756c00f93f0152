"""Cases for tests: the sites of Syria with reports of the test's own."""

import csv
import shutil
from pathlib import Path

from drawdown.files.case import Case, load_case
from drawdown.files.priors import Priors, load_priors

SYRIA = Path(__file__).parents[1] / "evidence" / "syria-2024"
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


def syria_rows() -> list[dict[str, str]]:
    """The rows of the shipped log."""
    with (SYRIA / "reports.csv").open(newline="") as file:
        return list(csv.DictReader(file))

"""Cases of any size, made up: the sites of Syria or many alike, with as many reports as asked for."""

import csv
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

SYRIA = Path("evidence/syria-2024")
KINDS = (
    ("hmeimim", "combat_aircraft", (">=12", "15", "8..14", "20")),
    ("hmeimim", "transports_on_apron", ("2", "1", "0..3", "4")),
    ("hmeimim", "transport_flights", ("1", "3", "2", ">=1")),
    ("tartus", "warships", ("2..3", "3", "no", "4")),
    ("tartus", "perimeter_held", ("yes", "yes", "yes", "no")),
    ("hmeimim", "perimeter_held", ("yes", "yes", "yes", "yes")),
    ("inland", "perimeter_held", ("no", "yes", "no", "no")),
)
A_LOOK = 2
"""Facts that one origin shows."""
DAYS = 350
START = date(2024, 12, 9)
SORTS = ("major", "major", "sector", "outpost")
LARGE, SMALL = 8, 0.05
"""Sites beyond the eighth are outposts without jets, of so many people for one at a large site."""
HEAD = """\
name: Many sites
force: Blue
host: Green
trigger: 2024-12-08
horizon: 2025-12-08
sites:
"""
SITE = """\
  site_{n}:
    name: Site {n}
    kind: {kind}
    share: {{between: [{low:.2f}%, {high:.2f}%], sure: 80%, why: Made up}}
"""
JETS = """\
    stock:
      jets: {between: [15, 35], unit: aircraft, leaves: air, why: Made up}
"""
COLUMNS = (
    *("date", "until", "published", "site", "indicator", "observed", "flow", "scope", "origin"),
    *("collector", "grade", "publisher", "note", "url"),
)


def with_reports(folder: Path, number: int, days: int = DAYS) -> Path:
    """The sites of Syria with so many reports over so many days, two facts an origin."""
    folder.mkdir(parents=True, exist_ok=True)
    text = (SYRIA / "case.yaml").read_text(encoding="utf-8")
    if days > DAYS:
        last = START + timedelta(days=days + 14)
        text = text.replace("horizon: 2025-12-08", f"horizon: {last.isoformat()}", 1)
    (folder / "case.yaml").write_text(text, encoding="utf-8")
    with (folder / "reports.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(_rows(number, days))
    return folder


def _rows(number: int, days: int) -> Iterator[dict[str, str]]:
    for n in range(number):
        site, indicator, counts = KINDS[n % len(KINDS)]
        look = n // A_LOOK
        day = (START + timedelta(days=look * days * A_LOOK // number)).isoformat()
        yield {
            **{"date": day, "published": day, "site": site, "indicator": indicator},
            **{"observed": counts[(look // 3) % len(counts)], "origin": f"look_{look}"},
            **{"collector": f"Watcher {look % 40}", "grade": "BCD"[look % 3] + "234"[look % 3]},
            "url": "https://example.org/made",
        }


def with_sites(folder: Path, number: int, reports: int = 200) -> Path:
    """So many sites seen in turn: up to eight of equal size with jets, the others small posts."""
    folder.mkdir(parents=True, exist_ok=True)
    people = [1.0 if n < LARGE else SMALL for n in range(number)]
    sites = [
        SITE.format(
            n=n,
            kind=SORTS[n % len(SORTS)] if n < LARGE else "outpost",
            low=50 * people[n] / sum(people),
            high=150 * people[n] / sum(people),
        )
        + (JETS if n < LARGE else "")
        for n in range(number)
    ]
    (folder / "case.yaml").write_text(HEAD + "".join(sites), encoding="utf-8")
    with (folder / "reports.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="", lineterminator="\n")
        writer.writeheader()
        for n, row in enumerate(_rows(reports, DAYS)):
            jets = {"indicator": "combat_aircraft", "observed": "5..9", "site": f"site_{n % number}"}
            held = {"indicator": "perimeter_held", "observed": "yes", "site": f"site_{n % number}"}
            writer.writerow(row | (jets if n % 2 and n % number < LARGE else held))
    return folder

"""A recoded case: its reports beside the rows that were collected, and the rules of form for both."""

import csv
import re
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
INDICATORS = yaml.safe_load((ROOT / "model" / "priors" / "defaults.yaml").read_text(encoding="utf-8"))[
    "indicators"
]
HEADER = (
    "date,until,published,site,indicator,observed,flow,scope,origin,collector,grade,publisher,note,url,"
    "x_id,x_reading,x_also_reported_by"
)
KEY = ("origin", "site", "indicator", "date", "until")
OBSERVED = re.compile(r"yes|no|\d+|[<>]=\d+|\d+\.\.\d+")
GRADE = re.compile(r"[A-F][1-6]")
UNSAFE = re.compile(r"^[=+\-@]|[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
SCOPES = {
    "official_withdrawal_announcement": {"full", "partial", ""},  # blank where the words leave it open
    "agreement_or_lease_terminated": {"basing", "other"},
}

Row = dict[str, str]


def ids(row: Row) -> list[str]:
    return row["x_id"].split(";")


def last_day(row: Row) -> date:
    return date.fromisoformat(row["until"] or row["date"])


def published(row: Row) -> date:
    if row["published"]:
        return date.fromisoformat(row["published"])
    return last_day(row) + timedelta(days=2)


def check_cells(row: Row, sites: set[str]) -> None:
    """Every cell says something of the right form, and nothing that a spreadsheet would run."""
    assert row["site"] in sites
    assert OBSERVED.fullmatch(row["observed"])
    assert GRADE.fullmatch(row["grade"])
    assert row["origin"] and row["collector"] and row["publisher"] and row["note"]
    assert re.match(r"https?://", row["url"])
    assert not any(UNSAFE.search(row[name]) for name in ("collector", "publisher", "note", "url"))
    assert all(cell == cell.strip() for cell in row.values())
    tracks = INDICATORS[row["indicator"]]["tracks"]
    assert row["flow"] in ({"", "in", "out"} if tracks == "pace" else {""})
    assert row["scope"] in SCOPES.get(row["indicator"], {""})
    if tracks == "intent":
        assert row["observed"] in {"yes", "no"}
    if ".." in row["observed"]:
        low, high = row["observed"].split("..")
        assert int(low) < int(high)


def check_dates(row: Row) -> None:
    """Dates are ISO dates in an order that can be."""
    for name in ("date", "until", "published"):
        assert not row[name] or date.fromisoformat(row[name]).isoformat() == row[name]
    assert not row["until"] or row["until"] > row["date"]
    assert published(row) >= last_day(row), "nothing is published before it was observed"


class Recoded:
    """The reports of a case, and what became of each collected row."""

    def __init__(self, slug: str, source_ids: str):
        self.folder = ROOT / "evidence" / slug
        self.source_ids = (ROOT / "tests" / "data" / source_ids).read_text(encoding="utf-8").split()
        self.reports = self.read("reports.csv")
        self.left_out = self.read("left_out.csv")
        self.notes = (self.folder / "NOTES.md").read_text(encoding="utf-8")

    def read(self, name: str) -> list[Row]:
        with (self.folder / name).open(encoding="utf-8", newline="") as handle:
            return list(csv.DictReader(handle))

    def coded(self, source_id: str) -> Row:
        """The one report that a collected row, or a part of it, became."""
        (row,) = [row for row in self.reports if source_id in ids(row)]
        return row

    def parts(self, source_id: str) -> list[Row]:
        """Every report that holds a part of a collected row."""
        return [row for row in self.reports if source_id in {i.split("#")[0] for i in ids(row)}]

    def reading(self, source_id: str) -> tuple[str, str, str, str]:
        row = self.coded(source_id)
        return row["site"], row["indicator"], row["observed"], row["flow"]

    def check_accounted_for_once(self, collected: int) -> None:
        """No collected row is lost or doubled; parts of a row are explained in the notes."""
        seen = Counter(i for row in self.reports + self.left_out for i in ids(row))
        assert len(self.source_ids) == len(set(self.source_ids)) == collected
        assert {i for i in seen if "#" not in i} == set(self.source_ids)
        assert [i for i, n in seen.items() if n > 1] == []
        parts = [i for i in seen if "#" in i]
        assert all(i.split("#")[0] in self.source_ids for i in parts)
        assert [i for i in parts if f"`{i}`" not in self.notes] == []
        assert all(row["reason"].strip() for row in self.left_out)

    def check_one_look_one_unit_one_row(self) -> None:
        said: dict[tuple[str, ...], set[tuple[str, ...]]] = {}
        for row in self.reports:
            fact = (row["observed"], row["flow"], row["scope"])
            said.setdefault(tuple(row[name] for name in KEY), set()).add(fact)
        assert [key for key, facts in said.items() if len(facts) > 1] == []

    def check_order_and_spelling(self) -> None:
        """Rows stand in order of publication, and a collector has one spelling without method."""
        days = [published(row) for row in self.reports]
        assert days == sorted(days)
        names = {row["collector"] for row in self.reports}
        assert len({name.casefold().replace(" ", "") for name in names}) == len(names)
        assert not any("(" in name or "via" in name.split() for name in names)

    def check_counts_in_notes(self) -> None:
        """The notes count what the file holds."""
        told = re.findall(r"^\| ([a-z_]+) \| (\d+) \|$", self.notes, re.MULTILINE)
        assert {name: int(count) for name, count in told} == Counter(
            row["indicator"] for row in self.reports
        )
        grades = Counter(row["grade"] for row in self.reports)
        told = re.findall(r"\b([A-F][1-6]) (\d+)", self.notes.replace("\n", " ").partition("Count: ")[2])
        assert {grade: int(count) for grade, count in told} == grades
        assert f"holds {len(self.reports)} reports made from {len(self.source_ids)} " in self.notes

    def check_plain_file(self) -> None:
        """The columns of the project, UTF-8 and plain line ends."""
        assert ",".join(self.reports[0]) == HEADER
        assert {row["indicator"] for row in self.reports} <= set(INDICATORS)
        raw = (self.folder / "reports.csv").read_bytes()
        assert b"\r" not in raw and not raw.startswith(b"\xef\xbb\xbf") and raw.endswith(b"\n")
        assert raw.count(b"\n") == len(self.reports) + 1

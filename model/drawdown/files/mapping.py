"""A mapping: which columns of a collector's export become which cells of a report, in YAML."""

import datetime
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from drawdown.errors import InputError, did_you_mean
from drawdown.files.case import Case
from drawdown.files.fields import NOWHERE, Reader
from drawdown.files.indicator import Indicator
from drawdown.files.priors import GRADE, Priors
from drawdown.files.table import EARLIEST, LATEST
from drawdown.files.yamlmarks import Node, load_yaml

REQUIRED = ("indicator", "collector", "grade", "url", "date", "site", "count")
OPTIONAL = (
    *("separator", "until", "published", "flow", "origin", "publisher", "note", "keep", "drop"),
    "covers",
)
SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t"}
UNIX = "unix"
NEEDED = ("%Y", "%m", "%d")
HOLDERS = ("date", "until", "site", "flow", "count", "collector")
"""Placeholders of a pattern, besides the columns of the export."""
PLACE = re.compile(r"\{([^{}]*)\}")
FLOWS = ("out", "in")


@dataclass(frozen=True)
class When:
    """Where a day stands in the export, and how it is written.

    Attributes
    ----------
    column : str
    form : str
        As of `strptime`, or `unix` for seconds since 1970; a time with a zone is taken to UTC.
    """

    column: str
    form: str

    def read(self, text: str) -> datetime.date | None:
        """Return the day; None if the text is not written so."""
        try:
            if self.form == UNIX:
                found = datetime.datetime.fromtimestamp(float(text), datetime.UTC)
            else:
                found = datetime.datetime.strptime(text, self.form)
                found = found.astimezone(datetime.UTC) if found.tzinfo is not None else found
        except (ValueError, OverflowError, OSError):
            return None
        return found.date() if EARLIEST <= found.date() < LATEST else None


@dataclass(frozen=True)
class Names:
    """Values of a column and what they stand for here."""

    column: str
    names: dict[str, str]

    def of(self, text: str) -> str | None:
        """What a value stands for; None if it is not listed."""
        return self.names.get(folded(text))


@dataclass(frozen=True)
class MapTo:
    """How an export is read.

    Attributes
    ----------
    indicator : Indicator
    separator : str
    date, until, published : When or None
        Where there is an `until`, a row is a stay, and who is there on a day is counted.
    site : Names
    flow : str
        The same for every row; blank where `flow_of` tells it, or nothing does.
    flow_of : Names or None
    keep, drop : dict
        Column to the values that a row must have, and must not have.
    every : int
        Days of a window, counted from the trigger.
    distinct : tuple of str
        Columns that make two rows one; none if every row counts.
    exact : bool
        Whether a count is all that was there to be counted, or at least so many.
    covers : (date, date) or None
        Days on which the collector looked, whatever was seen.
    """

    file: str
    indicator: Indicator
    collector: str
    grade: str
    url: str
    separator: str
    date: When
    site: Names
    every: int
    distinct: tuple[str, ...]
    exact: bool
    until: When | None = None
    published: When | None = None
    flow: str = ""
    flow_of: Names | None = None
    origin: str = ""
    publisher: str = ""
    note: str = ""
    keep: dict[str, tuple[str, ...]] = field(default_factory=dict)
    drop: dict[str, tuple[str, ...]] = field(default_factory=dict)
    covers: tuple[datetime.date, datetime.date] | None = None

    @property
    def columns(self) -> dict[str, str]:
        """Columns of the export that are read, and what for."""
        out = {self.date.column: "date", self.site.column: "site"}
        out |= {when.column: "until" for when in (self.until,) if when is not None}
        out |= {when.column: "published" for when in (self.published,) if when is not None}
        out |= {self.flow_of.column: "flow"} if self.flow_of is not None else {}
        out |= dict.fromkeys(self.keep, "keep") | dict.fromkeys(self.drop, "drop")
        out |= dict.fromkeys(self.distinct, "count")
        for name, text in (("origin", self.origin), ("note", self.note)):
            out |= {column: name for column in PLACE.findall(text) if column not in HOLDERS}
        return out


def folded(text: str) -> str:
    """A value as it is compared: without outer spaces and capitals."""
    return text.strip().casefold()


def load_mapping(path: Path, case: Case, priors: Priors) -> MapTo:
    """Read a mapping for a case.

    Raises
    ------
    InputError
        With every problem of the file.
    """
    reader = Reader()
    root, _, problems = load_yaml(path)
    reader.problems += problems
    if root is None:
        raise InputError(reader.problems)
    found = _Blocks(reader, case, priors).mapping(root)
    if reader.problems:
        raise InputError(reader.problems)
    return found


class _Blocks:
    """Reads the blocks of a mapping."""

    def __init__(self, reader: Reader, case: Case, priors: Priors):
        self.reader, self.case, self.priors = reader, case, priors

    def mapping(self, root: Node) -> MapTo:
        r, fields = self.reader, self.reader.fields(root, REQUIRED, OPTIONAL)
        indicator = self.indicator(fields.get("indicator"))
        every, distinct, exact = self.count(fields.get("count"))
        flow, flow_of = self.flow(fields.get("flow"), indicator)
        covers = self.covers(fields.get("covers"))
        if exact and covers is None and "count" in fields:
            wrong = "an exact count without `covers`"
            expected = "`covers: {from: ..., to: ...}`, the days that were watched, or `says: at least`"
            r.problems.append(fields["count"].key_problem(wrong, expected))
        origin = r.text(fields["origin"]) if "origin" in fields else ""
        if flow_of is not None and "{flow}" not in origin:
            if "origin" in fields:
                wrong = "an origin that is the same for both flows"
                r.problems.append(fields["origin"].problem(wrong, "`{flow}` in it"))
            origin = "{collector} {date} {flow}"
        separator = r.choice(fields.get("separator"), SEPARATORS, "comma")
        return MapTo(
            file=root.file,
            indicator=indicator,
            collector=r.text(fields.get("collector")),
            grade=self.grade(fields.get("grade")),
            url=r.url(fields.get("url")),
            separator=SEPARATORS[separator],
            date=self.when(fields.get("date")) or When("", UNIX),
            site=self.names(fields.get("site"), list(self.case.sites), "site"),
            every=every,
            distinct=distinct,
            exact=exact,
            until=self.when(fields.get("until")),
            published=self.when(fields.get("published")),
            flow=flow,
            flow_of=flow_of,
            origin=origin,
            publisher=r.text(fields["publisher"]) if "publisher" in fields else "",
            note=r.text(fields["note"]) if "note" in fields else "",
            keep=self.filters(fields.get("keep")),
            drop=self.filters(fields.get("drop")),
            covers=covers,
        )

    def indicator(self, node: Node | None) -> Indicator:
        name = self.reader.text(node)
        known = {i.name: i for i in self.priors.indicators.values() if i.tracks in ("remaining", "pace")}
        if node is not None and name and name not in known:
            expected = "one that is counted, tracking `remaining` or `pace`"
            self.reader.problems.append(node.problem(f"`{name}`", expected, did_you_mean(name, known)))
        return known.get(name) or next(iter(known.values()))

    def grade(self, node: Node | None) -> str:
        text = node.text if node is not None else ""
        if node is not None and not GRADE.fullmatch(text):
            self.reader.problems.append(node.problem(node.shown(), "a grade from A1 to F6"))
        return text

    def when(self, node: Node | None) -> When | None:
        if node is None:
            return None
        fields = self.reader.fields(node, ("column", "format"))
        form = self.reader.text(fields.get("format"))
        if form and form != UNIX and any(part not in form for part in NEEDED):
            expected = "`unix`, or %Y, %m and %d as they stand there, as `%d/%m/%Y %H:%M`"
            self.reader.problems.append(fields["format"].problem(f"format `{form}`", expected))
        return When(self.reader.text(fields.get("column")), form)

    def names(self, node: Node | None, known: Collection[str], what: str) -> Names:
        """A column, and what each of its values stands for."""
        if node is None:
            return Names("", {})
        fields = self.reader.fields(node, ("column", "names"))
        listed = fields.get("names")
        if listed is not None and not listed.fields:
            self.reader.problems.append(listed.problem(listed.shown(), f"values, as {{OSLK: {what}}}"))
        out: dict[str, str] = {}
        for value, stands in (listed.fields if listed is not None else {}).items():
            out[folded(value)] = self.reader.choice(stands, known)
        return Names(self.reader.text(fields.get("column")), out)

    def flow(self, node: Node | None, indicator: Indicator) -> tuple[str, Names | None]:
        if node is None:
            return "", None
        if indicator.tracks != "pace":
            wrong = f"a flow, but `{indicator.name}` counts no movements"
            self.reader.problems.append(node.key_problem(wrong, "no `flow`"))
        if node.kind == "map":
            return "", self.names(node, FLOWS, "out")
        return self.reader.choice(node, FLOWS), None

    def filters(self, node: Node | None) -> dict[str, tuple[str, ...]]:
        """Values by column: one, or a list."""
        if node is None:
            return {}
        if node.kind != "map":
            self.reader.problems.append(
                node.problem(node.shown(), "values by column, as {type: [A124]}")
            )
        out = {}
        for column, value in node.fields.items():
            items = value.items if value.kind == "list" else [value]
            if not items or any(item.kind in ("map", "list", "nothing") for item in items):
                self.reader.problems.append(value.problem(value.shown(), "a value, or a list of them"))
            out[column] = tuple(folded(item.text) for item in items)
        return out

    def count(self, node: Node | None) -> tuple[int, tuple[str, ...], bool]:
        if node is None:
            return 1, (), False
        r, fields = self.reader, self.reader.fields(node, ("every", "says"), ("distinct",))
        days = r.days(fields.get("every"))
        if days != int(days):
            r.problems.append(fields["every"].problem(fields["every"].shown(), "whole days"))
        distinct: tuple[str, ...] = ()
        if "distinct" in fields:
            value = fields["distinct"]
            items = value.items if value.kind == "list" else [value]
            distinct = tuple(r.text(item) for item in items)
        says = r.choice(fields.get("says"), ("exact", "at least"), "at least")
        return max(1, int(days)), distinct, says == "exact"

    def covers(self, node: Node | None) -> tuple[datetime.date, datetime.date] | None:
        if node is None:
            return None
        fields = self.reader.fields(node, ("from", "to"))
        first, last = self.reader.date(fields.get("from")), self.reader.date(fields.get("to"))
        if NOWHERE not in (first, last) and last < first:
            self.reader.problems.append(fields["to"].problem(f"`{last}`", f"{first} or later"))
        return first, last


def filled(pattern: str, values: Mapping[str, str]) -> str:
    """A pattern with its placeholders filled in; what nobody knows stays as it is."""
    return PLACE.sub(lambda found: values.get(found[1], found[0]), pattern)

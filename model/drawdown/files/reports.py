"""The rows of reports.csv: one fact from one origin, and whether the model can use it."""

import datetime
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from drawdown.errors import Problem, did_you_mean
from drawdown.files.indicator import Indicator
from drawdown.files.priors import GRADE, UNGRADED
from drawdown.files.table import Row, read_date, read_observed, read_table, too_many
from drawdown.files.text import url_fault

THEATRE = "theatre"
"""Site of a report on the whole force."""
GARRISON = "garrison"
"""The stock that every site has."""
REQUIRED = ("date", "site", "indicator", "observed", "collector", "url")
OPTIONAL = ("until", "published", "flow", "scope", "origin", "grade", "publisher", "note")
FLOWS = ("", "in", "out")
PUBLISHED_AFTER = datetime.timedelta(days=2)
LOOKALIKE_DAYS = 3


@dataclass(frozen=True)
class Report:
    """One report.

    Attributes
    ----------
    line : int
        In the file; for messages, never for numbers.
    lo, hi : int
        Interval of the count; `hi` is None where it has no upper end.
    flow : str
        `in`, `out`, or empty where the source does not say.
    extra : dict
        The forecaster's own columns, which nothing reads.
    modelled : bool
        Whether the report can enter a likelihood.
    reason : str
        Why not; empty if it can.
    """

    line: int
    date: datetime.date
    until: datetime.date
    published: datetime.date
    site: str
    indicator: str
    observed: str
    lo: int
    hi: int | None
    flow: str
    scope: str
    origin: str
    collector: str
    grade: str
    publisher: str
    note: str
    url: str
    extra: dict[str, str] = field(default_factory=dict)
    modelled: bool = True
    reason: str = ""

    @property
    def fact(self) -> tuple[str, str, str, str, str, str]:
        """What makes two rows one fact: a second row with all of these is a repost."""
        dates = self.date.isoformat(), self.until.isoformat()
        return (self.origin, self.site, self.indicator, *dates, self.scope)


def unmade(
    site: str,
    indicator: str,
    observed: str,
    first: datetime.date,
    until: datetime.date,
    *,
    origin: str,
    grade: str,
    flow: str = "",
) -> Report:
    """A report that nobody has made, to ask what it would say: `yes`, or `no` by whoever looked."""
    seen = observed == "yes"
    return Report(
        line=0,
        date=first,
        until=until,
        published=until,
        site=site,
        indicator=indicator,
        observed=observed,
        lo=int(seen),
        hi=None if seen else 0,
        flow=flow,
        scope="",
        origin=origin,
        collector="",
        grade=grade,
        publisher="",
        note="",
        url="",
    )


@dataclass(frozen=True)
class Setting:
    """What a row must fit: names and dates of the case; None where the case could not be read."""

    indicators: Mapping[str, Indicator]
    stocks: Mapping[str, Iterable[str]] | None
    trigger: datetime.date | None
    horizon: datetime.date | None


def read_reports(path: Path, setting: Setting, problems: list[Problem]) -> tuple[list[Report], bytes]:
    """Read the reports of a case.

    Parameters
    ----------
    path : path
        `reports.csv`; a case without one has no reports yet.
    setting : Setting
    problems : list of Problem
        Grows by what is wrong.
    """
    if not path.exists() and not path.is_symlink():
        return [], b""
    before = len(problems)
    rows, raw = read_table(path, REQUIRED, OPTIONAL, problems)
    kept = []
    for row in rows:
        if too_many(row["date"].file, row["date"].line, before, problems):
            return [], raw
        report = _Row(row, setting, problems).report()
        if report is not None:
            kept.append((row, report))
    _refuse_conflicts(kept, problems)
    return [report for _, report in kept], raw


def slug(text: str) -> str:
    """Return a name without spaces, capitals and signs; letters of any alphabet stay."""
    short = re.sub(r"[^\w+-]+", "_", text.casefold()).strip("_")
    return short or hashlib.sha256(text.encode()).hexdigest()[:8]


class _Row:
    """Reads one row and adds what is wrong with it."""

    def __init__(self, row: Row, setting: Setting, problems: list[Problem]):
        self.row, self.setting, self.problems = row, setting, problems

    def text(self, name: str) -> str:
        return self.row[name].text if name in self.row else ""

    def wrong(self, name: str, wrong: str, expected: str = "", hint: str = "") -> None:
        self.problems.append(self.row[name].problem(wrong, expected, hint))

    def report(self) -> Report | None:
        """Return the report; None if anything is wrong with it."""
        before = len(self.problems)
        dates = self.dates()
        self.names()
        indicator = self.setting.indicators.get(self.text("indicator"))
        low, high = read_observed(self.row["observed"], self.problems)
        if indicator is not None:
            self.fits(indicator)
        self.source()
        if len(self.problems) > before or dates is None or indicator is None:
            return None
        collector = self.text("collector")
        reason = _reason(indicator, self.text("site"), dates[0], dates[1], self.setting)
        return Report(
            line=self.row["date"].line,
            date=dates[0],
            until=dates[1],
            published=dates[2],
            site=self.text("site"),
            indicator=indicator.name,
            observed=self.text("observed"),
            lo=low,
            hi=high,
            flow=self.text("flow"),
            scope=self.text("scope"),
            origin=slug(self.text("origin") or f"{collector}+{dates[0]}"),
            collector=collector,
            grade=self.text("grade") or UNGRADED,
            publisher=self.text("publisher"),
            note=self.text("note"),
            url=self.text("url"),
            extra={name: cell.text for name, cell in self.row.items() if name.startswith("x_")},
            modelled=not reason,
            reason=reason,
        )

    def dates(self) -> tuple[datetime.date, datetime.date, datetime.date] | None:
        """Return the first and last day observed, and the day of publication."""
        first = read_date(self.row["date"], self.problems)
        last = read_date(self.row["until"], self.problems) if self.text("until") else first
        given = bool(self.text("published"))
        published = read_date(self.row["published"], self.problems) if given else None
        if first is None or last is None:
            return None
        if last < first:
            self.wrong("until", f"`{last}` is before `{first}`", "the last day of what was observed")
            return None
        if given and published is not None and published < last:
            wrong = "it cannot be published before it was observed"
            self.wrong("published", wrong, f"{last} or later")
        return first, last, published or last + PUBLISHED_AFTER

    def names(self) -> None:
        """Check the site and the indicator."""
        site, indicator = self.text("site"), self.text("indicator")
        if self.setting.stocks is not None:
            known = [*self.setting.stocks, THEATRE]
            if site not in known:
                sites = ", ".join(f"`{name}`" for name in known)
                self.wrong("site", _unknown("site", site), f"one of {sites}", did_you_mean(site, known))
        if indicator not in self.setting.indicators:
            hint = did_you_mean(indicator, self.setting.indicators)
            self.wrong("indicator", _unknown("indicator", indicator), "one of the priors", hint)

    def fits(self, indicator: Indicator) -> None:
        """Check what depends on the indicator."""
        observed, flow, scope = self.text("observed"), self.text("flow"), self.text("scope")
        if indicator.tracks == "intent" and observed not in ("yes", "no"):
            self.wrong("observed", f"`{observed}` of something that is said or not", "`yes` or `no`")
        if flow not in FLOWS:
            expected = "`in`, `out`, or blank where the source does not say"
            self.wrong("flow", f"flow `{flow}`", expected, did_you_mean(flow, FLOWS[1:]))
        elif flow and indicator.tracks != "pace":
            self.wrong("flow", f"a flow, but `{indicator.name}` counts no movements", "a blank")
        if scope and scope not in indicator.scopes:
            scopes = ", ".join(f"`{name}`" for name in indicator.scopes)
            expected = f"one of {scopes}, or a blank" if scopes else "a blank"
            hint = did_you_mean(scope, indicator.scopes)
            self.wrong("scope", f"scope `{scope}` of `{indicator.name}`", expected, hint)

    def source(self) -> None:
        """Check who says so."""
        grade = self.text("grade")
        if not self.text("collector"):
            self.wrong("collector", "no collector", "whose eyes or sensor it was")
        if grade and not GRADE.fullmatch(grade):
            hint = f"`{grade.upper()}`" if GRADE.fullmatch(grade.upper()) else ""
            self.wrong("grade", f"grade `{grade}`", "A1 to F6, or a blank", hint)
        if fault := url_fault(self.text("url")):
            self.wrong("url", *fault)


def _unknown(what: str, name: str) -> str:
    return f"unknown {what} `{name}`" if name else f"no {what}"


def _reason(
    indicator: Indicator, site: str, first: datetime.date, last: datetime.date, setting: Setting
) -> str:
    """Say why a report cannot enter a likelihood; empty if it can."""
    if indicator.tracks == "nothing":
        return "kept and shown; tracks nothing"
    if setting.trigger is not None and first < setting.trigger:
        return "before the trigger"
    if setting.horizon is not None and last > setting.horizon:
        return "after the horizon"
    if indicator.tracks == "intent":
        return ""
    if site == THEATRE:
        return "no site given"
    here = {GARRISON, *(setting.stocks or {}).get(site, ())}
    if here.isdisjoint(indicator.stocks):
        return f"no {' or '.join(name.replace('_', ' ') for name in indicator.stocks)} at this site"
    return ""


def _refuse_conflicts(rows: list[tuple[Row, Report]], problems: list[Problem]) -> None:
    """Refuse two counts of one fact: a look is one interval."""
    first: dict[tuple[str, ...], Report] = {}
    for row, report in rows:
        other = first.setdefault(report.fact, report)
        if other.observed != report.observed:
            wrong = (
                f"`{report.observed}`, but line {other.line} says `{other.observed}` of the same"
                " origin, site, indicator and dates"
            )
            problems.append(row["observed"].problem(wrong, "one row for both, e.g. `>=15`"))
        elif report.flow and other.flow and other.flow != report.flow:
            wrong = f"flow `{report.flow}`, but line {other.line} says `{other.flow}` of the same look"
            problems.append(row["flow"].problem(wrong, "one row for both, with a blank flow"))


def lookalikes(reports: Iterable[Report]) -> list[tuple[Report, Report]]:
    """Find probable reposts that vote twice.

    Returns
    -------
    list of (Report, Report)
        Pairs of different origin with the same site, indicator and observation, whose dates lie
        within three days, in order of line.
    """
    groups: dict[tuple[str, ...], list[Report]] = {}
    for report in reports:
        key = (report.site, report.indicator, report.observed, report.scope, report.flow)
        groups.setdefault(key, []).append(report)
    pairs = []
    for group in groups.values():
        group.sort(key=lambda r: (r.date, r.line))
        for n, a in enumerate(group):
            for b in group[n + 1 :]:
                if (b.date - a.date).days > LOOKALIKE_DAYS:
                    break
                if a.origin != b.origin:
                    pairs.append((a, b) if a.line < b.line else (b, a))
    return sorted(pairs, key=lambda pair: (pair[0].line, pair[1].line))

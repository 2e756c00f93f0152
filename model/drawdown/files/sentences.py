"""Reports and gates read back as sentences, so that a forecaster sees what was understood."""

from datetime import date

from drawdown.errors import did_you_mean
from drawdown.files.case import Case, Gate
from drawdown.files.indicator import Indicator
from drawdown.files.priors import Priors
from drawdown.files.reports import GARRISON, Report

MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
"""Not from the locale: a sentence is the same everywhere."""
FLOWS = {"": "", "in": ", arriving", "out": ", leaving"}
WHOLE_FORCE = "whole force"
WAYS = {"air": "by air", "sea": "by sea", "road": "by road"}


def say(report: Report, priors: Priors, case: Case) -> str:
    """Say what a report was understood to say."""
    indicator = priors.indicators[report.indicator]
    what = _what(report, indicator)
    if "leaving" not in what:  # a column that leaves needs no second word for it
        what += FLOWS[report.flow]
    if report.scope:
        what += f" (scope: {report.scope})"
    when = say_dates(report.date, report.until)
    return f"{when}, {say_site(report.site, case)}: {what} ({report.collector}, {report.grade})"


def say_gate(gate: Gate, case: Case) -> str:
    """Say when nothing could move."""
    when = say_dates(gate.start, gate.end)
    return f"{when}, {say_site(gate.site, case)}: nothing could move {WAYS[gate.leaves]}: {gate.why}"


def say_site(site: str, case: Case) -> str:
    """Name a site as the case does."""
    return case.sites[site].name if site in case.sites else WHOLE_FORCE


def say_day(day: date) -> str:
    """Return a day as in `13 Dec 2024`."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def say_dates(first: date, last: date) -> str:
    """Return one day or a span, without repeating month and year."""
    if first == last:
        return say_day(first)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day} to {say_day(last)}"
    if first.year == last.year:
        return f"{first.day} {MONTHS[first.month - 1]} to {say_day(last)}"
    return f"{say_day(first)} to {say_day(last)}"


def uncounted(indicator: Indicator, case: Case, priors: Priors) -> str:
    """Say that no site of a case has what an indicator counts, and what may have been meant.

    A stock that other indicators count is spelt right; it is not here, and that is all.
    """
    there = {name for site in case.sites.values() for name in site.stock} | {GARRISON}
    if not indicator.stocks or there & set(indicator.stocks):
        return ""
    others = {s for other in priors.indicators.values() if other is not indicator for s in other.stocks}
    odd = [stock for stock in indicator.stocks if stock not in others]
    hint = next(filter(None, (did_you_mean(stock, there | others) for stock in odd)), "")
    missing = ", ".join(f"`{stock}`" for stock in indicator.stocks)
    return f"no site of the case has {missing}" + (f"; did you mean {hint}?" if hint else "")


def _what(report: Report, indicator: Indicator) -> str:
    label = _lower(indicator.label)
    if indicator.tracks == "intent":
        return label if report.observed == "yes" else f"not so: {label}"
    if report.observed == "no":
        return f"looked, none: {label}"
    if report.observed == "yes":
        return label if indicator.tracks == "nothing" else f"at least one: {label}"
    # "1 heavy transports" and "10 tens of vehicles" need the label apart from the count
    unit = indicator.unit if " " in indicator.unit else ""
    count = _count(report)
    if unit:
        return f"{count} {unit}: {label}"
    return f"{count}: {label}" if count == "1" else f"{count} {label}"


def _count(report: Report) -> str:
    if report.hi is None:
        return f"at least {report.lo}"
    if report.lo == report.hi:
        return str(report.lo)
    return f"at most {report.hi}" if report.lo == 0 else f"{report.lo} to {report.hi}"


def _lower(label: str) -> str:
    """Begin a label in the middle of a sentence; an abbreviation keeps its capitals."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]

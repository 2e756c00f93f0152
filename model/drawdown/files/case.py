"""A case: its dates, its sites, what the host blocked, what is known of it, and its reports."""

import hashlib
import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from drawdown.errors import InputError, Problem, did_you_mean
from drawdown.files.fields import NOWHERE, Reader
from drawdown.files.priors import Priors
from drawdown.files.reports import THEATRE, Report, Setting, read_reports
from drawdown.files.site import WAYS, Site, read_site
from drawdown.files.text import SLUG, SLUG_WORDS, is_file, is_folder, shown_name
from drawdown.files.yamlmarks import Node, load_yaml
from drawdown.outcomes import OUTCOMES

MOST_SITES = 64
"""A call of the density grows with them, and so does all that is drawn."""
FEW_SITES = 6
"""Up to so many sites each pattern of fates is summed by itself; with more, blocks of them are."""
MOST_OWN = 4
"""Own fates of a case of many sites: their combinations are three to their number."""
REQUIRED = ("name", "force", "host", "trigger", "sites")
OPTIONAL = ("horizon", "blocked", "context", "resolved")
MOST_DAYS = 3653
"""From trigger to horizon: ten years. Every day of them is simulated."""


@dataclass(frozen=True)
class Gate:
    """A time in which the host let nothing in or out."""

    site: str
    leaves: str
    start: date
    end: date
    published: date
    why: str
    url: str = ""


@dataclass(frozen=True)
class Fact:
    """A political indicator whose state is part of what the case is."""

    observed: str
    published: date
    why: str
    url: str = ""


@dataclass(frozen=True)
class Case:
    """A case as its folder has it, whatever the date of an assessment.

    Attributes
    ----------
    slug : str
        Name of the folder.
    trigger, horizon : date
        Day 0 of every path, and the day on which the outcome is judged.
    resolved : dict or None
        The outcome; for `replay` and `score` alone.
    sha256 : str
        Hash of the bytes of both files.
    """

    slug: str
    name: str
    force: str
    host: str
    trigger: date
    horizon: date
    sites: dict[str, Site]
    blocked: tuple[Gate, ...]
    context: dict[str, Fact]
    resolved: dict[str, Any] | None
    reports: tuple[Report, ...]
    sha256: str
    folder: Path


def load_case(folder: Path | str, priors: Priors) -> Case:
    """Read a case.

    Parameters
    ----------
    folder : path
        Holds `case.yaml` and, once there are reports, `reports.csv`.
    priors : Priors
        Name the indicators that reports may use.

    Raises
    ------
    InputError
        With every problem of both files.
    """
    folder, reader = Path(folder), Reader()
    slug = _check_folder(reader, folder)
    if reader.problems:
        raise InputError(reader.problems)
    root, raw, problems = load_yaml(folder / "case.yaml")
    reader.problems += problems
    fields = reader.fields(root, REQUIRED, OPTIONAL) if root is not None else {}
    trigger, horizon = _dates(reader, fields)
    sites = read_sites(reader, fields.get("sites"), priors)
    setting = Setting(
        indicators=priors.indicators,
        stocks={name: tuple(site.stock) for name, site in sites.items()} if sites else None,
        trigger=trigger if trigger != NOWHERE else None,
        horizon=horizon if horizon != NOWHERE else None,
    )
    reports, raw_reports = read_reports(folder / "reports.csv", setting, reader.problems)
    case = Case(
        slug=slug,
        name=reader.text(fields.get("name")),
        force=reader.text(fields.get("force")),
        host=reader.text(fields.get("host")),
        trigger=trigger,
        horizon=horizon,
        sites=sites,
        blocked=_blocked(reader, fields.get("blocked"), sites, horizon),
        context=_context(reader, fields.get("context"), priors),
        resolved=_resolved(reader, fields.get("resolved")),
        reports=tuple(reports),
        sha256=hashlib.sha256(raw + b"\0" + raw_reports).hexdigest(),
        folder=folder,
    )
    if reader.problems:
        raise InputError(reader.problems)
    return case


def _check_folder(reader: Reader, folder: Path) -> str:
    """Check the folder before anything in it is opened; return its name."""
    shown = shown_name(folder)
    slug = Path(os.path.realpath(folder)).name
    if not is_folder(folder):
        above = folder.parent
        beside = [p.name for p in above.glob("*") if is_folder(p)] if is_folder(above) else []
        hint = did_you_mean(folder.name, beside)
        wrong = "is a file" if is_file(folder) else "no such folder"
        reader.problems.append(Problem(shown, 0, 0, wrong, "the folder of a case", hint))
        return slug
    if not SLUG.fullmatch(slug):
        reader.problems.append(Problem(shown, 0, 0, f"folder name `{slug}`", SLUG_WORDS))
    for name in ("case.yaml", "reports.csv"):
        file = folder / name
        # the path as it is, even of a link to itself, which `resolve` takes for an error
        if not Path(os.path.realpath(file)).is_relative_to(os.path.realpath(folder)):
            wrong = "a link that leads out of the folder"
            reader.problems.append(Problem(shown_name(file), 0, 0, wrong, "the file itself"))
    return slug


def _dates(reader: Reader, fields: dict[str, Node]) -> tuple[date, date]:
    trigger = reader.date(fields.get("trigger"))
    if "horizon" not in fields:
        return trigger, a_year_on(trigger)
    horizon = reader.date(fields["horizon"])
    if NOWHERE not in (trigger, horizon) and horizon <= trigger:
        problem = fields["horizon"].problem(f"`{horizon}`", f"a day after the trigger {trigger}")
        reader.problems.append(problem)
    elif NOWHERE not in (trigger, horizon) and (horizon - trigger).days > MOST_DAYS:
        wrong = f"`{horizon}`, {(horizon - trigger).days:,} days after the trigger"
        reader.problems.append(fields["horizon"].problem(wrong, f"at most {MOST_DAYS:,} days"))
    return trigger, horizon


def a_year_on(day: date) -> date:
    """Return the same day of the next year; the 28th where it has no 29 February."""
    if (day.month, day.day) == (2, 29):
        return date(day.year + 1, 2, 28)
    return day.replace(year=day.year + 1)


def read_sites(reader: Reader, node: Node | None, priors: Priors) -> dict[str, Site]:
    """Read the block of the sites."""
    if node is None:
        return {}
    if not node.fields:
        reader.problems.append(node.problem(node.shown(), "at least one site"))
        return {}
    for name, value in node.fields.items():
        if name == THEATRE:
            wrong = f"`{THEATRE}` is kept for reports on the whole force"
            reader.problems.append(value.key_problem(wrong, "another name"))
        elif not SLUG.fullmatch(name):
            reader.problems.append(value.key_problem(f"site name `{name}`", SLUG_WORDS))
    if len(node.fields) > MOST_SITES:
        wrong = f"{len(node.fields)} sites"
        reader.problems.append(node.key_problem(wrong, f"at most {MOST_SITES}, small ones joined"))
    out = {
        name: read_site(reader, name, value, node.fields, priors) for name, value in node.fields.items()
    }
    own = sum(site.fate is not None for site in out.values())
    if len(out) > FEW_SITES and own > MOST_OWN:
        wrong = f"{own} sites with a `fate` of their own among {len(out)}"
        expected = f"at most {MOST_OWN} of them in a case of more than {FEW_SITES} sites"
        reader.problems.append(node.key_problem(wrong, expected))
    if not any(site.kind == "major" for site in out.values()):
        reader.problems.append(node.key_problem("no major base", "`kind: major` at one site at least"))
    return out


def _blocked(
    reader: Reader, node: Node | None, sites: dict[str, Site], horizon: date
) -> tuple[Gate, ...]:
    if node is None:
        return ()
    if node.kind != "list":
        problem = node.problem(node.shown(), "a list, each item as `- {site: ..., from: ..., to: ...}`")
        reader.problems.append(problem)
    return tuple(_gate(reader, item, sites, horizon) for item in node.items)


def _gate(reader: Reader, node: Node, sites: dict[str, Site], horizon: date) -> Gate:
    fields = reader.fields(node, ("site", "leaves", "from", "published", "why"), ("to", "url"))
    start = reader.date(fields.get("from"))
    end = reader.date(fields["to"]) if "to" in fields else horizon
    if "to" in fields and NOWHERE not in (start, end) and end < start:
        reader.problems.append(fields["to"].problem(f"`{end}`", f"{start} or later"))
    if "to" not in fields and NOWHERE not in (start, horizon) and start > horizon:
        problem = fields["from"].problem(f"`{start}`", f"a day up to the horizon {horizon}")
        reader.problems.append(problem)
    return Gate(
        site=reader.choice(fields.get("site"), sites) if sites else "",
        leaves=reader.choice(fields.get("leaves"), WAYS),
        start=start,
        end=end,
        published=reader.date(fields.get("published")),
        why=reader.why(fields),
        url=reader.url(fields.get("url")),
    )


def _context(reader: Reader, node: Node | None, priors: Priors) -> dict[str, Fact]:
    if node is None:
        return {}
    if node.kind != "map":
        reader.problems.append(node.problem(node.shown(), "political indicators by name"))
    political = [i.name for i in priors.indicators.values() if i.tracks == "intent"]
    out = {}
    for name, value in node.fields.items():
        if name not in political:
            expected, hint = "an indicator that tracks `intent`", did_you_mean(name, political)
            reader.problems.append(value.key_problem(f"`{name}` in `context`", expected, hint))
        fields = reader.fields(value, ("observed", "published", "why"), ("url",))
        out[name] = Fact(
            observed=reader.choice(fields.get("observed"), ("yes", "no")),
            published=reader.date(fields.get("published")),
            why=reader.why(fields),
            url=reader.url(fields.get("url")),
        )
    return out


def _resolved(reader: Reader, node: Node | None) -> dict[str, Any] | None:
    if node is None:
        return None
    fields = reader.fields(node, ("outcome", "known", "why"), ("near",))
    return {
        "outcome": reader.choice(fields.get("outcome"), OUTCOMES),
        "known": reader.date(fields.get("known")),
        "near": reader.choice(fields["near"], OUTCOMES) if "near" in fields else None,
        "why": reader.why(fields),
    }

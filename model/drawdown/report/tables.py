"""Tables of the answer itself: outcomes by strand, sites, politics, dates, looks, and the checks."""

from math import exp
from typing import Any

from drawdown.answers.material import Code, Material
from drawdown.outcomes import LABELS
from drawdown.report.cells import DASH, Cell, Table, labels, outcome_cell
from drawdown.report.numerals import SHOWN, chance_percents, day_of, percent, short_date
from drawdown.report.words import word_for, yardstick_of


def strands(material: Material) -> Table:
    """The outcomes before any report, by each strand alone, and by both."""
    shown = {name: chance_percents(chances) for name, chances in material.strands.items()}
    rows = [[outcome_cell(o), *(Cell(f"{parts[o]} %") for parts in shown.values())] for o in SHOWN]
    return Table(("", *shown), rows if shown else [], len(shown), "strands")


def sites(material: Material) -> Table:
    """Each site: how far it has drawn down, how far by the horizon, and the chance it is given up."""
    rows, yardstick = [], yardstick_of(material.summary)
    for slug, site in material.summary["sites"].items():
        silent = site.get("information", True) is False
        notes = [site.get("kind", ""), "no information" if silent else ""]
        word = word_for(site["given_up"], yardstick)
        rows.append(
            [
                Cell(site.get("name", slug), note=", ".join(note for note in notes if note)),
                *(Cell(*_spread(site.get(key))) for key in ("drawdown", "drawdown_at_horizon")),
                Cell(percent(site["given_up"]), note=word, bar=site["given_up"]),
            ]
        )
    now, then = short_date(material.as_of), short_date(material.horizon)
    return Table(("site", f"garrison gone by {now}", f"gone by {then}", f"given up by {then}"), rows, 3)


def _spread(spread: dict[str, float] | None) -> tuple[str, str]:
    if not spread:
        return DASH, ""
    return percent(spread["mean"]), f"{percent(spread['q05'])} to {percent(spread['q95'])}"


def politics(material: Material) -> tuple[Table, list[str]]:
    """Codes that are known, with what each outcome makes of them; and the names of those unknown."""
    known = [code for code in material.politics if code.state != "unknown"]
    rows = [
        [
            Cell(code.label, note=_behind(code)),
            Cell(
                code.state, note="" if code.chance is None else f"chance present {percent(code.chance)}"
            ),
            *(Cell(f"\N{MULTIPLICATION SIGN}{exp(code.log_ratio[o]):.2g}") for o in SHOWN),
        ]
        for code in known
    ]
    unknown = [code.label for code in material.politics if code.state == "unknown"]
    return Table(("indicator", "code", *labels()), rows, 3, "codes"), unknown


def _behind(code: Code, most: int = 3) -> str:
    said = " \N{MIDDLE DOT} ".join(code.rows[-most:])
    more = f" (and {len(code.rows) - most} more)" if len(code.rows) > most else ""
    return ": ".join(part for part in (code.why, said + more) if part)


def given_up_by(summary: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Name of each major base to the chance that it is given up by each date, where that is known."""
    sites = summary["sites"].items()
    major = {slug: s for slug, s in sites if s.get("kind") == "major"} or dict(sites)
    return {s.get("name", slug): s["given_up_by"] for slug, s in major.items() if s.get("given_up_by")}


def exit_by(material: Material) -> Table:
    """Chance that the exit is complete by each date, and that each major base is given up."""
    bases = given_up_by(material.summary)
    by_day = {name: {day_of(r["date"]): r["probability"] for r in rows} for name, rows in bases.items()}
    rows = []
    for row in material.summary.get("exit_by", []):
        day = day_of(row["date"])
        exit_cell = Cell(percent(row["probability"]), bar=row["probability"], key="full_exit")
        others = [Cell(percent(days[day]) if day in days else DASH) for days in by_day.values()]
        rows.append([Cell(short_date(day)), exit_cell, *others])
    heads = ("complete by", "full exit", *(f"{name} given up" for name in bases))
    return Table(heads, rows, len(heads) - 1, "bars")


def ends_to_stands(material: Material) -> Table:
    """How it ends, and where that stands on the horizon."""
    ends = chance_percents({h: material.summary["hypotheses"][h]["posterior"] for h in SHOWN})
    rows = []
    for h in SHOWN:
        if h in material.ends_to_stands:
            stands = chance_percents(material.ends_to_stands[h])
            cells = [Cell(f"{stands[o]} %") for o in SHOWN]
            rows.append([Cell(f"ends as {LABELS[h]}", key=h), Cell(f"{ends[h]} %"), *cells])
    return Table(("", "chance", *(f"stands as {label}" for label in labels())), rows, 4)


def checks(material: Material) -> Table:
    """The gate, line by line."""
    rows = [
        [Cell(c.name), Cell(c.value), Cell(c.limit), Cell("passed" if c.passed else "FAILED")]
        for c in material.checks
    ]
    return Table(("check", "value", "limit", ""), rows, 3)

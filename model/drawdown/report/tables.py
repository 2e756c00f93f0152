"""The tables of the page as plain cells; the templates only lay them out."""

from dataclasses import dataclass
from datetime import date
from math import exp
from typing import Any

from drawdown.answers.material import Code, EvidenceRow, Material
from drawdown.outcomes import LABELS
from drawdown.report.escape import safe_address
from drawdown.report.numerals import SHOWN, percent, points, rounded_percents, short_date
from drawdown.report.words import word_for

DASH = "\N{EN DASH}"
MAX_KHAT = 0.7


@dataclass(frozen=True)
class Cell:
    """What one cell shows: a text, perhaps a smaller note, an address, a bar of a length from 0 to 1."""

    text: str
    note: str = ""
    href: str = ""
    bar: float | None = None
    key: str = ""
    """Outcome whose colour the cell carries."""


@dataclass(frozen=True)
class Table:
    """A table: head and rows; `numeric` counts the last columns that hold numbers."""

    head: tuple[str, ...]
    rows: list[list[Cell]]
    numeric: int = 0
    kind: str = ""


def outcome_cell(outcome: str) -> Cell:
    """Head of a row: the name of the outcome, in its colour and shape."""
    return Cell(LABELS[outcome].capitalize(), key=outcome)


def _labels() -> tuple[str, ...]:
    return tuple(LABELS[outcome] for outcome in SHOWN)


def answer(material: Material) -> Table:
    """Now, before any report, and each strand alone; whole percents that add to 100 downwards."""
    outcomes = material.summary["outcomes"]
    columns = {
        "now": {o: outcomes[o]["probability"] for o in SHOWN},
        "before any report": {o: outcomes[o]["prior"] for o in SHOWN},
    }
    for name in ("physical strand alone", "political strand alone"):
        if name in material.strands:
            columns[name] = {o: material.strands[name][o] for o in SHOWN}
    shown = {name: rounded_percents(chances) for name, chances in columns.items()}
    rows = [
        [
            outcome_cell(o),
            *(Cell(f"{parts[o]} %") for parts in shown.values()),
        ]
        for o in SHOWN
    ]
    return Table(("", *columns), rows, len(columns), "answer")


def carries(material: Material) -> Table:
    """Every site and indicator, largest effect on any outcome first."""
    ordered = sorted(
        material.carries,
        key=lambda c: (-max(abs(v) for v in c.delta_probability.values()), c.site, c.indicator),
    )
    rows = []
    for row in ordered:
        fragile = row.method == "reweighted" and row.khat is not None and row.khat > MAX_KHAT
        note = "" if row.khat is None else f"k-hat {row.khat:.2f}{', not reliable' if fragile else ''}"
        rows.append(
            [
                Cell(row.label, note=row.site_name),
                Cell(str(row.reports)),
                *(Cell(points(row.delta_probability[o])) for o in SHOWN),
                Cell(row.method, note=note),
            ]
        )
    return Table(("site and indicator", "reports", *_labels(), "how"), rows, 5)


def sites(material: Material) -> Table:
    """Each site: how far it has drawn down, how far by the horizon, and the chance it is given up."""
    rows = []
    for slug, site in material.summary["sites"].items():
        silent = site.get("information", True) is False
        notes = [site.get("kind", ""), "no information" if silent else ""]
        rows.append(
            [
                Cell(site.get("name", slug), note=", ".join(note for note in notes if note)),
                *(Cell(*_spread(site.get(key))) for key in ("drawdown", "drawdown_at_horizon")),
                Cell(percent(site["given_up"]), note=word_for(site["given_up"]), bar=site["given_up"]),
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
    return Table(("indicator", "code", *_labels()), rows, 3), unknown


def _behind(code: Code, most: int = 3) -> str:
    said = " \N{MIDDLE DOT} ".join(code.rows[-most:])
    more = f" (and {len(code.rows) - most} more)" if len(code.rows) > most else ""
    return ": ".join(part for part in (code.why, said + more) if part)


def exit_by(material: Material) -> Table:
    """Chance that the exit is complete by each date."""
    rows = [
        [
            Cell(short_date(date.fromisoformat(str(row["date"])))),
            Cell(percent(row["probability"]), bar=row["probability"], key="full_exit"),
        ]
        for row in material.summary.get("exit_by", [])
    ]
    return Table(("complete by", "full exit"), rows, 1, "bars")


def ends_to_stands(material: Material) -> Table:
    """How it ends, and where that stands on the horizon."""
    ends = rounded_percents({h: material.summary["hypotheses"][h]["posterior"] for h in SHOWN})
    rows = []
    for h in SHOWN:
        if h in material.ends_to_stands:
            stands = rounded_percents({o: material.ends_to_stands[h][o] for o in SHOWN})
            cells = [Cell(f"{stands[o]} %") for o in SHOWN]
            rows.append([Cell(f"ends as {LABELS[h]}", key=h), Cell(f"{ends[h]} %"), *cells])
    return Table(("", "chance", *(f"stands as {label}" for label in _labels())), rows, 4)


def evidence(material: Material) -> Table:
    """Reports that count, the newest first; the reposts of each folded into it."""
    used = [row for row in material.evidence if row.used]
    ordered = sorted(used, key=lambda r: (r.published, r.until, r.site, r.label, r.origin), reverse=True)
    rows = [
        [
            Cell(row.sentence, note=row.note),
            Cell(row.grade),
            Cell(f"{(material.as_of - row.until).days}\N{NO-BREAK SPACE}d"),
            Cell(f"+{row.reposts}" if row.reposts else ""),
            _source(row),
        ]
        for row in ordered
    ]
    return Table(("what was read", "grade", "age", "reposts", "source"), rows, 0, "long")


def not_modelled(material: Material) -> Table:
    """Reports that do not count, by the reason why."""
    rest = [row for row in material.evidence if not row.used]
    ordered = sorted(rest, key=lambda r: (r.reason, r.published, r.site, r.label, r.origin))
    rows = [[Cell(row.sentence, note=row.note), Cell(row.reason), _source(row)] for row in ordered]
    return Table(("what was read", "why it does not count", "source"), rows, 0, "long")


def _source(row: EvidenceRow) -> Cell:
    return Cell(row.publisher or row.collector, href=safe_address(row.url))


def said(material: Material) -> Table:
    """Judgements that this run states in its own files."""
    rows = [[Cell(path), Cell(says, note=why)] for path, says, why in material.said]
    return Table(("judgement", "what it says, and why"), rows, 0, "long")


def checks(material: Material) -> Table:
    """The gate, line by line."""
    rows = [
        [Cell(c.name), Cell(c.value), Cell(c.limit), Cell("passed" if c.passed else "FAILED")]
        for c in material.checks
    ]
    return Table(("check", "value", "limit", ""), rows, 3)


def change(material: Material) -> Table:
    """What moved the answer since the last assessment; the rows add up."""
    rows = [
        [Cell(str(row["what"])), *(Cell(points(row["delta_probability"][o])) for o in SHOWN)]
        for row in material.summary.get("change", {}).get("rows", [])
    ]
    return Table(("what", *_labels()), rows, 3)


def families(material: Material) -> Table:
    """Families of indicators, in log odds; the rows add up to the answer less the base rates."""
    rows = [
        [Cell(str(row["family"])), *(Cell(f"{row['delta_log_odds'][o]:+.2f}") for o in SHOWN)]
        for row in material.summary.get("families", [])
    ]
    return Table(("family", *_labels()), rows, 3)


def sensitivity(material: Material) -> Table:
    """The outcomes under other judgements."""
    rows = []
    for row in material.summary.get("sensitivity", {}).get("rows", []):
        chances: dict[str, Any] = {o: row["outcomes"][o] for o in SHOWN}
        shown = rounded_percents(
            {o: v["probability"] if isinstance(v, dict) else v for o, v in chances.items()}
        )
        rows.append([Cell(str(row["what"])), *(Cell(f"{shown[o]} %") for o in SHOWN)])
    return Table(("if instead", *_labels()), rows, 3)

"""One context for both pages, so that Markdown and HTML cannot say different things."""

from dataclasses import dataclass
from typing import Any

from drawdown.answers.material import Material
from drawdown.report import method, tables
from drawdown.report.confidence import RULE as CONFIDENCE_RULE
from drawdown.report.confidence import confidence
from drawdown.report.figures import STAMP, Drawn
from drawdown.report.numerals import error_points, percent, short_date
from drawdown.report.tables import Table
from drawdown.report.words import BANDS, YARDSTICK, judgements, word_for


@dataclass(frozen=True)
class Section:
    """A part of the page below the first screen."""

    slug: str
    title: str
    lead: tuple[str, ...] = ()
    figure: Drawn | None = None
    table: Table | None = None
    after: tuple[str, ...] = ()
    terms: tuple[tuple[str, str], ...] = ()


def _given_up(material: Material) -> list[dict[str, str]]:
    """The major bases; every site if the summary does not say which these are."""
    sites = material.summary["sites"]
    major = {slug: site for slug, site in sites.items() if site.get("kind") == "major"} or sites
    return [
        {
            "name": site.get("name", slug),
            "percent": percent(site["given_up"]),
            "word": word_for(site["given_up"]),
        }
        for slug, site in major.items()
    ]


def _reserve(summary: dict[str, Any]) -> str:
    points = round(100 * summary["reserve"])
    error = error_points(summary)
    return (
        f"{points} of the 100 points are a reserve for a wrong model, spread as before any report. "
        f"Simulation error: at most {error} point{'' if error == 1 else 's'}."
    )


def _boundary(summary: dict[str, Any]) -> str:
    return (
        f"Boundary risk {percent(summary['boundary_risk'])}: the chance that no base or sector is given "
        "up and the cut lies within 5 points of the 25 % line, where the shares of the sites decide."
    )


def _yardstick() -> str:
    edges = [round(100 * edge) for edge, _ in BANDS] + [100]
    bands = ", ".join(
        f"{word} {low} to {high} %"
        for (_, word), low, high in zip(BANDS, edges, edges[1:], strict=False)
    )
    return f"Words follow {YARDSTICK}, lower edge inclusive: {bands}."


def _evidence_lead(material: Material) -> tuple[str, ...]:
    used = [row for row in material.evidence if row.used]
    if not used:
        return ("No report counts: the answer is the prior.",)
    newest = max(row.published for row in used)
    days: int = (material.as_of - newest).days
    silent = f" No report for {days} days." if days > 1 else ""
    origins = len({row.origin for row in used})
    reposts = sum(row.reposts for row in used)
    counted = f"{len(used)} reports from {origins} origins count; {reposts} reposts are folded in."
    return (counted + silent, method.READING["evidence"])


def _not_computed(material: Material) -> tuple[str, ...]:
    """Name what has no row: reweighting does not hold there, and the run did not fit again."""
    sites = material.summary["sites"]
    named = [
        row["origin"]
        or f"{row['indicator'].replace('_', ' ')} at {sites[row['site']]['name']}"
        f" ({row['reports']} reports)"
        for row in material.summary.get("not_computed", [])
    ]
    if not named:
        return ()
    return (f"Not computed, since reweighting does not hold for them: {'; '.join(named)}.",)


def _answer_sections(material: Material, figures: dict[str, Drawn]) -> list[Section]:
    politics, unknown = tables.politics(material)
    reading = method.READING
    silent = (f"Not known on the date: {', '.join(unknown)}.",) if unknown else ()
    return [
        Section(
            "change",
            "What moved it",
            (f"Since {material.summary.get('change', {}).get('since')}; the rows add up.",),
            table=tables.change(material),
        ),
        Section(
            "families",
            "Families of indicators",
            ("Log odds of each outcome; the rows add up.",),
            table=tables.families(material),
        ),
        Section(
            "carries",
            "What carries it",
            (reading["carries"],),
            figures.get("carries"),
            tables.carries(material),
            after=_not_computed(material),
        ),
        Section(
            "sites", "Site by site", (reading["sites"],), figures.get("sites"), tables.sites(material)
        ),
        Section("politics", "Politics", (reading["politics"],), table=politics, after=silent),
        Section("exit", "A full exit by date", (reading["exit_by"],), table=tables.exit_by(material)),
        Section(
            "ends",
            "How it ends, and where it stands",
            (reading["ends"],),
            table=tables.ends_to_stands(material),
        ),
        Section("predictive", "What a look should count", figure=figures.get("predictive")),
    ]


def _annex_sections(material: Material) -> list[Section]:
    evidence = tables.evidence(material)
    left_out, judged = tables.not_modelled(material), tables.said(material)
    run = tuple((str(key), str(value)) for key, value in material.summary["provenance"].items())
    overlays = ", ".join(material.overlays) or "none"
    return [
        Section(
            "sensitivity",
            "Other judgements",
            ("The answer if one judgement were another.",),
            table=tables.sensitivity(material),
        ),
        Section(
            "evidence", "Evidence", _evidence_lead(material), table=evidence if evidence.rows else None
        ),
        Section(
            "not-modelled",
            "Reports that do not count",
            (f"{len(left_out.rows)} reports are kept and shown without a say in the answer.",),
            table=left_out,
        ),
        Section(
            "judgements",
            "Judgements of this run",
            (f"Overlays: {overlays}. All judgements, as resolved, are in priors.yaml.",),
            table=judged,
        ),
        Section("checks", "Checks", table=tables.checks(material)),
        Section(
            "method",
            "Method in one page",
            method.METHOD,
            terms=method.KINDS,
            after=(_yardstick(), f"Confidence. {CONFIDENCE_RULE}"),
        ),
        Section("selection", "How the past cases were chosen", method.SELECTION),
        Section("provenance", "Provenance", terms=run),
    ]


def _shown(section: Section) -> bool:
    empty_table = section.table is not None and not section.table.rows
    return not (empty_table and section.figure is None) and any(
        (section.figure, section.table, section.terms, section.lead)
    )


def page(material: Material, figures: dict[str, Drawn]) -> dict[str, Any]:
    """Everything that the templates show; nothing in them computes."""
    summary = material.summary
    sure = confidence(material)
    sections = [*_answer_sections(material, figures), *_annex_sections(material)]
    return {
        "title": material.name,
        "as_of": short_date(material.as_of),
        "as_of_iso": material.as_of.isoformat(),
        "horizon": short_date(material.horizon),
        "question": material.question,
        "rule": material.rule,
        "stamp": "" if summary["diagnostics"]["passed"] else STAMP,
        "failed": [check.name for check in material.checks if not check.passed],
        "judgements": judgements(summary),
        "answer": tables.answer(material),
        "reserve": _reserve(summary),
        "confidence": sure.sentence,
        "driven": sure.driven_by_prior,
        "given_up": _given_up(material),
        "boundary": _boundary(summary),
        "figure": figures["outcomes"],
        "sections": [section for section in sections if _shown(section)],
    }

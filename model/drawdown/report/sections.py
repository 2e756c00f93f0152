"""The parts of the page below the first screen, in their order; the ids are public."""

from dataclasses import dataclass

from drawdown.answers.material import Material
from drawdown.report import evidence, judged, method, outlook, tables, worth
from drawdown.report.cells import Table
from drawdown.report.confidence import RULE as CONFIDENCE_RULE
from drawdown.report.figures import Drawn
from drawdown.report.first import since
from drawdown.report.words import yardstick_of
from drawdown.report.yardsticks import Yardstick

SLUGS = (
    *("change", "strands", "families", "carries", "sites", "exit", "looks", "politics", "ends"),
    *("predictive", "try", "sensitivity", "power", "priors", "evidence", "not-modelled", "judgements"),
    *("checks", "method", "selection", "provenance"),
)
"""Every section that a page can have, in order; a link to one of them stays good."""


@dataclass(frozen=True)
class Section:
    """A part of the page below the first screen."""

    slug: str
    title: str
    lead: tuple[str, ...] = ()
    figure: Drawn | None = None
    tables: tuple[Table, ...] = ()
    after: tuple[str, ...] = ()
    terms: tuple[tuple[str, str], ...] = ()

    @property
    def shown(self) -> bool:
        """Whether there is something to show: a section made of empty tables is left out."""
        bare = not self.figure and not self.terms and bool(self.tables)
        return not (bare and not any(table.rows for table in self.tables))


def _yardstick(yardstick: Yardstick) -> str:
    bands = ", ".join(f"{band.word} {band.low} to {band.high} %" for band in yardstick.bands)
    return (
        f"Words follow {yardstick.name} ({yardstick.version}): {bands}. The word is that of the whole "
        "percent printed beside it; where two bands touch, the upper holds the edge."
    )


def _answer(material: Material, figures: dict[str, Drawn]) -> list[Section]:
    reading = method.READING
    return [
        Section(
            "change",
            "What moved it",
            (f"Since {since(material)}, in order of publication. {reading['change']}",),
            tables=(worth.change(material),),
        ),
        Section(
            "strands",
            "Each strand alone",
            (reading["strands"],),
            figures["outcomes"] if "course" in figures else None,
            (tables.strands(material),),
        ),
        Section(
            "families",
            "Families of evidence",
            (reading["families"],),
            tables=(worth.families(material),),
        ),
        Section(
            "carries",
            "What carries it",
            (reading["carries"],),
            figures.get("carries"),
            (worth.origins(material), worth.carries(material)),
            after=(*worth.small(material), *worth.not_computed(material)),
        ),
        Section(
            "sites",
            "Site by site",
            (reading["sites"],),
            figures.get("sites"),
            (tables.sites(material),),
        ),
        Section(
            "exit",
            "If they leave, when",
            (reading["exit_by"],),
            figures.get("exit"),
            (tables.exit_by(material),),
        ),
        Section(
            "looks",
            "What would change our mind",
            (reading["looks"],),
            figures.get("looks"),
            (outlook.table(material), outlook.pairs(material)),
        ),
        *_reading_of(material, figures),
    ]


def _reading_of(material: Material, figures: dict[str, Drawn]) -> list[Section]:
    reading = method.READING
    politics, unknown = tables.politics(material)
    silent = (f"Not known on the date: {', '.join(unknown)}.",) if unknown else ()
    predictive = figures.get("predictive")
    return [
        Section("politics", "Politics", (reading["politics"],), tables=(politics,), after=silent),
        Section(
            "ends",
            "How it ends, and where it stands",
            (reading["ends"],),
            tables=(tables.ends_to_stands(material),),
        ),
        *([Section("predictive", "What a look should count", figure=predictive)] if predictive else []),
    ]


def _annex(material: Material, figures: dict[str, Drawn]) -> list[Section]:
    reading = method.READING
    left_out = evidence.not_modelled(material)
    run = tuple((str(key), str(value)) for key, value in material.summary["provenance"].items())
    return [
        Section(
            "sensitivity",
            "Other judgements",
            (reading["sensitivity"],),
            figures.get("sensitivity"),
            (judged.sensitivity(material),),
            after=judged.untried(material),
        ),
        Section(
            "power",
            "Judgements that carry the answer",
            (*judged.carry_most(material), reading["power"]),
            tables=(judged.power(material), judged.likelihood(material)),
        ),
        _differs(material),
        Section(
            "evidence", "Evidence", evidence.lead(material), tables=_filled(evidence.evidence(material))
        ),
        Section(
            "not-modelled",
            "Reports that do not count",
            (f"{len(left_out.rows)} reports are kept and shown without a say in the answer.",),
            tables=(left_out,),
        ),
        Section(
            "judgements",
            "All judgements of this run",
            ("As resolved; the same as a file is priors.yaml.",),
            tables=(judged.said(material),),
        ),
        Section("checks", "Checks", (reading["checks"],), tables=(tables.checks(material),)),
        Section(
            "method",
            "Method in one page",
            method.METHOD,
            terms=method.KINDS,
            after=(_yardstick(yardstick_of(material.summary)), f"Confidence. {CONFIDENCE_RULE}"),
        ),
        Section("selection", "How the past cases were chosen", method.SELECTION),
        Section("provenance", "Provenance", terms=run),
    ]


def _filled(table: Table) -> tuple[Table, ...]:
    """A table that may be empty without taking its section with it."""
    return (table,) if table.rows else ()


def _differs(material: Material) -> Section:
    """Judgements of this run against the defaults."""
    overlays = ", ".join(material.overlays)
    if not material.overlays:
        lead = "This run takes every judgement from the defaults."
    elif not material.differs:
        lead = f"Overlays: {overlays}. What they say is what the defaults say."
    else:
        lead = (
            f"Overlays: {overlays}. Judgements that differ from the defaults: {len(material.differs)}."
        )
    table = judged.differs(material)
    return Section("priors", "Judgements against the defaults", (lead,), tables=_filled(table))


def sections(material: Material, figures: dict[str, Drawn], played: Section | None) -> list[Section]:
    """Every section that has something to show.

    Parameters
    ----------
    played : Section or None
        The one with the controls, if there are any.

    Raises
    ------
    ValueError
        If a figure that was drawn stands nowhere on the page, or the order is not that of `SLUGS`.
    """
    every = [*_answer(material, figures), *((played,) if played else ()), *_annex(material, figures)]
    shown = [section for section in every if section.shown]
    placed = {section.figure.name for section in shown if section.figure} | {first_figure(figures).name}
    if placed != set(figures):
        raise ValueError(f"figures without a place on the page: {sorted(set(figures) - placed)}")
    if [section.slug for section in shown] != [s for s in SLUGS if s in {x.slug for x in shown}]:
        raise ValueError("sections out of the order of SLUGS")
    return shown


def first_figure(figures: dict[str, Drawn]) -> Drawn:
    """The one chart of the first screen: the course so far, else the outcomes."""
    return figures.get("course") or figures["outcomes"]

"""One context for both pages, so that Markdown and HTML cannot say different things."""

from typing import Any

from drawdown.answers.material import Material
from drawdown.report import first
from drawdown.report.confidence import confidence
from drawdown.report.controls import controls_section
from drawdown.report.figures import Drawn
from drawdown.report.judged import driven_by
from drawdown.report.numerals import short_date
from drawdown.report.sections import first_figure, sections
from drawdown.report.words import judgements, stamp_of


def _reason(material: Material) -> str:
    """Why a report is stamped."""
    if material.summary["diagnostics"]["passed"]:
        return "Made of few draws, for a first look."
    failed = [check.name for check in material.checks if not check.passed]
    return f"Checks that failed: {', '.join(failed) or 'not named'}."


def page(material: Material, figures: dict[str, Drawn]) -> dict[str, Any]:
    """Everything that the templates show; nothing in them computes."""
    summary = material.summary
    sure = confidence(material)
    blocks = [first.moved(material), first.would_move(material)]
    return {
        "title": material.name,
        "as_of": short_date(material.as_of),
        "as_of_iso": material.as_of.isoformat(),
        "newest": first.newest(material),
        "horizon": short_date(material.horizon),
        "question": material.question,
        "rule": material.rule,
        "stamp": stamp_of(summary),
        "reason": _reason(material),
        "judgements": judgements(summary),
        "answer": first.answer(material),
        "reserve": first.reserve(summary),
        "stated": first.stated(summary),
        "confidence": sure.sentence,
        "driven": driven_by(summary) if sure.driven_by_prior else "",
        "blocks": [block for block in blocks if block],
        "given_up": first.given_up(material),
        "boundary": first.boundary(summary),
        "record": first.record(material),
        "figure": first_figure(figures),
        "sections": sections(material, figures, controls_section(summary)),
    }

"""Write the report folder: pages, figures, numbers and judgements."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup as SafeHtml

from drawdown.answers.material import Material
from drawdown.outcomes import LABELS
from drawdown.report.cells import Cell, Table
from drawdown.report.context import page
from drawdown.report.controls import controls_json, family_names, script, script_hash
from drawdown.report.escape import Markup, markdown
from drawdown.report.figures import draw_all
from drawdown.report.hub import hub_csv
from drawdown.report.index import write_index
from drawdown.report.inline import inline_svg
from drawdown.report.numerals import SHOWN
from drawdown.report.record import assessment_json, posterior_csv, recorded
from drawdown.report.style import COLOUR, SYMBOL


def _kept_together(value: Any) -> Any:
    """Keep a number and its percent sign on one line; Markdown has a filter of its own."""
    plain = isinstance(value, str) and not isinstance(value, SafeHtml)
    return value.replace(" %", "\N{NO-BREAK SPACE}%") if plain else value


def _pages() -> Environment:
    # Not select_autoescape(): it goes by the suffix, and `.html.j2` is none that it knows.
    return Environment(
        loader=PackageLoader("drawdown.report"),
        autoescape=True,
        finalize=_kept_together,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _markdown() -> Environment:
    # Every value is escaped on its way out, unless it is marked as Markdown of our own.
    return _pages().overlay(autoescape=False, finalize=markdown)


def _cell(cell: Cell) -> str:
    """One cell; the address of a link has no bracket or space left in it."""
    text = markdown(cell.text)
    if cell.look == "judged" and text:
        text = f"*{text}*"
    linked = f"[{text}]({cell.href})" if cell.href else text
    return f"{linked} ({markdown(cell.note)})" if cell.note else linked


def _table(table: Table) -> Markup:
    """A Markdown table; a macro would not do, since what it returns would be escaped again."""
    words = len(table.head) - table.numeric
    lines = [
        [markdown(head) for head in table.head],
        ["---"] * words + ["---:"] * table.numeric,
        *([_cell(cell) for cell in row] for row in table.rows),
    ]
    return Markup("\n".join(f"| {' | '.join(line)} |" for line in lines))


def _played(summary: dict[str, Any], slugs: list[str]) -> dict[str, Any]:
    """What the controls need; a page without them runs no script at all."""
    there = "try" in slugs
    return {
        "controls": SafeHtml(controls_json(summary)) if there else "",
        "script": SafeHtml(script()) if there else "",
        "script_source": SafeHtml(script_hash() if there else "'none'"),
        "families": family_names(summary) if there else [],
        "shown": SHOWN,
        "labels": LABELS,
    }


def write_report(material: Material, folder: Path, *, priors_yaml: str) -> None:
    """Write every file of the report.

    Parameters
    ----------
    material : Material
    folder : Path
        Made if absent; the files that are written are replaced.
    priors_yaml : str
        The judgements as resolved.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = {
        "assessment.json": assessment_json(material.summary),
        "hub.csv": hub_csv(recorded(material.summary), material.trigger, material.overlays),
        "posterior.csv": posterior_csv(material.posterior),
        "priors.yaml": priors_yaml.rstrip("\n") + "\n",
    }
    # The pages are made from the numbers as written, so that they cannot differ from the file.
    shown = replace(material, summary=recorded(material.summary))
    figures = draw_all(shown, folder / "figures")
    context = page(shown, figures)
    drawings = {
        name: SafeHtml(inline_svg(figure.svg.read_text(encoding="utf-8")))
        for name, figure in figures.items()
    }
    html = _pages().get_template("brief.html.j2")
    played = _played(shown.summary, [section.slug for section in context["sections"]])
    files["brief.html"] = html.render(
        context, drawings=drawings, colours=COLOUR, symbols=SYMBOL, **played
    )
    plain = _markdown().get_template("brief.md.j2")
    files["brief.md"] = plain.render(context, table=_table)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


def list_reports(folder: Path, case: str, title: str) -> Path:
    """Write `index.html`, the list of the assessments of a case in the folders below."""
    return write_index(folder, case, title, _pages())

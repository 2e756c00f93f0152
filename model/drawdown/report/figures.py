"""The figures of a report: which there are, where they go, what stands under them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from matplotlib.figure import Figure

from drawdown.answers.material import Material, Predictive
from drawdown.report import alt
from drawdown.report.bars import draw_outcomes
from drawdown.report.captions import CAPTIONS
from drawdown.report.carried import carried_rows, draw_carries, moved_rows
from drawdown.report.dumbbells import draw_looks, draw_sensitivity, top_judgements, top_looks
from drawdown.report.numerals import short_date
from drawdown.report.panels import draw_predictive, draw_sites
from drawdown.report.style import drawing, save
from drawdown.report.when import course_rows, draw_course, draw_exit
from drawdown.report.words import stamp_of


@dataclass(frozen=True)
class Drawn:
    """A figure on disk, with its text alternative and its caption."""

    name: str
    svg: Path
    alt: str
    caption: str


@dataclass(frozen=True)
class Wanted:
    """A figure to be drawn."""

    draw: Callable[[], Figure]
    alt: Callable[[], str]
    caption: str


def _draw(name: str, paths: list[Path], draw: Callable[[], Figure]) -> None:
    with drawing(name):
        figure = draw()
        for path in paths:
            save(figure, path)


def _wanted(material: Material, stamp: str) -> dict[str, Wanted]:
    """Figures that have something to show, in the order of the page."""
    m = material
    every: tuple[tuple[str, bool, Callable[[], Figure], Callable[[], str]], ...] = (
        ("course", bool(course_rows(m)), lambda: draw_course(m, stamp), lambda: alt.course(m)),
        ("outcomes", True, lambda: draw_outcomes(m, stamp), lambda: alt.outcomes(m)),
        (
            "carries",
            bool(moved_rows(m) or carried_rows(m)),
            lambda: draw_carries(m, stamp),
            lambda: alt.carries(m),
        ),
        ("sites", bool(m.tracks), lambda: draw_sites(m, stamp), lambda: alt.sites(m)),
        (
            "exit",
            bool(m.summary.get("exit_by")),
            lambda: draw_exit(m, stamp),
            lambda: alt.exit_by(m),
        ),
        ("looks", bool(top_looks(m)), lambda: draw_looks(m, stamp), lambda: alt.looks(m)),
        (
            "predictive",
            bool(m.predictive),
            lambda: draw_predictive(m.predictive),
            lambda: alt.predictive(m.predictive),
        ),
        (
            "sensitivity",
            bool(top_judgements(m)),
            lambda: draw_sensitivity(m, stamp),
            lambda: alt.sensitivity(m),
        ),
    )
    as_of = short_date(m.as_of)
    return {
        name: Wanted(draw, text, CAPTIONS[name].format(as_of=as_of))
        for name, there, draw, text in every
        if there
    }


def draw_all(material: Material, folder: Path) -> dict[str, Drawn]:
    """Draw every figure that has something to show, as SVG and PNG.

    Parameters
    ----------
    material : Material
    folder : Path
        Made if absent.

    Returns
    -------
    dict of Drawn
        By name, in the order of the page.
    """
    folder.mkdir(parents=True, exist_ok=True)
    stamp = stamp_of(material.summary)
    drawn = {}
    for name, wanted in _wanted(material, stamp).items():
        svg = folder / f"{name}.svg"
        _draw(name, [svg, folder / f"{name}.png"], wanted.draw)
        drawn[name] = Drawn(name, svg, wanted.alt(), wanted.caption)
    return drawn


def predictive_figure(predictive: list[Predictive], path: Path) -> None:
    """Draw the prior predictive alone; the suffix of the path, `.svg` or `.png`, says how."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _draw("predictive", [path], lambda: draw_predictive(predictive))

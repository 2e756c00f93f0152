"""The figures of a report: which there are, where they go, what stands under them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from matplotlib.figure import Figure

from drawdown.answers.material import Material, Predictive
from drawdown.report import alt
from drawdown.report.bars import draw_outcomes
from drawdown.report.carried import MOST_CARRIED, MOST_MOVED, carried_rows, draw_carries, moved_rows
from drawdown.report.dumbbells import draw_looks, draw_sensitivity, top_judgements, top_looks
from drawdown.report.numerals import short_date
from drawdown.report.panels import draw_predictive, draw_sites
from drawdown.report.style import drawing, save
from drawdown.report.when import course_rows, draw_course, draw_exit

STAMP = "not for citation"


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
    m, as_of = material, short_date(material.as_of)
    every = {
        "course": (
            bool(course_rows(m)),
            Wanted(
                lambda: draw_course(m, stamp),
                lambda: alt.course(m),
                "Each step is an assessment as of its date, with the priors of this run. Hollow marks: "
                "before any report. Dashed: the date of this one. Numbers on the foot: the origins that "
                "moved it most.",
            ),
        ),
        "outcomes": (
            True,
            Wanted(
                lambda: draw_outcomes(m, stamp),
                lambda: alt.outcomes(m),
                "Bars: the answer now. Whiskers: two Monte Carlo errors either way. Hollow marks: "
                "before any report.",
            ),
        ),
        "carries": (
            bool(moved_rows(m) or carried_rows(m)),
            Wanted(
                lambda: draw_carries(m, stamp),
                lambda: alt.carries(m),
                f"One row a cause, three marks a row. Above, where there is an earlier assessment: what "
                f"moved it since, at most {MOST_MOVED} rows. Below: the answer less the answer without "
                f"an origin, at most {MOST_CARRIED} rows. Hollow: fitted again without those reports.",
            ),
        ),
        "sites": (
            bool(m.tracks),
            Wanted(
                lambda: draw_sites(m, stamp),
                lambda: alt.sites(m),
                "Median, 50 % and 90 % bands of the share still there. Dots: counts over the baseline, "
                "with what the report allows; up-arrows: at least; rings: looked, none. Paler: after "
                f"{as_of}, or no report at all.",
            ),
        ),
        "exit": (
            bool(m.summary.get("exit_by")),
            Wanted(
                lambda: draw_exit(m, stamp),
                lambda: alt.exit_by(m),
                "Chance that a full exit is complete, and that the garrison of each major base has gone,"
                " by each date. What is under way and not done does not count.",
            ),
        ),
        "looks": (
            bool(top_looks(m)),
            Wanted(
                lambda: draw_looks(m, stamp),
                lambda: alt.looks(m),
                "One row a look that could still be had, most worth having first. Filled: the chance of "
                "the outcome if it shows what the row says. Hollow: if somebody looks and it does not. "
                "Dashed: now.",
            ),
        ),
        "predictive": (
            bool(m.predictive),
            Wanted(
                lambda: draw_predictive(m.predictive),
                lambda: alt.predictive(m.predictive),
                "What one look would count if the force ends so, before any report: median, and 5 to "
                "95 % of looks. Where the three overlap, a look says little about the outcome.",
            ),
        ),
        "sensitivity": (
            bool(top_judgements(m)),
            Wanted(
                lambda: draw_sensitivity(m, stamp),
                lambda: alt.sensitivity(m),
                "One row a judgement that another person could make. Line: from the answer now, dashed, "
                "to the answer then. Band: the range of all that were tried.",
            ),
        ),
    }
    return {name: wanted for name, (there, wanted) in every.items() if there}


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
    stamp = "" if material.summary["diagnostics"]["passed"] else STAMP
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

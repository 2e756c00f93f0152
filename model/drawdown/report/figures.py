"""The figures of a report: which there are, where they go, what stands under them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from matplotlib.figure import Figure

from drawdown.answers.material import Material, Predictive
from drawdown.report import alt
from drawdown.report.bars import TOP, draw_carries, draw_outcomes
from drawdown.report.numerals import short_date
from drawdown.report.panels import draw_predictive, draw_sites
from drawdown.report.style import drawing, save

STAMP = "not for citation"


@dataclass(frozen=True)
class Drawn:
    """A figure on disk, with its text alternative and its caption."""

    name: str
    svg: Path
    alt: str
    caption: str


def _draw(name: str, paths: list[Path], draw: Callable[[], Figure]) -> None:
    with drawing(name):
        figure = draw()
        for path in paths:
            save(figure, path)


def _captions(material: Material) -> dict[str, tuple[str, str]]:
    as_of = short_date(material.as_of)
    return {
        "outcomes": (
            alt.outcomes(material),
            "Bars: the answer now. Whiskers: two Monte Carlo errors either way. Hollow marks: before "
            "any report.",
        ),
        "carries": (
            alt.carries(material),
            f"Points that the reports of one kind from one site make, the {TOP} largest on a full exit; "
            "small marks: the other two outcomes. Hatched: fitted again without those reports.",
        ),
        "sites": (
            alt.sites(material),
            "Median, 50 % and 90 % bands of the share still there. Dots: counts over the baseline, with "
            "what the report allows; up-arrows: at least; rings: looked, none. Paler: after "
            f"{as_of}, or no report at all.",
        ),
        "predictive": (
            alt.predictive(material.predictive),
            "What one look would count if the force ends so, before any report: median, and 5 to 95 % "
            "of looks. Where the three overlap, a look says little about the outcome.",
        ),
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
    stamp = "" if material.summary["diagnostics"]["passed"] else STAMP
    wanted: dict[str, Callable[[], Figure]] = {"outcomes": lambda: draw_outcomes(material, stamp)}
    if material.carries:
        wanted["carries"] = lambda: draw_carries(material, stamp)
    if material.tracks:
        wanted["sites"] = lambda: draw_sites(material, stamp)
    if material.predictive:
        wanted["predictive"] = lambda: draw_predictive(material.predictive)
    captions = _captions(material)
    drawn = {}
    for name, draw in wanted.items():
        svg = folder / f"{name}.svg"
        _draw(name, [svg, folder / f"{name}.png"], draw)
        drawn[name] = Drawn(name, svg, *captions[name])
    return drawn


def predictive_figure(predictive: list[Predictive], path: Path) -> None:
    """Draw the prior predictive alone; the suffix of the path, `.svg` or `.png`, says how."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _draw("predictive", [path], lambda: draw_predictive(predictive))

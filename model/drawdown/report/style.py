"""Colours, type and the saving of figures: the same bytes for the same numbers."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

COLOUR = {"retained": "#0072B2", "partial_redeployment": "#E69F00", "full_exit": "#D55E00"}
"""Okabe-Ito; one fixed colour an outcome, in every figure and on the page."""
MARKER = {"retained": "s", "partial_redeployment": "D", "full_exit": "^"}
SYMBOL = {
    "retained": "\N{BLACK SQUARE}",
    "partial_redeployment": "\N{BLACK DIAMOND}",
    "full_exit": "\N{BLACK UP-POINTING TRIANGLE}",
}
INK = "#1d232b"
MUTED = "#5c6570"
RULE = "#d3d7dc"
WASH = "#f3f4f6"
PAPER = "#ffffff"
ALARM = "#a5280d"
WIDTH = 7.6
"""Inches. On a slide 1280 px wide the smallest type below is then 13 points."""
SMALL = 8.0
TYPE = 9.0
SLIDE_PIXELS = 1280
SETTINGS: dict[Any, Any] = {
    "svg.fonttype": "none",
    "text.parse_math": False,
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Verdana", "Arial"],
    "font.size": TYPE,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": MUTED,
    "axes.facecolor": "none",
    "axes.linewidth": 0.7,
    "axes.unicode_minus": True,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelsize": SMALL,
    "ytick.labelsize": SMALL,
    "figure.facecolor": PAPER,
    "hatch.linewidth": 0.8,
    "hatch.color": PAPER,
}


@contextmanager
def drawing(name: str) -> Iterator[None]:
    """Our settings and nobody else's; the salt keeps the ids of two figures on one page apart."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(SETTINGS | {"svg.hashsalt": f"drawdown-{name}"})
        yield


def blank(height: float, width: float = WIDTH) -> Figure:
    """An empty figure, in inches; no window, no global state."""
    return Figure(figsize=(width, height))


def bare(axes: Axes, *keep: str) -> None:
    """Take away the spines but those named."""
    for side, spine in axes.spines.items():
        spine.set_visible(side in keep)
    axes.tick_params(length=2.5, width=0.6)


def titled(figure: Figure, title: str, subtitle: str = "", stamp: str = "") -> None:
    """Title at the upper left, so that the figure stands on its own on a slide."""
    height = figure.get_size_inches()[1]
    figure.text(0.012, 1 - 0.11 / height, title, fontsize=11, fontweight="bold", va="top")
    figure.text(0.012, 1 - 0.33 / height, subtitle, fontsize=SMALL, color=MUTED, va="top")
    if stamp:
        figure.text(
            0.988, 1 - 0.11 / height, stamp.upper(), fontsize=TYPE, fontweight="bold",
            color=ALARM, ha="right", va="top",
        )  # fmt: skip


def save(figure: Figure, path: Path) -> None:
    """Write an SVG or a PNG without date or software in it; to be called within `drawing`."""
    if path.suffix == ".svg":
        figure.savefig(
            path, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None}
        )
    else:
        width = figure.get_size_inches()[0]
        figure.savefig(path, format="png", dpi=SLIDE_PIXELS / width, metadata={"Software": None})

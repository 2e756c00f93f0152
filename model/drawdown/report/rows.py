"""What the figures made of rows share: labels at the left, one panel or one panel an outcome."""

import textwrap
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from drawdown.outcomes import LABELS
from drawdown.report.numerals import SHOWN
from drawdown.report.style import COLOUR, MARKER, MUTED, RULE, SMALL, WASH, bare, blank

ROW = 0.36
"""Height of a row, inches."""
HEAD, FOOT = 1.06, 0.42
LABEL = 0.372
"""Share of the width that the labels take."""
GAP = 0.022
LABEL_WIDTH = 44


def shortened(text: str, width: int = LABEL_WIDTH) -> str:
    """Cut a label at a word."""
    return textwrap.shorten(text, width, placeholder=" \N{HORIZONTAL ELLIPSIS}")


def row_labels(axes: Axes, rows: Sequence[tuple[str, str]]) -> None:
    """Name each row at the left of a panel: a line, and a smaller one below it."""
    place = axes.get_yaxis_transform()
    for n, (label, below) in enumerate(rows):
        shift = 0.17 if below else 0.0
        axes.text(
            -0.03, n - shift, shortened(label), transform=place, ha="right", va="center", fontsize=8.5
        )
        if below:
            axes.text(
                -0.03,
                n + 0.24,
                shortened(below, 50),
                transform=place,
                ha="right",
                va="center",
                fontsize=7.6,
                color=MUTED,
            )


def ruled(axes: Axes, rows: int) -> None:
    """Every other row on a wash, no ticks at the side."""
    axes.set(ylim=(rows - 0.45, -0.55), yticks=[])
    for n in range(0, rows, 2):
        axes.axhspan(n - 0.5, n + 0.5, color=WASH, lw=0, zorder=0)
    axes.grid(axis="x", color=RULE, lw=0.5, zorder=1)
    axes.set_axisbelow(True)
    bare(axes)


def by_outcome(rows: int) -> tuple[Figure, list[Axes]]:
    """One panel an outcome, side by side, for so many rows; probability along each."""
    height = HEAD + FOOT + ROW * rows
    figure = blank(height)
    width = (1 - LABEL - 0.02 - GAP * 2) / 3
    out = []
    for n, outcome in enumerate(SHOWN):
        left = LABEL + n * (width + GAP)
        axes = figure.add_axes((left, FOOT / height, width, ROW * rows / height))
        ruled(axes, rows)
        axes.text(
            0.0, 1 + 0.1 / (ROW * rows), LABELS[outcome], transform=axes.transAxes, fontsize=8.5,
            fontweight="bold", va="bottom",
        )  # fmt: skip
        out.append(axes)
    return figure, out


def along(axes: Axes, values: Sequence[float]) -> None:
    """Probabilities along the panel, from a little below the least to a little above the largest."""
    low, high = max(0.0, min(values)), min(1.0, max(values))
    spare = max(0.05, 0.16 * (high - low))
    low, high = max(-0.03, low - spare), min(1.03, high + spare)
    axes.set_xlim(low, high)
    step = next(s for s in (0.05, 0.1, 0.2, 0.25, 0.5) if (high - low) / s <= 4.2 or s == 0.5)
    ticks = [n * step for n in range(round(1 / step) + 1) if low <= n * step <= high]
    axes.set_xticks(ticks, [f"{100 * tick:.0f} %" for tick in ticks])


def outcome_handles() -> list[Line2D]:
    """Marks of the three outcomes, for a legend."""
    return [
        Line2D([], [], ls="", marker=MARKER[o], ms=5, color=COLOUR[o], mew=0, label=LABELS[o])
        for o in SHOWN
    ]


def legend(figure: Figure, handles: list, below: float = 0.5) -> None:
    """A legend in one line under the titles; `below` in inches from the top."""
    top = 1 - below / figure.get_size_inches()[1]
    figure.legend(
        handles=handles, loc="upper left", bbox_to_anchor=(0.004, top), ncols=len(handles),
        fontsize=SMALL, frameon=False, handlelength=1.4, columnspacing=1.4, handletextpad=0.5,
    )  # fmt: skip

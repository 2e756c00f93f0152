"""Figure of the answer: a bar an outcome over the bands of the yardstick."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from drawdown.answers.material import Material
from drawdown.outcomes import LABELS
from drawdown.report.numerals import SHOWN, outcome_percents, short_date
from drawdown.report.style import (
    COLOUR,
    INK,
    MARKER,
    MUTED,
    PAPER,
    SMALL,
    WASH,
    bare,
    blank,
    titled,
)
from drawdown.report.words import yardstick_of
from drawdown.report.yardsticks import Yardstick

OUTCOMES_WIDTH = 5.6
"""Narrower than the others, so that it can be read on a phone without scrolling."""


def _yardstick(axes: Axes, yardstick: Yardstick) -> None:
    """Bands of the yardstick behind the bars, named on top but for the narrow first and last."""
    bands = yardstick.bands
    for n, band in enumerate(bands):
        if n % 2:
            axes.axvspan(band.low / 100, band.high / 100, color=WASH, lw=0, zorder=0)
        if band in (bands[0], bands[-1]):
            continue
        axes.text(
            (band.low + band.high) / 200,
            -0.62,
            band.word.replace("a realistic ", "realistic ").replace(" ", "\n"),
            ha="center",
            va="bottom",
            fontsize=SMALL,
            color=MUTED,
            linespacing=0.95,
        )


def draw_outcomes(material: Material, stamp: str = "") -> Figure:
    """Probability of each outcome, the prior beside it."""
    figure = blank(2.6, OUTCOMES_WIDTH)
    axes = figure.add_axes((0.315, 0.12, 0.63, 0.535))
    axes.set(xlim=(0, 1), ylim=(2.55, -0.6), yticks=[], xticks=[0, 0.25, 0.5, 0.75, 1])
    axes.set_xticklabels(["0", "25 %", "50 %", "75 %", "100 %"])
    _yardstick(axes, yardstick_of(material.summary))
    now, before = outcome_percents(material.summary), outcome_percents(material.summary, "prior")
    for row, outcome in enumerate(SHOWN):
        numbers = material.summary["outcomes"][outcome]
        chance, prior, error = numbers["probability"], numbers["prior"], numbers.get("mcse") or 0.0
        axes.barh(row, chance, height=0.44, color=COLOUR[outcome], zorder=2)
        axes.errorbar(chance, row, xerr=2 * error, ecolor=INK, elinewidth=1.2, capsize=3, zorder=4)
        axes.plot(
            prior,
            row + 0.36,
            marker=MARKER[outcome],
            ms=5.5,
            mfc=PAPER,
            mec=COLOUR[outcome],
            mew=1.4,
            zorder=5,
            clip_on=False,
        )
        end = max(chance + 2 * error, 0.0) + 0.018
        axes.text(
            end, row - 0.02, f"{now[outcome]} %", va="center", fontsize=12, fontweight="bold", zorder=6
        )
        axes.text(-0.02, row - 0.11, LABELS[outcome], ha="right", va="center", fontsize=10.5, color=INK)
        axes.text(
            -0.02,
            row + 0.2,
            f"before any report {before[outcome]} %",
            ha="right",
            va="center",
            fontsize=SMALL,
            color=MUTED,
        )
    bare(axes, "bottom")
    titled(
        figure,
        f"How it stands on {short_date(material.horizon)}",
        f"As of {short_date(material.as_of)}",
        stamp,
    )
    return figure

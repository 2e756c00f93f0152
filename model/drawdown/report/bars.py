"""Two figures of bars: the outcomes, and what carries them."""

import textwrap

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from drawdown.answers.material import Carry, Material
from drawdown.outcomes import LABELS
from drawdown.report.numerals import SHOWN, outcome_percents, points, short_date
from drawdown.report.style import (
    COLOUR,
    INK,
    MARKER,
    MUTED,
    PAPER,
    RULE,
    SMALL,
    WASH,
    bare,
    blank,
    titled,
)
from drawdown.report.words import BANDS

OUTCOMES_WIDTH = 5.6
"""Narrower than the others, so that it can be read on a phone without scrolling."""
LABEL_WIDTH = 44
TOP = 14
"""Bars in the figure of what carries the answer; the table has them all."""


def _yardstick(axes: Axes) -> None:
    """Bands of the yardstick behind the bars, named on top."""
    edges = [edge for edge, _ in BANDS] + [1.0]
    for n, (_, word) in enumerate(BANDS):
        low, high = edges[n], edges[n + 1]
        if n % 2:
            axes.axvspan(low, high, color=WASH, lw=0, zorder=0)
        lines = {"almost no chance": "", "almost certain": ""}.get(word, word.replace(" ", "\n"))
        axes.text(
            (low + high) / 2,
            -0.62,
            lines,
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
    _yardstick(axes)
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


def top_carries(carries: list[Carry], top: int = TOP) -> list[Carry]:
    """The largest by what they do to the chance of a full exit."""
    return sorted(carries, key=lambda c: (-abs(c.delta_probability["full_exit"]), c.site, c.indicator))[
        :top
    ]


def _carry_legend(figure: Figure, methods: set[str], height: float) -> None:
    bar = COLOUR["full_exit"]
    handles: list[Patch | Line2D] = []
    if methods - {"refitted"}:
        words = " or ".join(sorted(methods - {"refitted"}, reverse=True))
        handles.append(Patch(facecolor=bar, label=f"full exit, {words}"))
    if "refitted" in methods:
        handles.append(
            Patch(facecolor=bar, hatch="/////", edgecolor=PAPER, lw=0, label="full exit, refitted")
        )
    for outcome in SHOWN[1:]:
        handles.append(
            Line2D(
                [],
                [],
                ls="",
                marker=MARKER[outcome],
                ms=4.5,
                color=COLOUR[outcome],
                label=LABELS[outcome],
            )
        )
    figure.legend(
        handles=handles, loc="upper left", bbox_to_anchor=(0.004, 1 - 0.5 / height), ncols=len(handles),
        fontsize=SMALL, frameon=False, handlelength=1.4, columnspacing=1.4, handletextpad=0.5,
    )  # fmt: skip


def draw_carries(material: Material, stamp: str = "") -> Figure:
    """Diverging bars on the chance of a full exit, one a site and indicator."""
    rows = top_carries(material.carries)
    height = 1.3 + 0.34 * len(rows)
    figure = blank(height)
    axes = figure.add_axes((0.40, 0.5 / height, 0.58, 1 - 1.32 / height))
    reach = max(abs(value) for row in rows for value in row.delta_probability.values())
    reach = max(1.22 * reach, 0.02)
    axes.set(xlim=(-reach, reach), ylim=(len(rows) - 0.4, -0.6), yticks=[])
    axes.axvline(0, color=MUTED, lw=0.8, zorder=3)
    for n, row in enumerate(rows):
        if n % 2 == 0:
            axes.axhspan(n - 0.5, n + 0.5, color=WASH, lw=0, zorder=0)
        delta = row.delta_probability["full_exit"]
        hatch = {"hatch": "/////", "edgecolor": PAPER} if row.method == "refitted" else {}
        axes.barh(n, delta, height=0.5, color=COLOUR["full_exit"], lw=0, zorder=2, **hatch)  # type: ignore[arg-type]
        axes.text(
            delta + (0.02 if delta >= 0 else -0.02) * reach, n - 0.02, points(delta), fontsize=SMALL,
            va="center", ha="left" if delta >= 0 else "right", zorder=6,
        )  # fmt: skip
        for outcome in SHOWN[1:]:
            axes.plot(
                row.delta_probability[outcome],
                n + 0.34,
                marker=MARKER[outcome],
                ms=3.6,
                color=COLOUR[outcome],
                mew=0,
                zorder=5,
            )
        label = textwrap.shorten(row.label, LABEL_WIDTH, placeholder=" \N{HORIZONTAL ELLIPSIS}")
        reports = f"{row.reports} report{'' if row.reports == 1 else 's'}"
        below = f"{row.site_name} \N{MIDDLE DOT} {reports}"
        axes.text(-1.03 * reach, n - 0.15, label, ha="right", va="center", fontsize=8.5)
        axes.text(-1.03 * reach, n + 0.24, below, ha="right", va="center", fontsize=7.6, color=MUTED)
    axes.xaxis.set_major_formatter(lambda value, _: points(value))
    axes.set_xlabel("percentage points", fontsize=SMALL, color=MUTED)
    axes.grid(axis="x", color=RULE, lw=0.5, zorder=1)
    axes.set_axisbelow(True)
    bare(axes)
    _carry_legend(figure, {row.method for row in rows}, height)
    titled(
        figure,
        "What carries it: the chance of a full exit",
        "alone, given the rest; does not sum",
        stamp,
    )
    return figure

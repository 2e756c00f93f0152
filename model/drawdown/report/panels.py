"""Two figures of small multiples: the stocks of the sites over time, and the prior predictive."""

import textwrap
from datetime import date

import numpy as np
from matplotlib.axes import Axes
from matplotlib.dates import date2num, num2date
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import NullLocator

from drawdown.answers.material import Material, Predictive, Track
from drawdown.outcomes import LABELS
from drawdown.report.numerals import MONTHS, SHOWN, percent, short_date
from drawdown.report.style import (
    COLOUR,
    INK,
    MARKER,
    MUTED,
    PAPER,
    RULE,
    SMALL,
    TYPE,
    WIDTH,
    bare,
    blank,
    titled,
)

COLUMNS = 3
PANEL = 1.72
"""Height of a row of panels, inches, title and all."""
TITLE_WIDTH = 31
"""Characters of a panel's title that fit on a line."""
HEAD = 0.74
FOOT = 0.35
CEILING = 1.3
"""Shares above this are drawn at the ceiling: a count may exceed the baseline."""
POINTS = 90
"""Dates of a path that are drawn; more cannot be seen at this size."""
TICK_GAP = 0.16
"""Of the height of a panel."""
COUNT_TICKS = (0, 1, 3, 10, 30, 100, 300, 1000, 3000)


def _grid(panels: int) -> tuple[Figure, list[Axes]]:
    rows = -(-panels // COLUMNS)
    height = HEAD + FOOT + rows * PANEL
    figure = blank(height)
    left, right, gap = 0.52 / WIDTH, 0.22 / WIDTH, 0.44 / WIDTH
    width = (1 - left - right - gap * (COLUMNS - 1)) / COLUMNS
    tall = 1.02 / height
    axes = []
    for n in range(panels):
        row, column = divmod(n, COLUMNS)
        bottom = 1 - (HEAD + (row + 1) * PANEL - 0.18) / height
        axes.append(figure.add_axes((left + column * (width + gap), bottom, width, tall)))
    return figure, axes


def _panel_title(axes: Axes, first: str, second: str) -> None:
    lines = textwrap.wrap(first, TITLE_WIDTH, max_lines=2, placeholder=" \N{HORIZONTAL ELLIPSIS}")
    axes.text(
        0,
        1.17,
        "\n".join(lines),
        transform=axes.transAxes,
        fontsize=8.5,
        fontweight="bold",
        va="bottom",
        linespacing=1.1,
    )
    axes.text(0, 1.04, second, transform=axes.transAxes, fontsize=SMALL, color=MUTED, va="bottom")


def _paths(track: Track, as_of: date) -> tuple[np.ndarray, list[np.ndarray]]:
    """Days and quantiles to draw; the date of the assessment is among them, so that both parts meet."""
    grid = date2num(track.dates)
    days = np.linspace(grid[0], grid[-1], min(POINTS, len(grid)))
    days = np.unique(np.append(days, np.clip(date2num(as_of), grid[0], grid[-1])))
    lines = (track.q05, track.q25, track.q50, track.q75, track.q95)
    return days, [np.interp(days, grid, line) for line in lines]


def _marks(axes: Axes, track: Track) -> None:
    for mark in track.marks:
        day = date2num(mark.day)
        low = min(mark.low, CEILING - 0.04)
        if mark.kind == "none":
            axes.plot(day, low, marker="o", ms=4.6, mfc=PAPER, mec=INK, mew=1.1, zorder=6, clip_on=False)
        elif mark.kind == "at_least":
            axes.plot(day, low, marker="^", ms=5, color=INK, mew=0, zorder=6)
            axes.plot([day, day], [low, min(low + 0.16, CEILING)], color=INK, lw=0.9, zorder=5)
        else:
            high = min(mark.low if mark.high is None else mark.high, CEILING - 0.04)
            axes.plot([day, day], [low, high], color=INK, lw=0.9, zorder=5)
            axes.plot(day, (low + high) / 2, marker="o", ms=4.2, color=INK, mew=0, zorder=6)


def _track(axes: Axes, track: Track, material: Material) -> None:
    days, (q05, q25, q50, q75, q95) = _paths(track, material.as_of)
    now = date2num(material.as_of)
    for part, shade in ((days <= now, 1.0), (days >= now, 0.5)):
        shade = shade if track.reports else 0.4
        axes.fill_between(
            days[part], q05[part], q95[part], color=MUTED, alpha=0.26 * shade, lw=0, zorder=2
        )
        axes.fill_between(
            days[part], q25[part], q75[part], color=MUTED, alpha=0.42 * shade, lw=0, zorder=2
        )
        axes.plot(days[part], q50[part], color=INK, lw=1.5, alpha=shade, zorder=4, solid_capstyle="butt")
    axes.axvline(now, color=INK, lw=0.9, ls=(0, (4, 2)), zorder=3)
    _marks(axes, track)
    if not track.reports:
        axes.text(
            0.97,
            0.92,
            "no information",
            transform=axes.transAxes,
            ha="right",
            va="top",
            fontsize=TYPE,
            fontstyle="italic",
            color=INK,
            zorder=7,
        )


def _calendar(axes: Axes, material: Material) -> None:
    """Four dates under the panel, month and year; no locale in them."""
    low, high = date2num(material.trigger), date2num(material.horizon)
    axes.set_xlim(low, high + 0.01 * (high - low))
    axes.set_xticks(np.linspace(low, high, 5))

    def month(value: float, _: object = None) -> str:
        day = num2date(value)
        return f"{MONTHS[day.month - 1]}\n{day.year}" if value in (low, high) else MONTHS[day.month - 1]

    axes.set_xticklabels([month(value) for value in np.linspace(low, high, 5)])


def draw_sites(material: Material, stamp: str = "") -> Figure:
    """One panel a stock: the share still there."""
    figure, panels = _grid(len(material.tracks))
    for n, (axes, track) in enumerate(zip(panels, material.tracks, strict=True)):
        _panel_title(
            axes,
            f"{track.site_name}: {track.stock_name}",
            f"given up by the horizon {percent(track.given_up)}",
        )
        axes.set(ylim=(0, CEILING), yticks=[0, 0.5, 1])
        axes.set_yticklabels(["0", "50 %", "100 %"] if n % COLUMNS == 0 else [])
        axes.axhline(1, color=RULE, lw=0.7, zorder=1)
        axes.axhline(0.5, color=RULE, lw=0.4, zorder=1)
        _track(axes, track, material)
        _calendar(axes, material)
        if n + COLUMNS < len(panels):
            axes.set_xticklabels([])
        bare(axes, "bottom")
    _site_legend(figure)
    span = f"{short_date(material.trigger)} to {short_date(material.horizon)}"
    subtitle = f"Share of each stock still there, {span}; dashed line: {short_date(material.as_of)}"
    titled(figure, "Site by site", subtitle, stamp)
    return figure


def _site_legend(figure: Figure) -> None:
    handles = [
        Patch(facecolor=MUTED, alpha=0.6, label="50 %"),
        Patch(facecolor=MUTED, alpha=0.26, label="90 %"),
        Line2D([], [], ls="", marker="o", ms=4.2, color=INK, mew=0, label="counted"),
        Line2D([], [], ls="", marker="^", ms=5, color=INK, mew=0, label="at least"),
        Line2D([], [], ls="", marker="o", ms=4.6, mfc=PAPER, mec=INK, mew=1.1, label="looked, none"),
    ]
    _legend(figure, handles)


def _legend(figure: Figure, handles: list) -> None:
    height = figure.get_size_inches()[1]
    figure.legend(
        handles=handles, loc="upper left", bbox_to_anchor=(0.004, 1 - 0.45 / height), ncols=len(handles),
        fontsize=SMALL, frameon=False, handlelength=1.4, columnspacing=1.4, handletextpad=0.5,
    )  # fmt: skip


def _ticks(top: float) -> list[int]:
    """Round counts up to the top, none so near the one below that their labels touch."""
    ticks, last = [0], 0
    for tick in COUNT_TICKS[1:]:
        if tick <= top and np.log1p(tick) - np.log1p(last) >= TICK_GAP * np.log1p(top):
            ticks.append(tick)
            last = tick
    return ticks


def _look(axes: Axes, row: Predictive) -> None:
    top = 1.0
    for offset, outcome in zip((-0.24, 0.0, 0.24), SHOWN, strict=True):
        for n, (low, middle, high) in enumerate(row.counts[outcome]):
            x = n + offset
            axes.plot(
                [x, x],
                [low, high],
                color=COLOUR[outcome],
                lw=3.2,
                alpha=0.5,
                solid_capstyle="butt",
                zorder=3,
            )
            axes.plot(
                x,
                middle,
                marker=MARKER[outcome],
                ms=5,
                color=COLOUR[outcome],
                mec=PAPER,
                mew=0.6,
                zorder=4,
            )
            top = max(top, high)
    axes.set_yscale("function", functions=(np.log1p, np.expm1))
    axes.set_ylim(-0.08, 1.25 * top + 0.1)
    ticks = _ticks(1.2 * top)
    axes.set_yticks(ticks, [f"{tick:,}" for tick in ticks])
    axes.yaxis.set_minor_locator(NullLocator())
    axes.set_xticks(range(len(row.days)), [f"day {day}" for day in row.days])
    axes.set_xlim(-0.6, len(row.days) - 0.4)
    axes.grid(axis="y", color=RULE, lw=0.5, zorder=1)


def draw_predictive(predictive: list[Predictive]) -> Figure:
    """Prior predictive of one look at each site and indicator, by outcome."""
    figure, panels = _grid(max(1, len(predictive)))
    for axes, row in zip(panels, predictive, strict=False):
        _panel_title(axes, f"{row.site_name}: {row.label}", row.unit)
        _look(axes, row)
        bare(axes, "bottom")
    if not predictive:
        panels[0].set_axis_off()
    handles = [
        Line2D([], [], ls="", marker=MARKER[o], ms=5, color=COLOUR[o], mew=0, label=LABELS[o])
        for o in SHOWN
    ]
    _legend(figure, handles)
    titled(
        figure,
        "What one look should count, before any report",
        "Median and 5 to 95 % by outcome; logarithmic scale from zero",
    )
    return figure

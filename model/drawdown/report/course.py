"""The course of a case: the three probabilities over time, and the origins that moved them most."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.dates import date2num
from matplotlib.figure import Figure

from drawdown.outcomes import LABELS
from drawdown.report.numerals import MONTHS, SHOWN, percent, points, rounded_percents, short_date
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
    drawing,
    save,
    titled,
)
from drawdown.report.words import STAMP

LINE = 0.17
"""Height of a line of the key, inches."""
GAP = 0.055
"""Least distance of two labels at the end of the lines, as a probability."""
TICK_GAP = 0.025
"""Least distance of two numbers over the axes, as a share of their width."""
SHAPES = 10
"""Marks of its shape along each line."""
NAME = 40
"""Characters of a collector's name that are shown."""
Record = Mapping[str, Any]


def course_figure(record: Record, folder: Path) -> str:
    """Draw `course.svg` and `course.png` into a folder.

    Parameters
    ----------
    record : mapping
        `replay.json`.

    Returns
    -------
    str
        The text alternative.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with drawing("course"):
        figure = draw_course(record)
        for suffix in (".svg", ".png"):
            save(figure, folder / f"course{suffix}")
    return alt_course(record)


def draw_course(record: Record) -> Figure:
    """Three step lines from the first date to the last, over the time from trigger to horizon."""
    movers = record["movers"]
    foot = 0.34 + (LINE * (len(movers) + 1) + 0.1 if movers else 0.0)
    height = 3.1 + foot
    figure = blank(height)
    axes = figure.add_axes((0.5 / WIDTH, foot / height, 1 - 2.4 / WIDTH, 1 - (foot + 0.9) / height))
    axes.set(ylim=(0, 1), yticks=[0, 0.25, 0.5, 0.75, 1])
    axes.set_yticklabels(["0", "25 %", "50 %", "75 %", "100 %"])
    axes.grid(axis="y", color=RULE, lw=0.5, zorder=0)
    _calendar(axes, record)
    days = _days(record["dates"])
    for outcome in SHOWN:
        _line(axes, days, _chances(record, outcome), outcome)
        prior = record["base_rates"][outcome]
        axes.plot(
            date2num(_day(record["trigger"])), prior, marker=MARKER[outcome], ms=6.5, mfc=PAPER,
            mec=COLOUR[outcome], mew=1.4, zorder=6, clip_on=False,
        )  # fmt: skip
    _labels(axes, record)
    _ticks(axes, movers)
    bare(axes, "bottom")
    _key(figure, movers, foot)
    first, last = (short_date(_day(record[key])) for key in ("from", "to"))
    titled(
        figure,
        f"The course: how it stands on {short_date(_day(record['horizon']))}",
        f"As of each date from {first} to {last}, from what was published by then; "
        f"hollow: before any report{_came(record)}",
        "" if record["diagnostics"]["passed"] else STAMP,
    )
    return figure


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _days(dates: Sequence[Record]) -> np.ndarray:
    return np.array([date2num(_day(d["as_of"])) for d in dates])


def _chances(record: Record, outcome: str) -> np.ndarray:
    return np.array([d["outcomes"][outcome] for d in record["dates"]])


def _came(record: Record) -> str:
    resolved = record["resolved"]
    if resolved is None:
        return ""
    near = f", near {LABELS[resolved['near']]}" if resolved["near"] else ""
    return f"\nWhat came: {LABELS[resolved['outcome']]}{near}"


def _line(axes: Axes, days: np.ndarray, chances: np.ndarray, outcome: str) -> None:
    """An answer stands until the next one; marks of its shape tell the lines apart without colour."""
    axes.plot(days, chances, color=COLOUR[outcome], lw=1.8, drawstyle="steps-post", zorder=4)
    marked = np.unique(np.linspace(0, len(days) - 1, min(SHAPES, len(days))).round().astype(int))
    axes.plot(
        days[marked], chances[marked], ls="", marker=MARKER[outcome], ms=4.6, color=COLOUR[outcome],
        mec=PAPER, mew=0.6, zorder=5, clip_on=False,
    )  # fmt: skip


def _calendar(axes: Axes, record: Record) -> None:
    """The months from trigger to horizon, no locale in them."""
    low, high = date2num(_day(record["trigger"])), date2num(_day(record["horizon"]))
    axes.set_xlim(low, high)
    first = _day(record["trigger"])
    months = [(first.year + (first.month + n) // 12, (first.month + n) % 12) for n in range(240)]
    starts = [date(year, month + 1, 1) for year, month in months]
    inside = [day for day in starts if low < date2num(day) <= high]
    step = max(1, -(-len(inside) // 12))
    shown = inside[::step]
    axes.set_xticks([date2num(day) for day in shown])
    named = [
        f"{MONTHS[day.month - 1]}\n{day.year}" if n == 0 or day.month <= step else MONTHS[day.month - 1]
        for n, day in enumerate(shown)
    ]
    axes.set_xticklabels(named)


def _labels(axes: Axes, record: Record) -> None:
    """The last answer beside the end of each line, apart enough to be read."""
    last = record["dates"][-1]
    whole = rounded_percents({outcome: last["outcomes"][outcome] for outcome in SHOWN})
    order = sorted(SHOWN, key=lambda outcome: last["outcomes"][outcome])
    places: list[float] = []
    for outcome in order:
        lowest = places[-1] + GAP if places else 0.01
        places.append(max(last["outcomes"][outcome], lowest))
    over = max(0.0, places[-1] - 0.99)
    end = axes.get_xlim()[1]
    reach = end - axes.get_xlim()[0]
    for outcome, place in zip(order, places, strict=True):
        axes.text(
            end + 0.015 * reach, place - over, f"{LABELS[outcome]} {whole[outcome]} %", va="center",
            fontsize=TYPE, color=INK, zorder=6,
        )  # fmt: skip
        axes.plot(
            end + 0.006 * reach, place - over, marker=MARKER[outcome], ms=4.6, color=COLOUR[outcome],
            mew=0, clip_on=False, zorder=6,
        )  # fmt: skip


def _ticks(axes: Axes, movers: Sequence[Record]) -> None:
    """A numbered tick at the top for each origin; those of one date share it."""
    numbers: dict[str, list[str]] = {}
    for n, mover in enumerate(movers, start=1):
        numbers.setdefault(mover["as_of"], []).append(str(n))
    low, high = axes.get_xlim()
    free = low
    for day, names in sorted(numbers.items()):
        at = date2num(_day(day))
        axes.axvline(at, color=MUTED, lw=0.6, ls=(0, (1, 2)), zorder=1)
        place = max(at, free)
        axes.text(place, 1.015, " ".join(names), ha="center", va="bottom", fontsize=SMALL, color=INK)
        free = place + TICK_GAP * (high - low) * (1 + len(names)) / 2


def _key(figure: Figure, movers: Sequence[Record], foot: float) -> None:
    """Name the numbered origins under the axes."""
    if not movers:
        return
    height = figure.get_size_inches()[1]
    top = foot - 0.44
    head = "Moved it most on the date it was first seen, alone, given the rest (points):"
    figure.text(0.012, top / height, head, fontsize=SMALL, color=MUTED, va="top")
    for n, mover in enumerate(movers, start=1):
        text = f"{n}  {named(mover)}: {_moved(mover)}"
        figure.text(0.012, (top - LINE * n) / height, text, fontsize=SMALL, color=INK, va="top")


def named(mover: Record) -> str:
    """An origin in words: whose eyes, and when."""
    collector = mover["collector"]
    short = collector if len(collector) <= NAME else collector[: NAME - 1] + "\N{HORIZONTAL ELLIPSIS}"
    return f"{short}, {short_date(_day(mover['date']))}"


def _moved(mover: Record) -> str:
    moves = mover["delta_probability"]
    return ", ".join(f"{LABELS[outcome]} {points(moves[outcome])}" for outcome in SHOWN)


def alt_course(record: Record) -> str:
    """The lines in words: first, last, highest and lowest of each, and the origins that moved them."""
    dates = record["dates"]
    said = []
    for outcome in SHOWN:
        chances = _chances(record, outcome)
        high, low = int(chances.argmax()), int(chances.argmin())
        said.append(
            f"{LABELS[outcome]} from {percent(chances[0])} to {percent(chances[-1])}, highest "
            f"{percent(chances[high])} on {short_date(_day(dates[high]['as_of']))}, lowest "
            f"{percent(chances[low])} on {short_date(_day(dates[low]['as_of']))}"
        )
    span = f"{short_date(_day(record['from']))} to {short_date(_day(record['to']))}"
    text = f"Chance of each outcome on {len(dates)} dates, {span}, as step lines: {'; '.join(said)}."
    if record["movers"]:
        moved = "; ".join(f"{named(m)}: {_moved(m)}" for m in record["movers"])
        text += f" Moved it most: {moved}."
    return text

"""Two figures of probabilities over time: the course so far, and when they leave, if they do."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.dates import date2num, num2date
from matplotlib.figure import Figure

from drawdown.answers.material import Material
from drawdown.outcomes import LABELS
from drawdown.report.bars import OUTCOMES_WIDTH
from drawdown.report.numerals import MONTHS, SHOWN, day_of, outcome_percents, percent, short_date
from drawdown.report.rows import shortened
from drawdown.report.style import COLOUR, INK, MARKER, MUTED, PAPER, RULE, SMALL, bare, blank, titled
from drawdown.report.tables import given_up_by

DASHES = ((0, (5, 2)), (0, (1.5, 1.5)), (0, (6, 2, 1.5, 2)), (0, (3, 3)))
MOST_TICKS = 6
ROOM = 0.55
"""Part of the course up to which its labels fit before the horizon."""
MOST_MOVERS = 5
LEAST_GAP = 0.052
"""Of the height of a panel, between two direct labels."""


def _percents(axes: Axes, top: float) -> None:
    step = 0.25 if top > 0.6 else 0.1 if top > 0.22 else 0.05 if top > 0.1 else 0.02
    ceiling = min(1.0, step * (int(top / step) + 1))
    axes.set_ylim(0, ceiling * 1.02)
    ticks = [n * step for n in range(round(ceiling / step) + 1)]
    axes.set_yticks(ticks, [f"{100 * tick:.0f} %" for tick in ticks])
    axes.grid(axis="y", color=RULE, lw=0.5, zorder=1)
    axes.set_axisbelow(True)
    bare(axes, "bottom")


def _calendar(axes: Axes, low: float, high: float) -> None:
    """Dates along the foot: day and month, the year where it begins; no locale in them."""
    count = min(MOST_TICKS, max(2, int(high - low) // 5 + 1))
    places = [low + n * (high - low) / (count - 1) for n in range(count)]
    words, year = [], None
    for value in places:
        day = num2date(value)
        words.append(
            f"{day.day} {MONTHS[day.month - 1]}" + (f"\n{day.year}" if day.year != year else "")
        )
        year = day.year
    axes.set_xticks(places, words)


def _spread(places: list[float], gap: float) -> list[float]:
    """Move labels apart so that none touch, keeping their order."""
    order = sorted(range(len(places)), key=lambda n: places[n])
    out = list(places)
    for below, above in zip(order, order[1:], strict=False):
        out[above] = max(out[above], out[below] + gap)
    return out


def _direct(axes: Axes, x: float, ends: list[tuple[float, str]]) -> None:
    """Labels at the right end of the lines, each at its height or a little above."""
    top = axes.get_ylim()[1]
    placed = _spread([y for y, _ in ends], LEAST_GAP * top * 1.6)
    for (y, text), height in zip(ends, placed, strict=True):
        axes.annotate(
            text, (x, y), xytext=(x, height), textcoords="data", fontsize=8.5, va="center",
            annotation_clip=False, color=INK, zorder=6,
        )  # fmt: skip


def draw_exit(material: Material, stamp: str = "") -> Figure:
    """Chance that the exit is complete, and that each major base is given up, by each date."""
    height = 3.1
    figure = blank(height)
    axes = figure.add_axes((0.075, 0.17, 0.60, 1 - 0.17 - 0.72 / height))
    exit_rows, bases = material.summary["exit_by"], given_up_by(material.summary)
    lines: list[tuple[str, list[dict[str, Any]], str, Any, float]] = [
        ("full exit", exit_rows, COLOUR["full_exit"], "solid", 2.4)
    ]
    lines += [
        (f"{name} given up", rows, INK, DASHES[n % len(DASHES)], 1.5)
        for n, (name, rows) in enumerate(bases.items())
    ]
    top = max(row["probability"] for _, rows, *_ in lines for row in rows)
    _percents(axes, max(top, 0.02))
    ends = []
    for name, rows, colour, dash, weight in lines:
        days = [date2num(day_of(row["date"])) for row in rows]
        chances = [row["probability"] for row in rows]
        axes.plot(days, chances, color=colour, lw=weight, ls=dash, zorder=4, solid_capstyle="round")
        if name == "full exit":
            axes.plot(
                days, chances, ls="", marker=MARKER["full_exit"], ms=5, color=colour, mew=0, zorder=5
            )
        ends.append((chances[-1], f"{shortened(name, 34)} {percent(chances[-1])}"))
    low, high = date2num(day_of(exit_rows[0]["date"])), date2num(day_of(exit_rows[-1]["date"]))
    axes.set_xlim(low, high + 0.001)
    _calendar(axes, low, high)
    _direct(axes, high + 0.02 * (high - low), ends)
    span = f"{short_date(material.as_of)} to {short_date(material.horizon)}"
    titled(figure, "If they leave, when", f"Chance that it is done by the date, {span}", stamp)
    return figure


def course_rows(material: Material) -> list[dict[str, Any]]:
    """Assessments of the replay, in order of date; none if there is no replay."""
    course = material.summary.get("course") or {}
    rows = course.get("rows", []) if isinstance(course, dict) else course
    return sorted(rows, key=lambda row: str(row["as_of"]))


def course_movers(material: Material) -> list[dict[str, Any]]:
    """Origins that moved the course most."""
    course = material.summary.get("course") or {}
    movers = course.get("movers", []) if isinstance(course, dict) else []
    return sorted(movers, key=lambda row: str(row["as_of"]))[:MOST_MOVERS]


def draw_course(material: Material, stamp: str = "") -> Figure:
    """Three step lines from the trigger to the date; prior at the left edge, horizon at the right."""
    movers = course_movers(material)
    foot, head, line = 0.42, 0.66, 0.185
    height = head + 2.3 + foot + (0.1 + line * len(movers) if movers else 0)
    figure = blank(height, OUTCOMES_WIDTH)
    low, high = date2num(material.trigger), date2num(material.horizon)
    now = date2num(material.as_of)
    late = now - low > ROOM * (high - low)
    bottom = (foot + (0.1 + line * len(movers) if movers else 0)) / height
    axes = figure.add_axes((0.1, bottom, 0.53 if late else 0.85, 2.3 / height))
    _percents(axes, 1.0)
    rows, shown = course_rows(material), outcome_percents(material.summary)
    ends = []
    for outcome in SHOWN:
        final = material.summary["outcomes"][outcome]
        days = [date2num(day_of(row["as_of"])) for row in rows] + [now]
        chances = [row[outcome] for row in rows] + [final["probability"]]
        axes.step(days, chances, where="post", color=COLOUR[outcome], lw=2, zorder=4)
        axes.plot(
            low, final["prior"], marker=MARKER[outcome], ms=6, mfc=PAPER, mec=COLOUR[outcome], mew=1.4,
            zorder=5, clip_on=False,
        )  # fmt: skip
        axes.plot(now, chances[-1], marker=MARKER[outcome], ms=6, color=COLOUR[outcome], mew=0, zorder=6)
        ends.append((chances[-1], f"{LABELS[outcome]} {shown[outcome]} %"))
    axes.set_xlim(low, high)
    _calendar(axes, low, high)
    axes.axvline(now, color=INK, lw=0.8, ls=(0, (4, 2)), zorder=2)
    axes.axvline(high, color=INK, lw=1.2, zorder=2, clip_on=False)
    # beside the marks while there is room before the horizon, else beyond it
    _direct(axes, (high if late else now) + 0.03 * (high - low), ends)
    _ticks(figure, axes, movers, height, line)
    titled(
        figure,
        "The course so far",
        f"{short_date(material.trigger)} to {short_date(material.as_of)}; horizon "
        f"{short_date(material.horizon)} at the right",
        stamp,
    )
    return figure


def _ticks(figure: Figure, axes: Axes, movers: list[dict[str, Any]], height: float, line: float) -> None:
    """Number the origins that moved it most on the foot of the panel, and name them below."""
    low, high = axes.get_xlim()
    last, raised = low - (high - low), False
    for n, row in enumerate(movers):
        day = date2num(day_of(row["as_of"]))
        # of two numbers that would touch, the second stands higher
        raised = day - last < 0.04 * (high - low) and not raised
        last, top = day, 0.13 if raised else 0.045
        axes.plot([day, day], [0, top], color=INK, lw=1.4, zorder=6)
        axes.text(day, top + 0.01, str(n + 1), ha="center", va="bottom", fontsize=SMALL, zorder=6)
        figure.text(
            0.1,
            (0.06 + line * (len(movers) - 1 - n)) / height,
            f"{n + 1}  {shortened(str(row['what']), 74)}",
            fontsize=SMALL,
            color=MUTED,
            va="bottom",
        )

"""Two figures of rows by outcome: looks that could still be had, and other judgements."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from drawdown.answers.material import Material
from drawdown.report import outlook
from drawdown.report.judged import chances_of
from drawdown.report.numerals import SHOWN, percent, ranges_of, short_date
from drawdown.report.rows import LABEL_WIDTH, along, by_outcome, legend, row_labels, shortened
from drawdown.report.style import COLOUR, INK, MARKER, MUTED, PAPER, titled

MOST_JUDGEMENTS = 14


def _now(axes: Axes, value: float) -> None:
    axes.axvline(value, color=INK, lw=0.9, ls=(0, (4, 2)), zorder=2)


def top_looks(material: Material) -> list[dict[str, Any]]:
    """Looks of the figure."""
    return outlook.looks(material)[: outlook.TOP]


def _size(chance: float) -> float:
    """Marker size: its area goes with the chance of getting the look."""
    return float(3.4 + 5.6 * chance**0.5)


def _asked(label: str, answer: str) -> str:
    """Label and answer on one line; where they are too long, the label is cut and not the answer."""
    answer = shortened(answer, LABEL_WIDTH // 2)
    return f"{shortened(label, LABEL_WIDTH - 2 - len(answer))}: {answer}"


def draw_looks(material: Material, stamp: str = "") -> Figure:
    """Dumbbells: the chance of each outcome if seen and if not, around a line at today."""
    rows = top_looks(material)
    figure, panels = by_outcome(len(rows))
    for axes, outcome in zip(panels, SHOWN, strict=True):
        now = material.summary["outcomes"][outcome]["probability"]
        ends = [(r["if_seen"]["outcomes"][outcome], r["if_not"]["outcomes"][outcome]) for r in rows]
        for n, (row, (seen, unseen)) in enumerate(zip(rows, ends, strict=True)):
            colour, size = COLOUR[outcome], _size(row["chance"])
            axes.plot([seen, unseen], [n, n], color=colour, lw=1.6, alpha=0.55, zorder=3)
            axes.plot(seen, n, marker=MARKER[outcome], ms=size, color=colour, mew=0, zorder=5)
            axes.plot(
                unseen, n, marker=MARKER[outcome], ms=size, mfc=PAPER, mec=colour, mew=1.3, zorder=4
            )
        along(axes, [now, *(end for pair in ends for end in pair)])
        _now(axes, now)
    said = [
        (
            _asked(str(row["label"]), outlook.answer_of(row["if_seen"])),
            f"{outlook.place(material, row)} \N{MIDDLE DOT} chance to look {percent(row['chance'])}",
        )
        for row in rows
    ]
    row_labels(panels[0], said)
    handles = [
        Line2D([], [], ls="", marker="o", ms=6, color=INK, mew=0, label="if so"),
        Line2D(
            [], [], ls="", marker="o", ms=6, mfc=PAPER, mec=INK, mew=1.2, label="if looked and not so"
        ),
        Line2D([], [], color=INK, lw=0.9, ls=(0, (4, 2)), label="now"),
    ]
    legend(figure, handles)
    days = max(row["within_days"] for row in rows)
    titled(
        figure,
        "What would change our mind",
        f"Chance of each outcome after one look; larger marks: more likely to be had in {days:g} days",
        stamp,
    )
    return figure


def top_judgements(material: Material) -> list[dict[str, Any]]:
    """Other judgements of the figure, the largest move first."""
    rows = (material.summary.get("sensitivity") or {}).get("rows") or []
    now = {o: material.summary["outcomes"][o]["probability"] for o in SHOWN}

    def move(row: dict[str, Any]) -> float:
        chances = chances_of(row["outcomes"])
        return max(abs(chances[o] - now[o]) for o in SHOWN)

    return sorted(rows, key=lambda row: (-round(move(row), 9), str(row["what"])))[:MOST_JUDGEMENTS]


def draw_sensitivity(material: Material, stamp: str = "") -> Figure:
    """The answer under other judgements, and the range of all of them."""
    rows = top_judgements(material)
    figure, panels = by_outcome(len(rows))
    ranges = ranges_of(material.summary)
    for axes, outcome in zip(panels, SHOWN, strict=True):
        now = material.summary["outcomes"][outcome]["probability"]
        values = [chances_of(row["outcomes"])[outcome] for row in rows]
        span = list(ranges.get(outcome, (min([now, *values]), max([now, *values]))))
        axes.axvspan(span[0], span[1], color=COLOUR[outcome], alpha=0.13, lw=0, zorder=1)
        for n, value in enumerate(values):
            axes.plot([now, value], [n, n], color=COLOUR[outcome], lw=1.6, alpha=0.7, zorder=3)
            axes.plot(value, n, marker=MARKER[outcome], ms=6, color=COLOUR[outcome], mew=0, zorder=5)
        along(axes, [now, *values, *span])
        _now(axes, now)
    row_labels(panels[0], [(str(row["what"]), "") for row in rows])
    line = Line2D([], [], color=INK, lw=0.9, ls=(0, (4, 2)), label="now")
    band = Line2D([], [], color=MUTED, lw=6, alpha=0.3, label="range of all judgements tried")
    legend(figure, [line, band])
    titled(
        figure,
        "If one judgement were another",
        f"Chance of each outcome on {short_date(material.horizon)}",
        stamp,
    )
    return figure

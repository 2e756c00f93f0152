"""Figure of what moved the answer and what carries it: marks of three outcomes, a row a cause."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MultipleLocator

from drawdown.answers.material import Material
from drawdown.report.first import since
from drawdown.report.numerals import SHOWN, points
from drawdown.report.origins import by_origin, origin_name, reports_of
from drawdown.report.rows import ROW, legend, outcome_handles, row_labels, ruled
from drawdown.report.style import COLOUR, INK, MARKER, MUTED, PAPER, SMALL, blank, titled
from drawdown.report.worth import KINDS, largest_first

MOST_MOVED, MOST_CARRIED = 8, 12
"""Rows of the two panels; the tables have them all."""
LEFT = 0.40
HEAD, BETWEEN, FOOT = 0.86, 0.86, 0.5
"""Inches above, between and below the panels."""

Row = tuple[str, str, dict[str, float], bool]
"""Label, smaller label, points by outcome, whether fitted again."""


def moved_rows(material: Material) -> list[Row]:
    """Causes of the change since the last assessment, the largest first."""
    rows = sorted((material.summary.get("change") or {}).get("rows") or [], key=largest_first)
    return [
        (str(row["what"]), _below(row), row["delta_probability"], row.get("method") == "refitted")
        for row in rows[:MOST_MOVED]
    ]


def _below(row: dict[str, Any]) -> str:
    number = row.get("reports")
    return reports_of(number) if number else KINDS.get(row.get("kind", ""), "")


def carried_rows(material: Material) -> list[Row]:
    """Origins by what the answer would be without each, the largest first; else sites and indicators."""
    behind, out = by_origin(material), []
    for row in sorted(material.summary.get("contributions") or [], key=largest_first)[:MOST_CARRIED]:
        name = origin_name(row["origin"], behind.get(row["origin"], []))
        sites = dict.fromkeys(r.site for r in behind.get(row["origin"], []))
        below = " \N{MIDDLE DOT} ".join(filter(None, (reports_of(row["reports"]), ", ".join(sites))))
        out.append((name, below, row["delta_probability"], row["method"] == "refitted"))
    if out:
        return out
    ordered = sorted(
        material.carries,
        key=lambda c: (-max(map(abs, c.delta_probability.values())), c.site, c.indicator),
    )
    return [
        (
            c.label,
            f"{reports_of(c.reports)} \N{MIDDLE DOT} {c.site_name}",
            c.delta_probability,
            c.method == "refitted",
        )
        for c in ordered[:MOST_CARRIED]
    ]


def _panel(axes: Axes, rows: list[Row]) -> None:
    reach = max(max(abs(value) for _, _, delta, _ in rows for value in delta.values()) * 1.22, 0.012)
    ruled(axes, len(rows))
    axes.set_xlim(-reach, reach)
    axes.axvline(0, color=MUTED, lw=0.8, zorder=2)
    row_labels(axes, [(label, below) for label, below, _, _ in rows])
    for n, (_, _, delta, refitted) in enumerate(rows):
        axes.plot(
            [min(0, *delta.values()), max(0, *delta.values())], [n, n], color=MUTED, lw=1, zorder=3
        )
        for outcome in reversed(SHOWN):
            axes.plot(
                delta[outcome],
                n,
                marker=MARKER[outcome],
                ms=6.2,
                mfc=PAPER if refitted else COLOUR[outcome],
                mec=COLOUR[outcome],
                mew=1.3,
                zorder=5,
            )
        largest = max(SHOWN, key=lambda o: abs(delta[o]))
        value = delta[largest]
        if abs(value) >= 0.005:
            axes.text(
                value + (0.045 if value > 0 else -0.045) * reach, n, points(value), fontsize=SMALL,
                va="center", ha="left" if value > 0 else "right", color=INK, zorder=6,
            )  # fmt: skip
    axes.xaxis.set_major_formatter(lambda value, _: points(value))
    if reach < 0.03:
        # no tick between whole points, since whole points are printed
        axes.xaxis.set_major_locator(MultipleLocator(0.01))
    else:
        axes.locator_params(axis="x", nbins=5, steps=[1, 2, 5, 10])


def draw_carries(material: Material, stamp: str = "") -> Figure:
    """Draw one panel of what moved the answer, if anything did, and one of what carries it."""
    panels = []
    moved, carried = moved_rows(material), carried_rows(material)
    if moved:
        panels.append((f"Since {since(material)}: the rows add up, the smallest not drawn", moved))
    if carried:
        panels.append(("On the whole record: each left out alone; does not add up", carried))
    rows = sum(len(rows) for _, rows in panels)
    height = HEAD + FOOT + rows * ROW + (BETWEEN if len(panels) > 1 else 0.0) + 0.26
    figure, top = blank(height), HEAD + 0.26
    for title, rows_of in panels:
        tall = len(rows_of) * ROW
        axes = figure.add_axes((LEFT, 1 - (top + tall) / height, 0.58, tall / height))
        figure.text(0.012, 1 - (top - 0.08) / height, title, fontsize=9, fontweight="bold", va="bottom")
        _panel(axes, rows_of)
        axes.set_xlabel("percentage points", fontsize=SMALL, color=MUTED)
        top += tall + BETWEEN
    handles: list = outcome_handles()
    if any(refitted for _, rows_of in panels for _, _, _, refitted in rows_of):
        hollow = Line2D(
            [], [], ls="", marker="o", ms=5, mfc=PAPER, mec=INK, mew=1.2, label="fitted again"
        )
        handles.append(hollow)
    legend(figure, handles)
    titled(figure, "What moved it, and what carries it", "Points on the chance of each outcome", stamp)
    return figure

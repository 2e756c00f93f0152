"""Text alternatives of the figures, made from their numbers."""

from drawdown.answers.material import Material, Predictive
from drawdown.outcomes import LABELS
from drawdown.report.bars import top_carries
from drawdown.report.numerals import SHOWN, outcome_percents, percent, points, short_date


def outcomes(material: Material) -> str:
    """Every bar and its prior."""
    now, before = outcome_percents(material.summary), outcome_percents(material.summary, "prior")
    bars = "; ".join(f"{LABELS[o]} {now[o]} %, before any report {before[o]} %" for o in SHOWN)
    return f"Bar chart of the outcomes on {short_date(material.horizon)}: {bars}."


def carries(material: Material) -> str:
    """The bars in their order."""
    rows = top_carries(material.carries)
    bars = "; ".join(
        f"{r.site_name}, {r.label} {points(r.delta_probability['full_exit'])}" for r in rows
    )
    return f"Bar chart of percentage points on the chance of a full exit, alone, given the rest: {bars}."


def sites(material: Material) -> str:
    """Each stock: the median share still there now and on the horizon."""
    said = []
    for track in material.tracks:
        now = next(
            (n for n, day in enumerate(track.dates) if day >= material.as_of), len(track.dates) - 1
        )
        shares = f"{percent(track.q50[now])} still there, {percent(track.q50[-1])} at the end"
        text = f"{track.site_name}, {track.stock_name}: {shares}"
        said.append(text if track.reports else f"{text}, no information")
    when = f"on {short_date(material.as_of)} and on the last day drawn"
    return f"Share of each stock still there {when}, medians. {'; '.join(said)}."


def predictive(rows: list[Predictive]) -> str:
    """Medians on the last day, by outcome."""
    said = []
    for row in rows:
        medians = ", ".join(f"{LABELS[o]} {row.counts[o][-1][1]:.0f}" for o in SHOWN)
        said.append(f"{row.site_name}, {row.label} on day {row.days[-1]}: {medians}")
    return f"Median count of one look before any report, by outcome. {'; '.join(said)}."

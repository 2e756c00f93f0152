"""Text alternatives of the figures, made from their numbers."""

from drawdown.answers.material import Material, Predictive
from drawdown.outcomes import LABELS
from drawdown.report import outlook
from drawdown.report.carried import Row, carried_rows, moved_rows
from drawdown.report.dumbbells import top_judgements, top_looks
from drawdown.report.judged import chances_of
from drawdown.report.numerals import (
    SHOWN,
    chance_percents,
    day_of,
    outcome_percents,
    percent,
    points,
    ranges_of,
    short_date,
)
from drawdown.report.tables import given_up_by
from drawdown.report.when import course_movers, course_rows


def outcomes(material: Material) -> str:
    """Every bar and its prior."""
    now, before = outcome_percents(material.summary), outcome_percents(material.summary, "prior")
    bars = "; ".join(f"{LABELS[o]} {now[o]} %, before any report {before[o]} %" for o in SHOWN)
    return f"Bar chart of the outcomes on {short_date(material.horizon)}: {bars}."


def course(material: Material) -> str:
    """First and last assessment, and what moved it."""
    rows, said = course_rows(material), []
    for row in [rows[0], rows[-1]] if len(rows) > 1 else rows:
        shown = chance_percents(row)
        chances = ", ".join(f"{LABELS[o]} {shown[o]} %" for o in SHOWN)
        said.append(f"{short_date(day_of(row['as_of']))}: {chances}")
    now = outcome_percents(material.summary)
    said.append(f"{short_date(material.as_of)}: {', '.join(f'{LABELS[o]} {now[o]} %' for o in SHOWN)}")
    text = f"Step lines of {len(rows)} assessments over time. {'; '.join(said)}."
    movers = "; ".join(
        f"{short_date(day_of(row['as_of']))}, {row['what']}" for row in course_movers(material)
    )
    return f"{text} Moved most by: {movers}." if movers else text


def _rows(rows: list[Row]) -> str:
    return "; ".join(
        f"{label}: {', '.join(f'{LABELS[o]} {points(delta[o])}' for o in SHOWN)}"
        for label, _, delta, _ in rows
    )


def carries(material: Material) -> str:
    """Every row of both panels, in its order."""
    text = "Percentage points on the chance of each outcome."
    moved, carried = moved_rows(material), carried_rows(material)
    if moved:
        text += f" Since the last assessment: {_rows(moved)}."
    if carried:
        text += f" Each left out alone: {_rows(carried)}."
    return text


def looks(material: Material) -> str:
    """Both answers of each look."""
    said = []
    for row in top_looks(material):
        seen, unseen = (chance_percents(row[side]["outcomes"]) for side in ("if_seen", "if_not"))
        moves = ", ".join(f"{LABELS[o]} {seen[o]} % or {unseen[o]} %" for o in SHOWN)
        answers = " or ".join(outlook.answer_of(row[side]) for side in ("if_seen", "if_not"))
        said.append(f"{row['label']}, {outlook.place(material, row)}, {answers}: {moves}")
    return f"Chance of each outcome after one look, by its answer. {'; '.join(said)}."


def exit_by(material: Material) -> str:
    """First and last chance of each line."""
    lines = {"full exit": material.summary["exit_by"]} | {
        f"{name} given up": rows for name, rows in given_up_by(material.summary).items()
    }
    said = "; ".join(
        f"{name} {percent(rows[0]['probability'])} by {short_date(day_of(rows[0]['date']))}, "
        f"{percent(rows[-1]['probability'])} by {short_date(day_of(rows[-1]['date']))}"
        for name, rows in lines.items()
    )
    return f"Lines of the chance that it is done by a date. {said}."


def sensitivity(material: Material) -> str:
    """The answer under each other judgement, and the range of all."""
    said = []
    for row in top_judgements(material):
        shown = chance_percents(chances_of(row["outcomes"]))
        said.append(f"{row['what']}: {', '.join(f'{LABELS[o]} {shown[o]} %' for o in SHOWN)}")
    text = f"Chance of each outcome if one judgement were another. {'; '.join(said)}."
    ranges = "; ".join(
        f"{LABELS[o]} {percent(low)} to {percent(high)}"
        for o, (low, high) in ranges_of(material.summary).items()
    )
    return f"{text} Range of all: {ranges}." if ranges else text


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

"""The calibration as a figure and as a page: stated against came, and places against uniform ones."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from drawdown.report.style import (
    ALARM,
    COLOUR,
    INK,
    MUTED,
    PAPER,
    RULE,
    SMALL,
    WASH,
    bare,
    blank,
    drawing,
    save,
    titled,
)

Record = Mapping[str, Any]
HEIGHT = 3.2
TINY = 6.5
ROOM = 0.11
"""Share of the axis that a number of three digits needs; it is moved on, not printed on another."""
NAMED = {"outcomes": "Where it stands", "hypotheses": "How it ends"}


def calibration_figure(record: Record, folder: Path) -> str:
    """Draw `calibration.svg` and `.png` into a folder.

    Parameters
    ----------
    record : mapping
        `calibration.json`.

    Returns
    -------
    str
        The text alternative.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with drawing("calibration"):
        figure = draw_calibration(record)
        for suffix in (".svg", ".png"):
            save(figure, folder / f"calibration{suffix}")
    return alt_calibration(record)


def draw_calibration(record: Record) -> Figure:
    """Two panels of stated against came, one of the places of parameters."""
    figure = blank(HEIGHT)
    bottom, height = 0.48 / HEIGHT, 1 - 1.38 / HEIGHT
    for n, (key, name) in enumerate(NAMED.items()):
        axes = figure.add_axes((0.062 + 0.31 * n, bottom, 0.245, height))
        _reliability(axes, record["reliability"][key])
        axes.set_title(f"{name}: share that came", fontsize=SMALL, loc="left", color=INK, pad=13)
    axes = figure.add_axes((0.725, bottom, 0.26, height))
    _places(axes, record["places"])
    axes.set_title("Places of true values", fontsize=SMALL, loc="left", color=INK, pad=13)
    passed = record["diagnostics"]["passed"]
    titled(
        figure,
        f"Calibration on {record['simulations']} simulated episodes",
        f"Looks of {_listed(record['cases'])}; bands hold 99 % of what perfect calibration gives",
        "" if passed else "Not calibrated",
    )
    return figure


def _listed(names: Sequence[str]) -> str:
    return " and ".join((", ".join(names[:-1]), names[-1])) if len(names) > 1 else names[0]


def _reliability(axes: Axes, rows: Sequence[Record]) -> None:
    axes.plot([0, 1], [0, 1], color=RULE, lw=1.0, zorder=1)
    place = -ROOM
    for row in rows:
        low, high = row["band"]
        place = max(row["stated"], place + ROOM)
        inside = low <= row["came"] <= high
        axes.plot([row["stated"]] * 2, [low, high], color=MUTED, lw=5, alpha=0.3, zorder=2)
        axes.plot(
            row["stated"], row["came"], marker="o", ms=4.5, mec=PAPER, mew=0.6, zorder=3,
            color=COLOUR["retained"] if inside else ALARM, clip_on=False,
        )  # fmt: skip
        axes.text(place, 1.03, str(row["number"]), fontsize=TINY, color=MUTED, ha="center", va="bottom")
    ticks = [0, 0.25, 0.5, 0.75, 1]
    axes.set(xlim=(0, 1), ylim=(0, 1), xticks=ticks, yticks=ticks)
    axes.set_xticklabels(["0", "", "50 %", "", "100 %"])
    axes.set_yticklabels(["0", "", "50 %", "", "100 %"])
    axes.tick_params(labelsize=TINY)
    axes.set_xlabel("chance stated (above: how many)", fontsize=SMALL)
    bare(axes, "bottom", "left")


def _places(axes: Axes, places: Record) -> None:
    """Empirical distribution functions less the uniform one, with the band that holds all of one."""
    at = np.array(places["band"]["points"])
    low, high = (np.array(places["band"][side]) for side in ("low", "high"))
    axes.fill_between(at, low - at, high - at, color=WASH, ec=RULE, lw=0.6, zorder=1)
    axes.axhline(0.0, color=RULE, lw=0.8, zorder=2)
    for values in places["kinds"].values():
        below = np.searchsorted(np.sort(values), at, side="right") / len(values)
        outside = bool(((below < low - 1e-9) | (below > high + 1e-9)).any())
        axes.step(
            at, below - at, where="post", lw=1.2 if outside else 0.6,
            color=ALARM if outside else COLOUR["retained"], alpha=1.0 if outside else 0.6, zorder=3,
        )  # fmt: skip
    axes.set(xlim=(0, 1), xticks=[0, 0.5, 1])
    axes.set_xlabel("place among its draws", fontsize=SMALL)
    axes.set_ylabel("share below, less uniform", fontsize=SMALL)
    axes.tick_params(labelsize=TINY)
    bare(axes, "bottom", "left")


def alt_calibration(record: Record) -> str:
    """The figure in words."""
    rows = record["reliability"]["outcomes"]
    said = "; ".join(
        f"stated {row['stated']:.0%}, came {row['came']:.0%} of {row['number']}" for row in rows
    )
    wrong = [c["name"] for c in record["checks"] if not c["passed"]]
    verdict = f"not calibrated in {', '.join(wrong)}" if wrong else "every test passed"
    return f"Outcomes of {record['simulations']} simulated episodes: {said}. Result: {verdict}."


def page(record: Record, alt: str) -> str:
    """Return `calibration.md`: verdict, tests and tables."""
    parts = [
        [f"**{record['verdict']}**", "", f"`{record['command']}`"],
        [f"![{alt}](calibration.png)"],
        _tests(record),
        *(_stated(record, key) for key in NAMED),
        _coverage(record["coverage"]),
        _day_27(record["day_27"]),
        _made(record),
    ]
    return "\n\n".join("\n".join(lines) for lines in parts if lines) + "\n"


def _tests(record: Record) -> list[str]:
    lines = [
        f"Each test fails below p = {record['limit']:.2g}, so that a sound model fails any of them in "
        f"{record['level']:.0%} of such runs.",
        "",
        "| test | of | p | |",
        "| --- | --- | --- | --- |",
    ]
    for c in record["checks"]:
        mark = "passed" if c["passed"] else "**failed**"
        lines.append(f"| {c['name'].replace('_', ' ')} | {c['what']} | {c['p']:.3g} | {mark} |")
    return lines


def _stated(record: Record, key: str) -> list[str]:
    slope = record["slopes"][key]
    fit = "no factor could be fitted" if slope is None else f"best factor on the log odds {slope:.2f}"
    lines = [
        f"{NAMED[key]}, all three outcomes together ({fit}; one is right, less is too sure):",
        "",
        "| stated | number | mean stated | came | 99 % band |",
        "| --- | --- | --- | --- | --- |",
    ]
    for row in record["reliability"][key]:
        low, high = row["band"]
        lines.append(
            f"| {row['from']:.0%} to {row['to']:.0%} | {row['number']} | {row['stated']:.1%} | "
            f"{row['came']:.1%} | {low:.1%} to {high:.1%} |"
        )
    return lines


def _coverage(rows: Sequence[Record]) -> list[str]:
    lines = [
        "How often what is gone of a garrison lay in its bands:",
        "",
        "| case, site | episodes | in the 50 % band | in the 90 % band |",
        "| --- | --- | --- | --- |",
    ]
    return lines + [f"| {r['what']} | {r['number']} | {r['50%']:.0%} | {r['90%']:.0%} |" for r in rows]


def _day_27(rows: Sequence[Record]) -> list[str]:
    if not rows:
        return []
    lines = [
        "The physical prior on day 27, coded as the reference class was: log of how much likelier each "
        "is under full exit than under retained presence, beside the 90 % interval of the 42 episodes:",
        "",
        "| indicator | simulated | episodes | |",
        "| --- | --- | --- | --- |",
    ]
    for r in rows:
        low, high = r["interval"]
        mark = "passed" if r["agrees"] else "**failed**"
        name = r["indicator"].replace("_", " ")
        lines.append(f"| {name} | {r['ratio']:+.2f} | {low:+.2f} to {high:+.2f} | {mark} |")
    return lines


def _made(record: Record) -> list[str]:
    masks = "; ".join(
        f"{m['case']} as of {m['as_of']} ({m['reports']} physical reports)" for m in record["masks"]
    )
    told = record["diagnostics"]
    return [
        f"Looks: {masks}. Fits of {told['unsettled']} episodes did not settle and are counted all the "
        f"same; the largest error of a log marginal likelihood was {told['max_error']:.2f} nats. "
        f"drawdown {record['code_version']}, seed {record['seed']}. Besides: {record['besides']}."
    ]

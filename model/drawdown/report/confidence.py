"""How far to trust the answer, from named parts by a written rule; never a likelihood."""

from dataclasses import dataclass
from typing import Any

from drawdown.answers.material import Chances, EvidenceRow, Material
from drawdown.outcomes import LABELS
from drawdown.report.numerals import SHOWN, ranges_of, rounded_percents

FEW_ORIGINS = 5
MANY_ORIGINS = 20
WIDE_BOUNDARY = 0.2
"""Chance of lying within 5 points of the line above which confidence is not high."""
WIDE_RANGE = 0.2
"""Span of an outcome under other judgements above which confidence is not high."""
RULE = (
    f"Low: a check failed, the answer is driven by prior, or fewer than {FEW_ORIGINS} origins. "
    f"High: at least {MANY_ORIGINS} origins, one of them graded A, both strands lead to the same "
    f"outcome, the boundary risk is at most {WIDE_BOUNDARY:.0%}, and other judgements were tried and "
    f"none spans more than {100 * WIDE_RANGE:.0f} points of an outcome. Moderate: the rest."
).replace("%", " %")


@dataclass(frozen=True)
class Confidence:
    """A level, the sentence that gives its parts, and whether a prior drives the answer."""

    level: str
    sentence: str
    driven_by_prior: bool


def strand_shares(strands: dict[str, Chances]) -> dict[str, int] | None:
    """Parts in a hundred of the move from the base rates, by strand alone; None if nothing moves."""
    base = strands.get("base rates")
    alone = {name: strands.get(f"{name} strand alone") for name in ("physical", "political")}
    if base is None:
        return None
    moves = {
        name: 0.5 * sum(abs(chances[outcome] - base[outcome]) for outcome in base)
        for name, chances in alone.items()
        if chances is not None
    }
    return rounded_percents(moves) if sum(moves.values()) > 0.005 else None


def _strands_agree(strands: dict[str, Chances]) -> bool:
    leaders = {
        max(chances, key=lambda outcome: chances[outcome])
        for name, chances in strands.items()
        if name.endswith("strand alone")
    }
    return len(leaders) <= 1


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _sources(used: list[EvidenceRow], sites: dict[str, Any]) -> str:
    """Number of origins, their best grade, and the major bases that no grade A bears on."""
    text = _counted(len({row.origin for row in used}), "origin")
    best = min((row.grade for row in used if row.grade), default="")
    if not best:
        return text
    text += f", the best graded {best}"
    seen = {row.site for row in used if row.grade.startswith("A")}
    named = [site.get("name", slug) for slug, site in sites.items() if site.get("kind") == "major"]
    without = [name for name in named if name not in seen]
    return f"{text}, none graded A on {' or '.join(without)}" if without else text


def _width(ends: tuple[float, float]) -> float:
    return ends[1] - ends[0]


def _range(ranges: dict[str, tuple[float, float]]) -> str:
    """The outcome that other judgements move most, from where to where."""
    widest = max(ranges, key=lambda outcome: _width(ranges[outcome]))
    low, high = (round(100 * end) for end in ranges[widest])
    return f"other judgements put a {LABELS[widest]} from {low} to {high} %"


def _expected(material: Material) -> str:
    """How far the best look would move the answer on average."""
    looks = material.summary.get("looks") or []
    if not looks:
        return ""
    best = max(looks, key=lambda look: look["worth_bits"])
    move = max(round(100 * best["expected_move"][o]) for o in SHOWN)
    return f"the look most worth having would move it by {_counted(move, 'point')} on average"


def confidence(material: Material) -> Confidence:
    """Read the level off the parts, and say the parts."""
    summary = material.summary
    used = [row for row in material.evidence if row.used]
    origins = len({row.origin for row in used})
    best = min((row.grade for row in used if row.grade), default="")
    passed = bool(summary["diagnostics"]["passed"])
    sensitivity = summary.get("sensitivity") or {}
    driven, ranges = bool(sensitivity.get("driven_by_prior", False)), ranges_of(summary)
    agree = _strands_agree(material.strands)
    clear = summary.get("boundary_risk", 0.0) <= WIDE_BOUNDARY
    narrow = bool(ranges) and all(_width(ends) <= WIDE_RANGE for ends in ranges.values())
    if not passed or driven or origins < FEW_ORIGINS:
        level = "low"
    elif origins >= MANY_ORIGINS and best.startswith("A") and agree and clear and narrow:
        level = "high"
    else:
        level = "moderate"
    parts = [_sources(used, summary["sites"])]
    shares = strand_shares(material.strands)
    if shares is not None:
        split = ", ".join(f"{part} % {name}" for name, part in shares.items())
        parts.append(f"the move from the base rates is {split}, each strand alone")
    if not agree:
        parts.append("the strands lead to different outcomes")
    if ranges:
        parts.append(_range(ranges))
    parts += [said for said in (_expected(material),) if said]
    failed = sum(not check.passed for check in material.checks)
    parts.append("all checks passed" if passed else f"{_counted(max(failed, 1), 'check')} failed")
    if driven:
        parts.append("driven by prior")
    return Confidence(level, f"Confidence is {level}: {'; '.join(parts)}.", driven)

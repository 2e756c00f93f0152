"""What an indicator would say before it has said anything: information, and each reading's effect."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np

from drawdown.answers.assess import Assessment
from drawdown.answers.imagined import Imagined
from drawdown.answers.information import Joint, entropy
from drawdown.answers.looks import GRADE, WITHIN_DAYS, looks, standing
from drawdown.answers.prospect import Prospect
from drawdown.answers.unreported import unreported
from drawdown.answers.whatif import named
from drawdown.files.case import Case
from drawdown.files.indicator import Indicator
from drawdown.files.priors import Priors
from drawdown.files.sentences import uncounted

DAY = 30
"""A typical date: reports are coming in, and little of a drawdown is over."""
WEAK_BITS = 0.01
"""Expected information below which an indicator says next to nothing."""
PARTS = 4
"""Intervals into which the counts from one on are cut, about equally probable."""


@dataclass(frozen=True)
class Reading:
    """One thing that a report could say.

    Attributes
    ----------
    observed : str
        As a row of the log would have it.
    chance : float
        Of this reading, once somebody has looked.
    outcomes : dims (outcome,)
        What the probabilities become.
    """

    observed: str
    chance: float
    outcomes: np.ndarray


@dataclass(frozen=True)
class Site:
    """One look at an indicator at one site, or one word on the politics.

    Attributes
    ----------
    prospect : Prospect
    readings : tuple of Reading
        `no`, `yes`, and the counts that make up a yes where they are counted.
    """

    prospect: Prospect
    readings: tuple[Reading, ...]


@dataclass(frozen=True)
class Diagnosis:
    """An indicator and what it would say.

    Attributes
    ----------
    indicator : Indicator
    added : bool
        Whether an overlay brought it.
    reports, modelled : int
        Rows of the case that name it, and how many of these can enter the model.
    sites : tuple of Site
        Most information first.
    note : str
        Why nothing can be said, or what looks wrong.
    """

    indicator: Indicator
    added: bool
    reports: int
    modelled: int
    sites: tuple[Site, ...]
    note: str

    @property
    def bits(self) -> float:
        """Expected information of a look where it says most."""
        return max((site.prospect.joint.information for site in self.sites), default=0.0)


@dataclass(frozen=True)
class Diagnoses:
    """Every indicator on a day without reports.

    Attributes
    ----------
    assessment : Assessment
    found : tuple of Diagnosis
        In the order of the priors.
    day : int
    grade : str
    """

    assessment: Assessment
    found: tuple[Diagnosis, ...]
    day: int
    grade: str


def diagnose(
    case: Case,
    priors: Priors,
    shipped: Collection[str],
    *,
    day: int = DAY,
    grade: str = GRADE,
    seed: int = 1,
) -> Diagnoses:
    """Say of every indicator how much one look at it would tell, before any report.

    Parameters
    ----------
    case : Case
    priors : Priors
    shipped : collection of str
        Indicators that no overlay brought.
    day : int
        Days after the trigger.
    grade : str
        Of who looks or says.
    seed : int
    """
    a = unreported(case, priors, day, seed)
    stands = standing(a)
    by_name: dict[str, list[Site]] = {}
    for prospect in looks(a, stands, WITHIN_DAYS, grade):
        by_name.setdefault(prospect.indicator, []).append(Site(prospect, _readings(a, prospect, stands)))
    found = []
    for name, indicator in priors.indicators.items():
        sites = sorted(by_name.get(name, ()), key=lambda s: -s.prospect.joint.information)
        rows = [report for report in case.reports if report.indicator == name]
        found.append(
            Diagnosis(
                indicator=indicator,
                added=name not in shipped,
                reports=len(rows),
                modelled=sum(report.modelled for report in rows),
                sites=tuple(sites),
                note=_note(case, priors, indicator, bool(sites)),
            )
        )
    return Diagnoses(a, tuple(found), day, grade)


def _note(case: Case, priors: Priors, indicator: Indicator, looked: bool) -> str:
    if looked:
        return ""
    if indicator.tracks == "nothing":
        return "kept and shown, without likelihood"
    if indicator.tracks == "intent":
        fact = indicator.name in case.context
        return "a fact that defines the case" if fact else "silence says more than a report could"
    return uncounted(indicator, case, priors) or "nobody would look for it at a site of the case"


def _readings(a: Assessment, prospect: Prospect, stands: np.ndarray) -> tuple[Reading, ...]:
    source, besides = prospect.source, a.question.besides
    if not isinstance(source, Imagined):
        return _told(prospect.joint, ["no", "yes"])
    either = Joint((source.chance(np.array([0, 1])) @ stands).T, besides)
    said = _told(either, ["no", "yes"])
    if not source.counted:
        return said
    edges = _parts(source, stands)
    if len(edges) < 3:
        return said
    counts = Joint((source.chance(edges) @ stands).T, besides)
    names = ["no", *(_interval(low, high) for low, high in zip(edges[1:], edges[2:], strict=False))]
    return (*said, *_told(counts, [*names, f">={edges[-1]}"])[1:])


def _told(joint: Joint, names: list[str]) -> tuple[Reading, ...]:
    columns = zip(names, joint.answers, joint.then.T, strict=True)
    return tuple(Reading(name, float(p), outcomes) for name, p, outcomes in columns)


def _parts(source: Imagined, stands: np.ndarray) -> np.ndarray:
    """Lowest count of each reading: none, and intervals of the rest that are about as probable."""
    fine = source.edges(stands.sum(axis=1))
    chance = source.chance(fine) @ stands.sum(axis=1)
    upto = np.cumsum(chance[1:])
    cuts = np.searchsorted(upto, upto[-1] * np.arange(1, PARTS) / PARTS, side="right") + 1
    later = fine[np.minimum(cuts, len(fine) - 1)]
    return np.unique(np.concatenate([[0, 1], later]))


def _interval(low: int, high: int) -> str:
    return f"{low}" if high - low == 1 else f"{low}..{high - 1}"


def record(found: Diagnoses) -> dict[str, Any]:
    """Return what `indicators --json` prints."""
    a = found.assessment
    now = a.weighed.outcomes
    return {
        "case": a.question.case.slug,
        "as_of": a.question.view.as_of.isoformat(),
        "day": found.day,
        "grade": found.grade,
        "before": named(now),
        "open_bits": entropy(now),
        "indicators": [_row(one) for one in found.found],
    }


def _row(one: Diagnosis) -> dict[str, Any]:
    i = one.indicator
    return {
        "name": i.name,
        "label": i.label,
        "tracks": i.tracks,
        "stocks": list(i.stocks),
        "unit": i.unit,
        "family": i.family,
        "look": {"chance": i.look.chance, "within_days": i.look.within_days} if i.look else None,
        "added": one.added,
        "reports": one.reports,
        "modelled": one.modelled,
        "bits": one.bits,
        "weak": bool(one.sites) and one.bits < WEAK_BITS,
        "note": one.note,
        "looks": [
            {
                "site": site.prospect.site,
                "what": site.prospect.what,
                "bits": site.prospect.joint.information,
                "expected_move": named(site.prospect.joint.move),
                "readings": [
                    {"observed": r.observed, "chance": r.chance, "outcomes": named(r.outcomes)}
                    for r in site.readings
                ],
            }
            for site in one.sites
        ],
    }

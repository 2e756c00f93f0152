"""What an assessment hands to the report: numbers and text, ready to be laid out, nothing to compute.

The report room knows these types and nothing of draws, priors or fits.
"""

import datetime
from dataclasses import dataclass, field
from typing import Any

Chances = dict[str, float]
"""A number for each outcome of `OUTCOMES`."""


@dataclass(frozen=True)
class Mark:
    """A count laid over a path: share of the stock that a report saw, from `low` to `high`.

    `high` is None where the report is a lower bound; `kind` is `count`, `at_least` or `none`.
    """

    day: datetime.date
    low: float
    high: float | None
    kind: str
    label: str


@dataclass(frozen=True)
class Track:
    """Share of one stock still at a site, over time; quantiles of the posterior, one a date."""

    site: str
    site_name: str
    stock: str
    stock_name: str
    given_up: float
    dates: list[datetime.date]
    q05: list[float]
    q25: list[float]
    q50: list[float]
    q75: list[float]
    q95: list[float]
    marks: list[Mark]
    reports: int
    """Reports that bear on the stock; at 0 the track is its prior and is printed as "no information"."""


@dataclass(frozen=True)
class Carry:
    """What one site and indicator carry: the answer minus the answer without them; does not sum."""

    site: str
    site_name: str
    indicator: str
    label: str
    family: str
    reports: int
    delta_probability: Chances
    method: str
    """`reweighted`, `refitted` or `exact`."""
    khat: float | None


@dataclass(frozen=True)
class Predictive:
    """Prior predictive of one look, by outcome: counts at 5, 50 and 95 % on the days given."""

    site: str
    site_name: str
    indicator: str
    label: str
    unit: str
    tracks: str
    days: list[int]
    counts: dict[str, list[tuple[float, float, float]]]
    """Outcome to one (q05, q50, q95) a day."""


@dataclass(frozen=True)
class PosteriorRow:
    """One row of `posterior.csv`."""

    hypothesis: str
    parameter: str
    unit: str
    prior: tuple[float, float, float]
    posterior: tuple[float, float, float]
    rhat: float
    ess: float


@dataclass(frozen=True)
class Code:
    """A political indicator as coded on the date."""

    indicator: str
    label: str
    state: str
    """`present`, `absent`, `unknown` or `mixed`."""
    chance: float | None
    """Chance that the indicator is present, on even odds, where anything is known."""
    why: str
    rows: list[str]
    """Sentences of the reports behind the code."""
    log_ratio: Chances
    """Log likelihood of the code under each outcome, less the mean over outcomes."""


@dataclass(frozen=True)
class EvidenceRow:
    """A report as the brief lists it."""

    date: datetime.date
    until: datetime.date
    published: datetime.date
    site: str
    label: str
    observed: str
    flow: str
    origin: str
    collector: str
    grade: str
    publisher: str
    url: str
    note: str
    sentence: str
    used: bool
    reason: str
    """Why a report is not in the likelihood; empty if it is."""
    reposts: int


@dataclass(frozen=True)
class Differs:
    """A judgement of this run that is not the default; `was` is empty where the default is silent."""

    path: str
    was: str
    now: str
    why: str


@dataclass(frozen=True)
class Check:
    """One line of the gate."""

    name: str
    value: str
    limit: str
    passed: bool


@dataclass(frozen=True)
class Material:
    """Everything that a report shows."""

    name: str
    question: str
    rule: tuple[str, ...]
    as_of: datetime.date
    horizon: datetime.date
    trigger: datetime.date
    summary: dict[str, Any]
    """`assessment.json`, whole."""
    posterior: list[PosteriorRow]
    tracks: list[Track]
    carries: list[Carry]
    predictive: list[Predictive]
    politics: list[Code]
    evidence: list[EvidenceRow]
    checks: list[Check]
    strands: dict[str, Chances]
    """Outcomes by strand: `base rates`, `physical strand alone`, `political strand alone`, `both`."""
    ends_to_stands: dict[str, Chances]
    """For each hypothesis (how it ends), where it stands on the horizon; given the reports."""
    said: list[tuple[str, str, str]]
    """Judgements of this run: path in the YAML, what it says, why."""
    overlays: list[str] = field(default_factory=list)
    differs: list[Differs] = field(default_factory=list)
    """Those of the judgements that an overlay changed, against the defaults."""

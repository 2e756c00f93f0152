"""Guard-rails: the answer under other judgements, and whether a prior drives it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from drawdown.answers.assess import Assessment, Progress, Question
from drawdown.answers.contribute import NOT_COMPUTED
from drawdown.answers.firmness import points
from drawdown.answers.powers import Powers, Scaled, diagnosis
from drawdown.answers.retell import Teller
from drawdown.answers.summarise import strands
from drawdown.answers.variants import with_priors
from drawdown.answers.weigh import REACH, weigh
from drawdown.files.judgement import Judgement
from drawdown.files.priors import Priors
from drawdown.outcomes import LABELS, OUTCOMES

DRIVEN = 0.15
"""A larger move of any outcome says that a judgement decides it."""
SPREADS, LIFTS, DURATIONS = (0.7, 1.5), (1.0 / 3.0, 3.0), (0.5, 2.0)
COUNTED = (("x 1, half its stated odds", 0.5), ("x 4, twice its stated odds", 2.0))
"""Times that the retained cases of the sample count; the shipped base rates count them twice."""
MOST = 3


@dataclass(frozen=True)
class Row:
    """The outcomes if one thing were otherwise.

    Attributes
    ----------
    what, path : str
    kind : str
        `judgement`, or `strand` where reports are left out rather than a judgement changed.
    outcomes : dims (outcome,)
    move : float
        Largest change of an outcome.
    method : str
    khat : float or None
        Of the weights, where draws were weighed again.
    mcse : float or None
        Largest Monte Carlo error of an outcome; where nothing was sampled it is the answer's.
    gap : float
        How far the base rates are missed, where no chances of the hypotheses give them back.
    """

    what: str
    path: str
    kind: str
    outcomes: np.ndarray
    move: float
    method: str
    khat: float | None = None
    mcse: float | None = None
    gap: float = 0.0

    @property
    def drives(self) -> bool:
        """Whether it moves an outcome by more than a guard-rail allows."""
        return self.move > DRIVEN


@dataclass(frozen=True)
class _Asked:
    """A change of the priors, and whether its draws may be weighed again rather than fitted."""

    what: str
    path: str
    change: Callable[[Priors], Priors]
    reweigh: bool


def sensitivity(teller: Teller, progress: Progress = lambda _: None) -> dict[str, Any]:
    """Return the `sensitivity` of `assessment.json`."""
    with ThreadPoolExecutor(1) as beside:
        # one works in Python, the other in the sampler: together they take both cores
        powers = Powers(teller)
        scaled = beside.submit(powers.rows)
        rows = guard_rails(teller, progress)
        progress("Holding every judgement less and more firmly")
        return _described(teller.base, rows, powers, scaled.result())


def guard_rails(teller: Teller, progress: Progress = lambda _: None) -> list[Row]:
    """Answer under other judgements: six fits at most, and what is exact."""
    q, rows = teller.base.question, []
    for asked in _physical():
        progress(f"If instead {asked.what}")
        # judgements may contradict the base rates: the nearest answer then, and how near it is
        other = replace(with_priors(q, asked.change(q.priors)), reach=np.inf)
        rows.append(_answered(teller, asked, other))
    return [*rows, *_exact(teller.base)]


def _answered(teller: Teller, asked: _Asked, q: Question) -> Row:
    """Weigh the draws again where that holds, else fit every hypothesis."""
    told = teller.reweighted(q) if asked.reweigh else None
    if told is None or not teller.holds(told):
        told = teller.refitted(q)
    return Row(
        *(asked.what, asked.path, "judgement", told.outcomes),
        move=float(np.abs(told.outcomes - teller.base.weighed.outcomes).max()),
        method=told.method,
        khat=told.khat if np.isfinite(told.khat) else None,
        mcse=float(told.mcse.max()),
        gap=told.weighed.gap,
    )


def driven(rows: list[Row]) -> bool:
    """Whether another judgement moves an outcome by more than is allowed.

    A strand left out is no judgement: a large move there says that the reports carry the answer.
    """
    return bool(_drivers(rows))


def _drivers(rows: list[Row]) -> list[str]:
    return [row.what for row in rows if row.drives and row.kind == "judgement"]


def spread_by(priors: Priors, factor: float) -> Priors:
    """Where garrisons and stocks end, with another spread around the same middle."""

    def wider(judgement: Judgement) -> Judgement:
        return replace(judgement, sd=judgement.sd * factor)

    return replace(
        priors,
        gone_garrison={fate: wider(j) for fate, j in priors.gone_garrison.items()},
        gone_stock={fate: wider(j) for fate, j in priors.gone_stock.items()},
        gone_staged=wider(priors.gone_staged),
    )


def lift_by(priors: Priors, factor: float) -> Priors:
    """The scale of lift, with another median."""
    return replace(priors, lift=_shifted(priors.lift, factor))


def lasts_by(priors: Priors, factor: float) -> Priors:
    """How long leaving takes under every outcome, with another median."""
    return replace(priors, lasts={o: _shifted(j, factor) for o, j in priors.lasts.items()})


def retained_by(rates: np.ndarray, factor: float) -> np.ndarray:
    """Base rates with the odds of retained multiplied; dims (outcome,)."""
    out = rates * np.where(np.array(OUTCOMES) == "retained", factor, 1.0)
    return out / out.sum()


def _shifted(judgement: Judgement, factor: float) -> Judgement:
    return replace(judgement, mu=judgement.mu + float(np.log(factor)))


def _physical() -> list[_Asked]:
    """The changes that are fitted again where the draws do not hold."""
    kinds = (
        ("spread of where stocks and garrisons end", "gone", spread_by, SPREADS, False),
        ("scale of lift", "lift", lift_by, LIFTS, True),
        ("time that leaving takes", "clock.lasts", lasts_by, DURATIONS, True),
    )
    return [
        _Asked(f"{what} {_times(factor)}", path, _changed(change, factor), reweigh)
        for what, path, change, factors, reweigh in kinds
        for factor in factors
    ]


def _changed(change: Callable[[Priors, float], Priors], factor: float) -> Callable[[Priors], Priors]:
    return lambda priors: change(priors, factor)


def _times(factor: float) -> str:
    part = round(1.0 / factor)
    return f"x 1/{part}" if np.isclose(factor * part, 1.0) and part > 1 else f"x {factor:g}"


def _exact(a: Assessment) -> list[Row]:
    """Base rates and strands: nothing that was sampled changes."""
    q, found = a.question, []
    other_rates = {
        f"base rate of retained {times}": retained_by(q.stated_rates, factor) @ q.crossing
        for times, factor in COUNTED
    }
    if not np.array_equal(q.crossing, np.eye(len(OUTCOMES))):
        other_rates["base rates as stated, own fates or not"] = q.stated_rates
    for what, rates in other_rates.items():
        besides = replace(q.besides, base_rates=rates)
        outcomes = weigh(a.log_z, a.table.chance, a.prior_table.chance, besides).outcomes
        found.append((what, "outcomes", "judgement", outcomes))
    alone = strands(a)
    for off, on in (("physical", "political"), ("political", "physical")):
        outcomes = np.array([alone[on][o] for o in OUTCOMES])
        found.append((f"{off} strand off", f"strands.{off}", "strand", outcomes))
    base = a.weighed.outcomes
    return [
        Row(what, path, kind, outcomes, float(np.abs(outcomes - base).max()), "exact")
        for what, path, kind, outcomes in found
    ]


def _described(a: Assessment, rows: list[Row], powers: Powers, scaled: list[Scaled]) -> dict[str, Any]:
    reports = {
        "physical": powers.of_reports(political=False),
        "political": powers.of_reports(physical=False),
        "both": powers.of_reports(),
    }
    told = [s for s in scaled if s.method != NOT_COMPUTED]
    most = sorted(told, key=lambda s: (-np.abs(s.slope).max(), s.path))[:MOST]
    weight = reports["both"].sensitivity
    # the answer itself is one of the answers between which it lies
    seen = np.array([a.weighed.outcomes, *(row.outcomes for row in rows)])
    return {
        "rows": [_row(row) for row in rows],
        "driven_by_prior": driven(rows),
        "driven_by": _drivers(rows),
        "range": {
            o: {"smallest": float(seen[:, i].min()), "largest": float(seen[:, i].max())}
            for i, o in enumerate(OUTCOMES)
        },
        "power": [
            _scaled(s) | {"said": s.said, "diagnosis": diagnosis(s.sensitivity, weight)} for s in told
        ],
        "power_not_computed": [
            {"path": s.path, "khat": s.khat, "ess": s.ess} for s in scaled if s.method == NOT_COMPUTED
        ],
        "power_fixed": points(a.question),
        "likelihood": {name: _scaled(s) for name, s in reports.items()},
        "carry_most": [{"path": s.path, "what": s.what, "sentence": sentence(s)} for s in most],
    }


def sentence(scaled: Scaled) -> str:
    """What halving the firmness of a judgement does to the outcome that it moves most."""
    most = int(np.argmax(np.abs(scaled.slope)))
    outcome, by = LABELS[OUTCOMES[most]], -100.0 * float(scaled.slope[most])
    return (
        f"Halving the firmness of this judgement moves P({outcome}) by about {by:+.0f} points,"
        " on a straight line drawn from a fifth less and a quarter more."
    )


def _row(row: Row) -> dict[str, Any]:
    return {
        "what": row.what,
        "path": row.path,
        "kind": row.kind,
        "outcomes": _by_outcome(row.outcomes),
        "move": row.move,
        "drives": row.drives,
        "method": row.method,
        "khat": row.khat,
        "mcse": row.mcse,
        "base_rates_missed_by": row.gap if row.gap > REACH else 0.0,
    }


def _scaled(s: Scaled) -> dict[str, Any]:
    return {
        "path": s.path,
        "what": s.what,
        "d_probability": _by_outcome(s.slope),
        "mcse": _by_outcome(s.mcse),
        "sensitivity": s.sensitivity,
        "khat": s.khat,
        "ess": s.ess,
        "method": s.method,
    }


def _by_outcome(values: np.ndarray) -> dict[str, float]:
    return dict(zip(OUTCOMES, map(float, values), strict=True))

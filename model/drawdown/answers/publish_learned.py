"""Learning and scoring as the command line asks for them: files written, tables to print."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from drawdown.answers import learn as strand
from drawdown.answers.durations import completion
from drawdown.answers.learned_yaml import learned_yaml
from drawdown.answers.score import Progress, Report, Trial, score_reference
from drawdown.answers.scoring import NAMES, Scored, difference
from drawdown.files.learning import Learning
from drawdown.files.priors import DIRECTORY, Priors, load_priors
from drawdown.files.reference import ReferenceClass
from drawdown.outcomes import OUTCOMES
from drawdown.whole import check_writable, write_whole

Table = tuple[str, list[tuple[str, ...]]]
"""A title, and rows of which the first is the head."""


@dataclass(frozen=True)
class WrittenPriors:
    """The file that was written, and what it says."""

    path: Path
    tables: list[Table]


@dataclass(frozen=True)
class ScoreSheet:
    """Scores as JSON and as tables; stated probabilities and what came, for a figure."""

    record: dict[str, Any]
    tables: list[Table]
    stated: np.ndarray
    came: np.ndarray


def run_learn(
    reference: ReferenceClass,
    learning: Learning,
    out: Path | None,
    seed: int,
    progress: strand.Progress,
) -> WrittenPriors:
    """Learn from past episodes and write the priors.

    Parameters
    ----------
    out : Path or None
        By default `learned.yaml` beside the other priors.

    Raises
    ------
    FitError
        If the fit did not converge; nothing is written.
    """
    priors = load_priors(learned=False)
    path = out or DIRECTORY / "learned.yaml"
    check_writable(path.parent)
    found = strand.learn(reference, learning, seed, progress)
    paced = completion(reference, learning, priors)
    write_whole(learned_yaml(found, reference, priors, paced), path)
    return WrittenPriors(path, [_chances(found), _strength(found), _base_rates(found.shares, learning)])


def _chances(found: strand.Learned) -> Table:
    rows: list[tuple[str, ...]] = [("indicator", *(o.replace("_", " ") for o in OUTCOMES))]
    low, high = found.interval()
    middle = np.median(found.chance, axis=0)
    for i, name in enumerate(found.indicators):
        cells = (
            f"{middle[i, j]:.0%} ({low[i, j]:.0%} to {high[i, j]:.0%})" for j in range(len(OUTCOMES))
        )
        rows.append((name, *cells))
    return "Chance of being present, median and middle 80 %:", rows


def _strength(found: strand.Learned) -> Table:
    rows: list[tuple[str, ...]] = [("", "5 %", "50 %", "95 %")]
    for name, values in (("pseudo-cases", found.cases), ("loading", found.loading)):
        rows.append((name, *(f"{q:.2g}" for q in np.quantile(values, [0.05, 0.5, 0.95]))))
    return "How strongly chances are pooled, and indicators of one case move together:", rows


def _base_rates(shares: np.ndarray, learning: Learning) -> Table:
    """Base rates are set by a person; this is what the sample would say of them."""
    rows: list[tuple[str, ...]] = [("", *(o.replace("_", " ") for o in OUTCOMES))]
    for times in learning.retained_times:
        rate = shares * np.where([o == "retained" for o in OUTCOMES], times, 1.0)
        rows.append((f"retained x{times:g}", *(f"{p:.0%}" for p in rate / rate.sum())))
    return "Base rates with the under-sampled retained cases so many times as common:", rows


def run_score(
    reference: ReferenceClass,
    learning: Learning,
    other: ReferenceClass | None,
    seed: int,
    progress: Progress,
) -> ScoreSheet:
    """Score the learned strand out of sample."""
    report = score_reference(
        reference, learning, political(load_priors(learned=False)), seed, other, progress
    )
    loo = report.loo.learned
    record = report.record() | {"reference_sha256": reference.sha256, "seed": seed}
    return ScoreSheet(record, _sheets(report), loo.stated, loo.outcome)


def political(priors: Priors) -> frozenset[str]:
    """Indicators that a case with a physical strand is judged by."""
    return frozenset(i.name for i in priors.indicators.values() if i.tracks == "intent")


def _sheets(report: Report) -> list[Table]:
    sheets = [
        ("One case left out:", report.loo),
        ("One cluster left out:", report.loco),
        ("One case left out, scored on the cases that were not near-settled:", report.unsettled_loo),
        ("The same, and learned from them alone:", report.settled_apart),
    ]
    if report.holdout is not None:
        sheets.append(("The other folder:", report.holdout))
    return [(title, _sheet(trial)) for title, trial in sheets]


def _sheet(trial: Trial) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [("", *NAMES, *(f"learned less it, {name}" for name in NAMES))]
    own: list[tuple[str, Scored]] = [
        (f"learned, {len(trial.cases)} cases", trial.learned),
        ("from the joint draws", trial.joint),
        ("political indicators alone", trial.political),
    ]
    for name, scored in [*own, *trial.baselines.items()]:
        gaps = difference(trial.learned, scored) if scored is not trial.learned else {}
        rows.append(
            (
                name.replace("_", " "),
                *(f"{scored.means()[n]:.3f}" for n in NAMES),
                *(f"{g['mean']:+.3f} ± {g['se']:.3f}" for g in gaps.values()),
                *[""] * (len(NAMES) - len(gaps)),
            )
        )
    rows.append((f"largest probability of a wrong outcome {trial.largest_wrong():.2f}", *[""] * 6))
    return rows

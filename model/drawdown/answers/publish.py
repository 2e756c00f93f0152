"""From a case folder to a report folder: the one door between the answers and the report."""

import json
import platform
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

from drawdown.answers import display
from drawdown.answers.assess import Assessment, Question, ask, assess, prepare
from drawdown.answers.contribute import by_indicator, by_origin
from drawdown.answers.expectations import predictives
from drawdown.answers.explain import explain
from drawdown.answers.looks import look_ahead
from drawdown.answers.material import Chances, Material
from drawdown.answers.retell import Teller
from drawdown.answers.sensitivity import sensitivity
from drawdown.answers.since import check_since
from drawdown.answers.so_far import so_far
from drawdown.answers.stored import report_folder, store
from drawdown.answers.summarise import summarise
from drawdown.answers.track_record import track_record
from drawdown.errors import FitError
from drawdown.files.case import load_case
from drawdown.files.priors import load_priors
from drawdown.inference.gate import failures
from drawdown.outcomes import OUTCOMES, RULE
from drawdown.whole import check_writable, staging

Progress = Callable[[str], None]
LIBRARIES = ("pymc", "pytensor", "nutpie", "numba", "numpy", "scipy", "arviz-stats")


def run_assess(
    folder: Path,
    *,
    as_of: date | None,
    priors: list[Path],
    out: Path | None,
    seed: int,
    quick: bool,
    progress: Progress,
    yardstick: str = "icd-203",
    since: date | None = None,
) -> str:
    """Assess a case and write its report folder.

    Parameters
    ----------
    yardstick : str
        Scale of the words of likelihood: `icd-203` or `phia`.

    Returns
    -------
    str
        The headline.

    Raises
    ------
    InputError
        If a file is wrong; nothing is written.
    FitError
        If the gate did not pass; the report is stamped, and replaces no report that passed.
    """
    from drawdown.report.render import list_reports
    from drawdown.report.store import check_target
    from drawdown.report.words import headline

    started = time.perf_counter()
    judged = load_priors(priors)
    question = ask(load_case(folder, judged), judged, as_of, seed)
    if since is not None:
        check_since(question, since)
    target = out or report_folder(question, as_of, quick)
    check_target(target)
    check_writable(target.parent)
    progress("Compiling the model")
    sampler = prepare(question)
    compiled = time.perf_counter()
    a = assess(question, quick=quick, sampler=sampler, progress=progress)
    fitted = time.perf_counter()
    progress("Leaving reports out")
    teller = Teller(a, lambda: sampler)
    why = None if quick else explain(teller, target, _dated(question), since, progress)
    material = materialise(teller, refit=not quick, why=why, progress=progress)
    explained = time.perf_counter()
    progress("Writing the report")
    timings = {
        "compile": compiled - started,
        "fit": fitted - compiled,
        "explain": explained - fitted,
    }
    shown = material.summary | {"yardstick": yardstick, "draft": quick}
    material = replace(material, summary=shown)
    target = _write(a, material, target, timings, quick=quick)
    if out is None:
        list_reports(target.parent, question.case.slug, question.case.name)
    if not a.passed:
        raise FitError(f"{failures(a.readings)}. {target} is not for citation")
    return headline(material)


def _dated(q: Question) -> Callable[[date], Path]:
    return lambda day: report_folder(q, day, False)


def materialise(
    teller: Teller,
    *,
    refit: bool,
    why: dict[str, Any] | None = None,
    progress: Progress = lambda _: None,
) -> Material:
    """Gather everything that a report shows.

    Parameters
    ----------
    teller : Teller
        Of the assessment.
    why : dict, optional
        What `explain` said of the move; without it the summary says that this was skipped.
    """
    a, q = teller.base, teller.base.question
    parts = by_indicator(teller, refit=refit, progress=progress)
    origins = by_origin(teller, refit=refit, progress=progress)
    # a quick run asks for the answer alone
    rails = sensitivity(teller, progress) if refit else None
    summary = summarise(a, origins, parts, look_ahead(a), rails) | so_far(q) | track_record(q)
    told = dict(why or {"skipped": ["families", "change"]})
    summary["controls"]["families"] = told.pop("left_out", {})
    summary |= told
    rows = zip(OUTCOMES, a.table.chance, strict=True)
    return Material(
        name=q.case.name,
        question=f"How will the force of {q.case.force} in {q.case.host} stand on "
        f"{_day(q.case.horizon)}?",
        rule=RULE,
        as_of=q.view.as_of,
        horizon=q.case.horizon,
        trigger=q.case.trigger,
        summary=summary,
        posterior=display.posterior(a),
        tracks=display.tracks(a, {k: site["given_up"] for k, site in summary["sites"].items()}),
        carries=display.carries(a, parts),
        predictive=predictives(q.case, q.priors, q.seed),
        politics=display.codes(a),
        evidence=display.evidence(a),
        checks=display.checks(a),
        strands=_named_strands(summary["strands"]),
        ends_to_stands={h: dict(zip(OUTCOMES, map(float, row), strict=True)) for h, row in rows},
        said=list(q.priors.said),
        overlays=list(q.priors.names),
        differs=display.differs(q.priors),
    )


def _named_strands(by_key: dict[str, Chances]) -> dict[str, Chances]:
    names = {
        "base_rates": "base rates",
        "physical": "physical strand alone",
        "political": "political strand alone",
        "both": "both",
    }
    return {names[key]: value for key, value in by_key.items()}


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _write(
    a: Assessment, material: Material, target: Path, timings: dict[str, float], *, quick: bool
) -> Path:
    """Write apart, then move into place; a failed report never replaces one that passed.

    Returns
    -------
    Path
        The folder that holds the report.
    """
    from drawdown.report.render import write_report
    from drawdown.report.store import settle

    q = a.question
    with staging(target.parent) as staged:
        write_report(material, staged, priors_yaml=q.priors.resolved_yaml())
        store(a, staged, quick=quick)
        (staged / "run.json").write_text(json.dumps(_run(timings), indent=1) + "\n")
        return settle(staged, target, passed=a.passed)


def _run(timings: dict[str, float]) -> dict[str, Any]:
    return {
        "seconds": {name: round(value, 2) for name, value in timings.items()},
        "python": platform.python_version(),
        "machine": platform.machine(),
        "versions": {name: version(name) for name in LIBRARIES},
    }

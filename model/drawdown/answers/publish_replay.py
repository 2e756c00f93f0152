"""From a case folder to the folder of its series: the second door between answers and report."""

import csv
import io
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from drawdown.answers.course import largest_movers, predicted, scores, verdict
from drawdown.answers.replay import Plan, Progress, dates, replay, series_folder
from drawdown.answers.scoring import NAMES
from drawdown.answers.stored import code_version
from drawdown.files.case import load_case
from drawdown.files.priors import load_priors
from drawdown.files.reference import ReferenceClass, load_reference
from drawdown.outcomes import OUTCOMES
from drawdown.whole import check_writable, staging, write_whole

Record = dict[str, Any]
Rows = list[tuple[str, ...]]
METHODS = {
    "full": "full model",
    "physical": "physical strand alone",
    "political": "political strand alone",
    "climatology": "climatology (base rates)",
    "naive_bayes": "naive Bayes, same codes",
}


@dataclass(frozen=True)
class Series:
    """A finished series.

    Attributes
    ----------
    folder : Path
        What was written.
    record : dict
        `replay.json`.
    tables : list of (title, rows)
        Scores, where the case is resolved.
    said : list of str
        Sentences to print under them.
    failed : list of (date, why)
        Dates whose fit failed its checks.
    """

    folder: Path
    record: Record
    tables: list[tuple[str, Rows]]
    said: list[str]
    failed: list[tuple[str, str]]


def run_replay(
    folder: Path,
    *,
    start: date | None,
    end: date | None,
    every: int,
    priors: Sequence[Path],
    out: Path | None,
    seed: int,
    quick: bool,
    reference: Path,
    progress: Progress,
) -> Series:
    """Replay a case and write its folder.

    Parameters
    ----------
    reference : Path
        Past episodes from which naive Bayes is counted; without the folder it is left out.

    Raises
    ------
    InputError
        If a file or a date is wrong; nothing is written.
    Stopped
        If interrupted; finished dates are kept beside the output.
    """
    from drawdown.report.store import REPLAY, check_target

    judged = load_priors(priors)
    case = load_case(folder, judged)
    plan = Plan(case, judged, dates(case, start, end, every), seed, quick)
    target = out or series_folder(case, judged, seed, quick=quick)
    check_target(target, REPLAY)
    check_writable(target.parent)
    past = load_reference(reference) if reference.is_dir() else None
    began = time.perf_counter()
    found = replay(plan, target.with_name(f".{target.name}"), progress=progress)
    took = time.perf_counter() - began
    record = summary(plan, every, [r["date"] for r in found], past)
    written = _write(record, target, {"wall": took, "dates": [r["seconds"] for r in found]})
    return _series(record, written)


def summary(plan: Plan, every: int, found: list[Record], past: ReferenceClass | None) -> Record:
    """Return `replay.json` as a dictionary."""
    case, resolved = plan.case, plan.case.resolved
    stated = {o: float(plan.priors.outcome_chance[o]) for o in OUTCOMES}
    scored = scores(found, stated, resolved, past) if resolved is not None else None
    record = {
        "case": case.slug,
        "name": case.name,
        "trigger": case.trigger.isoformat(),
        "horizon": case.horizon.isoformat(),
        "from": plan.dates[0].isoformat(),
        "to": plan.dates[-1].isoformat(),
        "every": every,
        "quick": plan.quick,
        "priors": list(plan.priors.names),
        "base_rates": found[0]["strands"]["base_rates"],
        "stated_rates": stated,
        "resolved": None if resolved is None else _plain(resolved),
    }
    failed = [d["as_of"] for d in found if not d["passed"]]
    keys = ("scores", "strands", "baselines", "near")
    record |= {key: scored and scored[key] for key in keys}
    return record | {
        "verdict": verdict(scored) if scored else [],
        "prequential": predicted(found),
        "movers": largest_movers(found),
        "diagnostics": {"passed": not failed, "failed": failed},
        "dates": [d | {"scores": _of_date(scored, n)} for n, d in enumerate(found)],
        "priors_sha256": plan.priors.sha256,
        "evidence_sha256": plan.views[-1].sha256,
        "code_version": code_version(),
        "seed": plan.seed,
    }


def _of_date(scored: Record | None, n: int) -> Record | None:
    return {name: scored["by_date"][name][n] for name in NAMES} if scored else None


def _plain(resolved: Record) -> Record:
    return {k: v.isoformat() if isinstance(v, date) else v for k, v in resolved.items()}


def as_csv(record: Record) -> str:
    """Return `replay.csv`: the answer of each date, then that of each strand."""
    strands = [(f"{s}_{o}", s, o) for s in ("physical", "political") for o in OUTCOMES]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    names = ["as_of", *OUTCOMES, "mcse", "method", "passed"]
    writer.writerow([*names, *(name for name, _, _ in strands), "reports", "origins"])
    for d in record["dates"]:
        row = [d["as_of"], *(f"{d['outcomes'][o]:.6f}" for o in OUTCOMES)]
        row += [f"{max(d['mcse'].values()):.6f}", d["method"], str(d["passed"]).lower()]
        row += [f"{d['strands'][s][o]:.6f}" for _, s, o in strands]
        writer.writerow([*row, d["reports"], d["origins"]])
    return text.getvalue()


def _write(record: Record, target: Path, seconds: Record) -> Path:
    """Write apart, then move into place; a failed series never replaces one that passed."""
    from drawdown.report.course import course_figure
    from drawdown.report.store import REPLAY, settle

    with staging(target.parent) as staged:
        drawn = record | {"alt": course_figure(record, staged)}
        text = json.dumps(drawn, indent=1, ensure_ascii=False, allow_nan=False)
        write_whole(text + "\n", staged / "replay.json")
        write_whole(as_csv(record), staged / "replay.csv")
        write_whole(json.dumps({"seconds": seconds}, indent=1) + "\n", staged / "run.json")
        return settle(staged, target, passed=record["diagnostics"]["passed"], kind=REPLAY)


def _series(record: Record, folder: Path) -> Series:
    tables = []
    if record["scores"] is not None:
        tables.append((f"Scored on {_outcome(record['resolved']['outcome'])}:", _table(record)))
    if record["near"] is not None:
        title = f"The same, had it been {_outcome(record['near']['outcome'])}, which it was near:"
        tables.append((title, _table(record["near"])))
    failed = [
        (d["as_of"], "; ".join(f"{f['name']} {f['value']:.3g}" for f in d["failed"]))
        for d in record["dates"]
        if not d["passed"]
    ]
    said = record["verdict"] + _foreseen(record["prequential"])
    return Series(folder, record, tables, said, failed)


def _outcome(name: str) -> str:
    return name.replace("_", " ")


def _table(scored: Record) -> Rows:
    means = {"full": scored["scores"]} | scored["strands"] | scored["baselines"]
    rows = [(METHODS[name], *(f"{row[n]:.3f}" for n in NAMES)) for name, row in means.items()]
    return [("", *NAMES), *rows]


def _foreseen(found: Record | None) -> list[str]:
    if found is None:
        return []
    gap = found["difference"]
    error = "" if gap["se"] is None else f" ± {gap['se']:.2f}"
    line = (
        f"{found['reports']} reports of {found['weeks']} dates, each foreseen from the date before: "
        f"log score {found['log_score']:.2f} a date, persistence {found['persistence']:.2f}, "
        f"difference {gap['mean']:+.2f}{error}."
    )
    spread = found["pit"]
    if spread is None:
        return [line]
    tests = f"Kolmogorov p {spread['kolmogorov_p']:.2g}, chi-square p {spread['chi_square_p']:.2g}"
    return [line, f"Transforms of {spread['n']} counts: {tests} of being uniform."]

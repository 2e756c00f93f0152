"""From case folders to the folder of a calibration: the third door between answers and report."""

import csv
import io
import json
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from drawdown.answers.assess import Question, ask
from drawdown.answers.batch import Kept, run
from drawdown.answers.calibration import check
from drawdown.answers.landmark import landmarks
from drawdown.answers.trial import DAYS, Trials, attempt, trials
from drawdown.errors import InputError, Problem
from drawdown.files.case import Case, load_case
from drawdown.files.priors import Priors, load_priors
from drawdown.outcomes import OUTCOMES
from drawdown.whole import write_whole

Record = dict[str, Any]
Progress = Callable[[str, int, int], None]
FOLDER = Path("reports") / "calibration"
NEEDED = ("jets", "helicopters", "air_defence")
"""Stocks without which a case cannot be coded as the reference class was."""
LONG = "an independent check of the marginal likelihood: `make long`"


@dataclass(frozen=True)
class Calibration:
    """A finished calibration.

    Attributes
    ----------
    folder : Path
        What was written.
    record : dict
        `calibration.json`.
    """

    folder: Path
    record: Record

    @property
    def passed(self) -> bool:
        """Whether every test passed."""
        return bool(self.record["diagnostics"]["passed"])

    @property
    def rows(self) -> list[tuple[str, ...]]:
        """Table of the tests."""
        found = [
            (
                c["name"].replace("_", " "),
                c["what"],
                f"{c['p']:.3g}",
                "passed" if c["passed"] else "FAILED",
            )
            for c in self.record["checks"]
        ]
        return [("test", "of", "p", ""), *found]


def shipped(evidence: Path) -> list[Path]:
    """Case folders under a folder.

    Raises
    ------
    InputError
        If there are none.
    """
    found = sorted((p.parent for p in evidence.glob("*/case.yaml")), reverse=True)
    if not found:
        raise InputError([Problem(str(evidence), 0, 0, "holds no case", "folders with a case.yaml")])
    return found


def run_calibration(
    folders: Sequence[Path],
    *,
    simulations: int,
    scheduler: str | None,
    out: Path | None,
    seed: int,
    command: str,
    progress: Progress,
    days: Sequence[int] = DAYS,
    workers: int | None = None,
) -> Calibration:
    """Simulate episodes under the looks of cases, answer each, test the answers, write the folder.

    Parameters
    ----------
    scheduler : str, optional
        Address of a Dask scheduler.
    command : str
        What was typed, as the page says it.
    days : sequence of int
        Days after the trigger as of which the looks are taken.

    Raises
    ------
    InputError
        If a file, an option or the cluster is wrong; nothing is written.
    Stopped
        If interrupted; finished episodes are kept beside the output.
    """
    from drawdown.report.store import CALIBRATION, check_target

    priors = load_priors()
    cases = [load_case(folder, priors) for folder in folders]
    target = out or FOLDER
    check_target(target, CALIBRATION)
    plan = trials(cases, priors, seed, days)
    kept = Kept(target.with_name(f".{target.name}"), plan.sha256)

    def told(done: int, of: int) -> None:
        progress("Simulated episodes", done, of)

    found = run(attempt, plan, simulations, kept, workers=workers, scheduler=scheduler, progress=told)
    record = summary(plan, found, day_27(cases, priors, seed)) | {"command": command}
    seconds = [r["seconds"] for r in found]
    return Calibration(_write(record, found, seconds, target), record)


def summary(plan: Trials, found: Sequence[Record], days: list[Record]) -> Record:
    """Return `calibration.json` as a dictionary."""
    used = [plan.mask(n) for n in range(len(found))]
    expected = np.mean([m.chances @ m.table for m in used], axis=0)
    checked = check(found, expected / expected.sum())
    agrees = all(row["agrees"] for row in days)
    done = [r["trial"] for r in found]
    wrong = [c["name"] for c in checked["checks"] if not c["passed"]]
    wrong += [] if agrees else ["the day-27 check"]
    return {
        "verdict": f"Not calibrated: {', '.join(wrong)}."
        if wrong
        else f"Calibrated: every test passed on {len(found)} simulated episodes.",
        "cases": list(dict.fromkeys(m.question.case.slug for m in plan.masks)),
        "masks": [
            {
                "case": m.question.case.slug,
                "as_of": m.question.view.as_of.isoformat(),
                "reports": len(m.question.observations.reports),
                "codes": sum(code.known for code in m.question.codes),
            }
            for m in plan.masks
        ],
        "diagnostics": {
            "passed": not wrong,
            "unsettled": sum(not t["settled"] for t in done),
            "max_error": max(t["error"] for t in done),
        },
        **checked,
        "day_27": days,
        "besides": LONG,
        "priors_sha256": plan.masks[0].question.priors.sha256,
        "code_version": plan.code,
        "seed": plan.seed,
    }


def day_27(cases: Sequence[Case], priors: Priors, seed: int) -> list[Record]:
    """Compare the physical prior on day 27 with the reference class; nothing where no case can be.

    The first case that has all stocks which the episodes were coded for, without fates of its own: that
    a protector fell is a fact of the case and not of the class.
    """
    for case in cases:
        sites = {name: replace(site, fate=None) for name, site in case.sites.items()}
        q = ask(replace(case, sites=sites), priors, case.trigger, seed)
        if _coded(q):
            return [asdict(row) | {"agrees": bool(row.agrees)} for row in landmarks(q)]
    return []


def _coded(q: Question) -> bool:
    held = {stock for _, stock in q.layout.stocks}
    return held.issuperset(NEEDED) and "staged" in q.layout.behaves and "outpost" in q.layout.kinds


def as_csv(found: Sequence[Record]) -> str:
    """Return `calibration.csv`: one line an episode."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    facts = ("n", "case", "as_of", "hypothesis", "outcome", "settled")
    chances = [(key, o) for key in ("hypotheses", "outcomes", "printed") for o in OUTCOMES]
    writer.writerow([*facts, *(f"{key}_{o}" for key, o in chances), "error", "cut", "log_weight"])
    for r in found:
        t = r["trial"]
        row = [str(t[key]).lower() if key == "settled" else t[key] for key in facts]
        row += [f"{t[key][o]:.6f}" for key, o in chances]
        writer.writerow([*row, *(f"{v:.4f}" for v in (t["error"], t["cut"], t["ranks"]["log_weight"]))])
    return text.getvalue()


def _write(record: Record, found: Sequence[Record], seconds: list[float], target: Path) -> Path:
    """Write apart, then move into place; a failed calibration never replaces one that passed."""
    from drawdown.report.calibration import calibration_figure, page
    from drawdown.report.store import CALIBRATION, may_replace, replace_folder

    target.parent.mkdir(parents=True, exist_ok=True)
    if not may_replace(target, record["diagnostics"]["passed"], CALIBRATION):
        target = target.with_name(f"{target.name}+failed")
    staged = Path(tempfile.mkdtemp(prefix=".staged-", dir=target.parent))
    try:
        alt = calibration_figure(record, staged)
        text = json.dumps(record | {"alt": alt}, indent=1, ensure_ascii=False, allow_nan=False)
        write_whole(text + "\n", staged / "calibration.json")
        write_whole(as_csv(found), staged / "calibration.csv")
        write_whole(page(record, alt), staged / "calibration.md")
        write_whole(json.dumps({"processor_seconds": seconds}) + "\n", staged / "run.json")
        replace_folder(staged, target, CALIBRATION)
    finally:
        shutil.rmtree(staged, ignore_errors=True)
    return target

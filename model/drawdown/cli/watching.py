"""The command that keeps the answer up to date while files are edited."""

import sys
import time
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from drawdown.cli.shared import AsOf, CaseFolder, Overlays, Seed, exit_codes, load, progress

if TYPE_CHECKING:
    from drawdown.answers.watching import Update, Watched

HOW = {
    "exact": "Exact given the draws: nothing that was sampled changed",
    "refitted": "Fitted again with few draws",
    "unchanged": "Nothing that counts was changed",
}


def watch(
    case: CaseFolder,
    as_of: AsOf = None,
    priors: Overlays = None,
    seed: Seed = 1,
    saves: Annotated[
        int | None, typer.Option("--saves", min=1, metavar="N", help="Stop after so many saves.")
    ] = None,
) -> None:
    """Print the answer anew whenever a file of the case or the priors is saved; Ctrl-C stops it."""
    with exit_codes():
        load(case, priors)
        from drawdown.answers.watching import Watched
        from drawdown.files.priors import find_overlay
        from drawdown.files.saved import marks, wait_for_save

        overlays = [find_overlay(name) for name in priors or ()]
        watched = Watched(case, overlays, as_of, seed, progress())
        seen = marks(watched.files)
        _print_start(watched, len(seen))
        try:
            for _ in range(saves) if saves else count():
                seen, files = wait_for_save(watched.files, seen)
                _answer(watched, files)
        except KeyboardInterrupt:
            print("\nStopped.", file=sys.stderr)


def _answer(watched: "Watched", files: list[Path]) -> None:
    """Answer a save; a wrong file is told, and the watch goes on."""
    from drawdown.errors import FitError, InputError

    began = time.perf_counter()
    print(f"\n{time.strftime('%H:%M:%S')} {', '.join(file.name for file in files)}")
    try:
        _print_update(watched.update(), began)
    except (InputError, FitError) as error:
        print(error)
        print("The last answer stands; waiting for the next save.")
    sys.stdout.flush()


def _print_start(watched: "Watched", files: int) -> None:
    from drawdown.outcomes import LABELS, OUTCOMES
    from drawdown.report.numerals import rounded_percents, short_date

    q = watched.question
    shown = rounded_percents(dict(zip(OUTCOMES, watched.outcomes, strict=True)))
    print(f"{q.case.name}, as of {short_date(q.view.as_of)}")
    print("  " + "  ".join(f"{LABELS[o]} {shown[o]} %" for o in reversed(OUTCOMES)))
    print(f"Watching {files} files; Ctrl-C stops.")
    sys.stdout.flush()


def _print_update(update: "Update", began: float) -> None:
    from drawdown.outcomes import LABELS, OUTCOMES
    from drawdown.report.numerals import MINUS, rounded_percents

    before, after = (
        rounded_percents(dict(zip(OUTCOMES, map(float, p), strict=True)))
        for p in (update.before, update.after)
    )
    if update.method != "unchanged":
        for n in reversed(range(len(OUTCOMES))):
            o, points = OUTCOMES[n], 100.0 * float(update.after[n] - update.before[n])
            move = f"{points:+.1f}".replace("-", MINUS)
            print(f"  {LABELS[o]:21s}{before[o]:3d} % -> {after[o]:3d} %  {move} points")
    how = HOW.get(update.method) or f"Draws weighed again, k-hat {update.khat:.2f}"
    error = f", each move \u00b1{100 * update.delta_mcse.max():.1f} points" if update.khat > -9 else ""
    print(f"  {how}{error}. {time.perf_counter() - began:.1f} s.")
    if not update.passed:
        print("  The fit failed its checks: not for citation, and not built upon.")

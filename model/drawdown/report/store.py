"""Put a finished report folder in its place, whole or not at all."""

import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from drawdown.errors import InputError, Problem

PAGES = (
    *("assessment.json", "brief.md", "brief.html", "hub.csv", "posterior.csv", "priors.yaml"),
    "figures",
)
OURS = frozenset((*PAGES, "fits.nc", "run.json", ".DS_Store"))
"""What a report folder may hold; anything else was put there by somebody and is not ours to delete."""


def assessment_of(folder: Path) -> dict[str, Any] | None:
    """Read the folder's assessment, if it has one that is ours."""
    try:
        read = json.loads((folder / "assessment.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    ours = isinstance(read, dict) and {"case", "as_of", "outcomes", "diagnostics"} <= read.keys()
    return read if ours else None


def may_replace(target: Path, passed: bool) -> bool:
    """Say whether a run may take the target's place: a failed one never replaces a passed one."""
    there = assessment_of(target)
    return passed or there is None or not there["diagnostics"].get("passed", False)


def _refusal(target: Path, staged: Path) -> Problem | None:
    if not target.exists():
        return None
    if not target.is_dir():
        return Problem(
            str(target), 0, 0, "is a file", "a folder that is absent, empty or holds a report"
        )
    there = {entry.name for entry in target.iterdir()}
    if there and assessment_of(target) is None:
        return Problem(
            str(target),
            0,
            0,
            "is not empty and holds no report of ours",
            "a folder that is absent or empty",
        )
    strange = sorted(there - OURS - {entry.name for entry in staged.iterdir()})
    if strange:
        return Problem(
            str(target),
            0,
            0,
            f"holds files that no assessment wrote: {', '.join(strange[:5])}",
            "nothing but a report; move them away first",
        )
    return None


def replace_folder(staged: Path, target: Path) -> None:
    """Move a complete folder into the place of the target; nothing of the old folder is kept.

    Parameters
    ----------
    staged : Path
        The new folder, on the same file system as the target.
    target : Path
        Absent, empty, or a report of ours.

    Raises
    ------
    InputError
        If the target is none of these; nothing is touched then.
    """
    # A link is followed, so that the folder behind it is replaced and the link stays.
    target = target.resolve()
    problem = _refusal(target, staged)
    if problem is not None:
        raise InputError([problem])
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    old = aside / "old"
    if target.exists():
        target.rename(old)
    try:
        staged.rename(target)
    except OSError:
        # If the old folder cannot go back either, it stays beside the target: never deleted here.
        if old.exists():
            old.rename(target)
        aside.rmdir()
        raise
    # A temporary folder is closed to others; a report is as open as any new folder.
    mask = os.umask(0)
    os.umask(mask)
    target.chmod(0o777 & ~mask)
    shutil.rmtree(aside, ignore_errors=True)

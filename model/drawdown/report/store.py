"""Put a finished folder of ours in its place, whole or not at all."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drawdown.errors import InputError, Problem
from drawdown.whole import alone, put

PAGES = (
    *("assessment.json", "brief.md", "brief.html", "hub.csv", "posterior.csv", "priors.yaml"),
    "figures",
)
OURS = frozenset((*PAGES, "fits.nc", "run.json", ".DS_Store"))
"""What a report folder may hold; anything else was put there by somebody and is not ours to delete."""
COURSE = ("replay.csv", "replay.json", "course.svg", "course.png", "run.json", ".DS_Store")
TRIALS = ("calibration.json", "calibration.csv", "calibration.md", "calibration.svg", "calibration.png")


@dataclass(frozen=True)
class Kind:
    """A kind of folder that we write.

    Attributes
    ----------
    noun, maker : str
        What it is, and what writes it.
    mark : str
        The file by which it is known.
    keys : frozenset of str
        That the file has, if it is ours; `diagnostics` among them.
    files : frozenset of str
        What the folder may hold.
    """

    noun: str
    maker: str
    mark: str
    keys: frozenset[str]
    files: frozenset[str]

    def read(self, folder: Path) -> dict[str, Any] | None:
        """Read the mark of a folder, if it has one that is ours."""
        try:
            read = json.loads((folder / self.mark).read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return None
        ours = isinstance(read, dict) and self.keys <= read.keys()
        return read if ours and isinstance(read["diagnostics"], dict) else None


REPORT = Kind(
    *("report", "assessment", "assessment.json"),
    *(frozenset(("case", "as_of", "outcomes", "diagnostics")), OURS),
)
REPLAY = Kind(
    *("replay", "replay", "replay.json"),
    *(frozenset(("case", "dates", "every", "diagnostics")), frozenset(COURSE)),
)
CALIBRATION = Kind(
    *("calibration", "calibration", "calibration.json"),
    *(frozenset(("simulations", "checks", "masks", "diagnostics")),),
    frozenset((*TRIALS, "run.json", ".DS_Store")),
)


def assessment_of(folder: Path) -> dict[str, Any] | None:
    """Read the folder's assessment, if it has one that is ours."""
    return REPORT.read(folder)


def may_replace(target: Path, passed: bool, kind: Kind = REPORT) -> bool:
    """Say whether a run may take the target's place: a failed one never replaces a passed one."""
    there = kind.read(target)
    return passed or there is None or not there["diagnostics"].get("passed", False)


def check_target(target: Path, kind: Kind = REPORT) -> None:
    """Refuse a target that could not be replaced, before any work is done for it.

    Raises
    ------
    InputError
        If it is neither absent, nor empty, nor a folder of this kind.
    """
    problem = _refusal(target.resolve(), frozenset(), kind)
    if problem is not None:
        raise InputError([problem])


def _refusal(target: Path, new: frozenset[str], kind: Kind) -> Problem | None:
    if not target.exists():
        return None
    if not target.is_dir():
        return Problem(
            str(target), 0, 0, "is a file", f"a folder that is absent, empty or holds a {kind.noun}"
        )
    there = {entry.name for entry in target.iterdir()}
    if there and kind.read(target) is None:
        return Problem(
            str(target),
            0,
            0,
            f"is not empty and holds no {kind.noun} of ours",
            "a folder that is absent or empty",
        )
    strange = sorted(there - kind.files - new)
    if strange:
        return Problem(
            str(target),
            0,
            0,
            f"holds files that no {kind.maker} wrote: {', '.join(strange[:5])}",
            f"nothing but a {kind.noun}; move them away first",
        )
    return None


def settle(staged: Path, target: Path, *, passed: bool, kind: Kind = REPORT) -> Path:
    """Put a complete folder in its place; a failed one that may not have it goes beside it.

    Parameters
    ----------
    staged : Path
        The new folder, in the same folder as the target.
    target : Path
    passed : bool
        Whether every check of the new one held.
    kind : Kind

    Returns
    -------
    Path
        Where it stands.
    """
    # which of two runs that end at once may have the place is asked and acted on in one go
    with alone(target.resolve().parent):
        if not may_replace(target, passed, kind):
            target = target.with_name(f"{target.name}+failed")
        _replace(staged, target, kind)
    return target


def replace_folder(staged: Path, target: Path, kind: Kind = REPORT) -> None:
    """Move a complete folder into the place of the target; nothing of the old folder is kept.

    Parameters
    ----------
    staged : Path
        The new folder, on the same file system as the target.
    target : Path
        Absent, empty, or one of ours of this kind.
    kind : Kind

    Raises
    ------
    InputError
        If the target is none of these; nothing is touched then.
    """
    parent = target.resolve().parent
    parent.mkdir(parents=True, exist_ok=True)
    with alone(parent):
        _replace(staged, target, kind)


def _replace(staged: Path, target: Path, kind: Kind) -> None:
    # a link is followed, so that the folder behind it is replaced and the link stays
    target = target.resolve()
    problem = _refusal(target, frozenset(entry.name for entry in staged.iterdir()), kind)
    if problem is not None:
        raise InputError([problem])
    put(staged, target)

"""A report folder as it stands: which run is meant, and what its assessment says."""

import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from drawdown.errors import InputError, Problem, did_you_mean
from drawdown.files.text import is_file, is_folder, read_text, shown_name, text_fault
from drawdown.outcomes import OUTCOMES

ASSESSMENT, NEWEST = "assessment.json", "latest"
TOLERANCE = 1e-5
LARGEST = 100_000_000
SHA = re.compile(r"[0-9a-f]{64}")
VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+-]{0,80}")
SEED = re.compile(r"[0-9]{1,19}")


@dataclass(frozen=True)
class Run:
    """What an assessment says, and what it was made from.

    Attributes
    ----------
    name : str
        The folder below that of the case; its path if it lies elsewhere.
    stated : dict
        Outcome to probability.
    passed : bool
        False if the report is stamped as not for citation.
    """

    name: str
    folder: Path
    as_of: date
    horizon: date
    stated: dict[str, float]
    passed: bool
    evidence_sha256: str
    priors_sha256: str
    code_version: str
    seed: int


def reports_folder(slug: str) -> Path:
    """Folder of everything that is written about a case."""
    return Path("reports") / slug


def find_run(slug: str, as_of: date | None = None, named: str | None = None) -> Run | None:
    """Find the run that is meant.

    Parameters
    ----------
    slug : str
        Name of the case.
    as_of : date, optional
        Only a run of that date will do.
    named : str, optional
        Name of a folder below that of the case, or a path. Runs with overlays, another seed or fewer
        draws are found by name alone.

    Returns
    -------
    Run or None
        By default `latest`, else the newest that passed; None if there is none.

    Raises
    ------
    InputError
        If the named run is not there, is of another date, or cannot be read.
    """
    home = reports_folder(slug)
    if named is not None:
        run = read_run(_named(home, named), slug)
        if as_of is not None and run.as_of != as_of:
            wrong = f"is as of {run.as_of}"
            file = shown_name(run.folder / ASSESSMENT)
            raise InputError([Problem(file, 0, 0, wrong, f"a run as of {as_of}")])
        return run
    if as_of is None and (home / NEWEST / ASSESSMENT).is_file():
        return read_run(home / NEWEST, slug)
    runs = [read_run(folder, slug) for folder in _plain_folders(home)]
    fit = [run for run in runs if as_of is None or run.as_of == as_of]
    # of one date, the folder of that name before `latest`; a failed one only if there is no other
    return max(fit, key=lambda r: (r.passed, r.as_of, r.name != NEWEST), default=None)


def read_json(file: Path) -> Any:
    """Read a JSON file that some run left behind.

    Raises
    ------
    OSError
        If it cannot be read.
    ValueError
        If it is no JSON, or larger and deeper than any that is written here.
    """
    if not is_file(file):
        raise FileNotFoundError(file)
    text, _, problems = read_text(file, LARGEST)
    if problems:
        raise ValueError(problems[0].wrong)
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        raise
    except ValueError:
        raise ValueError("a number of too many digits") from None
    except RecursionError:
        raise ValueError("too many levels, one within another") from None


def read_run(folder: Path, slug: str) -> Run:
    """Read the assessment of a report folder.

    Raises
    ------
    InputError
        If there is none, or it is no assessment of this case.
    """
    file = folder / ASSESSMENT
    name = shown_name(file)
    expected = "an assessment that `drawdown assess` wrote"
    try:
        run = _run(folder, slug, read_json(file))
    except OSError:
        expected = "a report folder that `drawdown assess` wrote"
        raise InputError([Problem(name, 0, 0, "no such file", expected)]) from None
    except json.JSONDecodeError as error:
        raise InputError([Problem(name, error.lineno, error.colno, "not JSON", expected)]) from None
    except ValueError as error:
        raise InputError([Problem(name, 0, 0, str(error), expected)]) from None
    if fault := text_fault(run.name):
        raise InputError([Problem(name, 0, 0, *fault)])
    return run


def _run(folder: Path, slug: str, read: Any) -> Run:
    if not isinstance(read, dict):
        raise ValueError("no assessment")
    case = _part(read, "case", str)
    if case != slug:
        wrong = f"is about the case `{case}`"
        file = shown_name(folder / ASSESSMENT)
        raise InputError([Problem(file, 0, 0, wrong, f"a report on `{slug}`")])
    beside = folder.parent.resolve() == reports_folder(slug).resolve()
    return Run(
        name=folder.name if beside else shown_name(folder),
        folder=folder,
        as_of=_part(read, "as_of", date.fromisoformat),
        horizon=_part(read, "horizon", date.fromisoformat),
        stated=_part(read, "outcomes", _stated),
        passed=_part(read, "diagnostics", lambda found: found["passed"]) is True,
        **_part(read, "provenance", _made_from),
    )


def _part(read: dict[str, Any], key: str, take: Callable[[Any], Any]) -> Any:
    """Take one part of an assessment; whatever is wrong with it has its name."""
    try:
        return take(read[key])
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError):
        raise ValueError(f"`{key}` is missing, or not as it was written") from None


def _stated(outcomes: Any) -> dict[str, float]:
    stated = {o: float(outcomes[o]["probability"]) for o in OUTCOMES}
    if min(stated.values()) < 0 or not math.isclose(sum(stated.values()), 1.0, abs_tol=TOLERANCE):
        raise ValueError("no distribution")
    return stated


def _made_from(provenance: Any) -> dict[str, Any]:
    shas = {name: _like(SHA, provenance[name]) for name in ("evidence_sha256", "priors_sha256")}
    version, seed = _like(VERSION, provenance["code_version"]), _like(SEED, str(provenance["seed"]))
    return shas | {"code_version": version, "seed": int(seed)}


def _like(shape: re.Pattern[str], text: Any) -> str:
    """Return text of a shape: what is copied into the record must be readable there."""
    if not isinstance(text, str) or not shape.fullmatch(text):
        raise ValueError(f"not what is written here: {text!r}")
    return text


def _named(home: Path, named: str) -> Path:
    for folder in (home / named, Path(named)):
        if is_folder(folder):
            return folder
    there = [file.parent.name for file in home.glob(f"*/{ASSESSMENT}")]
    hint = did_you_mean(named, there)
    expected = f"a folder of {shown_name(home)}, or a path"
    raise InputError([Problem("--run", 0, 0, f"no folder `{named}`", expected, hint)])


def _plain_folders(home: Path) -> list[Path]:
    """Folders of runs with the shipped priors, seed and draws."""
    folders = sorted(file.parent for file in home.glob(f"*/{ASSESSMENT}"))
    return [f for f in folders if "+" not in f.name and not f.name.startswith(".")]

"""A blank case: a folder from the templates, and what of a template is left in a case."""

import json
import os
from datetime import date, timedelta
from pathlib import Path
from string import Template

from drawdown.errors import InputError, Problem
from drawdown.files.case import Case, a_year_on
from drawdown.files.table import EARLIEST, LATEST
from drawdown.files.text import SLUG, SLUG_WORDS, shown_name, text_fault
from drawdown.whole import alone, put, staging

TEMPLATES = Path(__file__).parent / "templates"
SCHEMAS = Path(__file__).parents[2] / "schemas"
"""What an editor knows the keys by; `make docs` writes it."""
MARK = "PLACEHOLDER"
"""Begins the reason of a judgement that nobody has made yet."""


def new_case(folder: Path | str, name: str, trigger: date) -> list[Path]:
    """Make the folder of a case from the templates.

    Parameters
    ----------
    folder : path
        Absent or empty; its name becomes that of the case in commands and reports.
    name : str
        Title of the case; by default made from the folder's name.
    trigger : date
        Day 0.

    Returns
    -------
    list of path
        The files, as they stand in the folder.

    Raises
    ------
    InputError
        If the folder holds anything, or a name cannot be used; nothing is written then.
    """
    target = Path(folder).resolve()
    title = name.strip() or target.name.replace("-", " ").replace("_", " ").capitalize()
    _refuse(Path(folder), target, title, trigger)
    texts = _texts(title, trigger, target)
    try:
        _put(texts, target)
    except OSError as error:
        wrong = error.strerror or str(error)
        raise InputError([Problem(shown_name(target), 0, 0, wrong, "a folder to write in")]) from None
    return [Path(folder) / file for file in texts]


def _put(texts: dict[str, str], target: Path) -> None:
    """Write the files apart and move the folder into its place, whole or not at all."""
    with staging(target.parent) as staged:
        for file, text in texts.items():
            (staged / file).write_text(text, encoding="utf-8", newline="\n")
        with alone(target.parent):
            if target.exists():
                # what somebody put there since is no empty folder, and is an error of the system
                target.rmdir()
            put(staged, target)


def placeholders(case: Case) -> list[str]:
    """List the judgements of a case that are still those of the template, by their path."""
    whys: dict[str, str] = {}
    for slug, site in case.sites.items():
        here = f"sites.{slug}"
        whys[f"{here}.share"] = site.share.why
        whys[f"{here}.fate"] = site.fate_why
        whys |= {f"{here}.stock.{name}": stock.baseline.why for name, stock in site.stock.items()}
        whys |= {f"{here}.routine.{name}": flow.why for name, flow in site.routine.items()}
    whys |= {f"blocked, from {gate.start}": gate.why for gate in case.blocked}
    whys |= {f"context.{name}": fact.why for name, fact in case.context.items()}
    whys["resolved"] = (case.resolved or {}).get("why", "")
    return [path for path, why in whys.items() if why.startswith(MARK)]


def _refuse(given: Path, target: Path, title: str, trigger: date) -> None:
    shown, problems = shown_name(given), []
    if not SLUG.fullmatch(target.name):
        problems.append(Problem(shown, 0, 0, f"folder name `{target.name}`", SLUG_WORDS))
    if target.exists() and not target.is_dir():
        problems.append(Problem(shown, 0, 0, "is a file", "a folder that is absent or empty"))
    elif target.exists() and any(target.iterdir()):
        problems.append(Problem(shown, 0, 0, "is not empty", "a folder that is absent or empty"))
    if fault := text_fault(title):
        problems.append(Problem("--name", 0, 0, *fault))
    if not EARLIEST <= trigger < LATEST:
        wrong, expected = f"`{trigger}`", f"a day from {EARLIEST} to {LATEST}"
        problems.append(Problem("--trigger", 0, 0, wrong, expected))
    if problems:
        raise InputError(problems)


def _texts(title: str, trigger: date, target: Path) -> dict[str, str]:
    """The files by name, with the title as text that YAML cannot misread."""
    schema = Path(os.path.relpath(SCHEMAS / "case.json", target)).as_posix()
    days = {"trigger": trigger, "later": trigger + timedelta(days=14), "horizon": a_year_on(trigger)}
    out = {}
    for name in ("case.yaml", "reports.csv", "NOTES.md"):
        said = json.dumps(title, ensure_ascii=False) if name.endswith(".yaml") else title
        text = (TEMPLATES / name).read_text(encoding="utf-8")
        out[name] = Template(text).substitute(days, name=said, schema=schema)
    return out

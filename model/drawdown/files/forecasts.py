"""Finished forecasts from where they stand: report folders, and lines of `issued.csv`."""

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from drawdown.errors import FitError, InputError, Problem, did_you_mean
from drawdown.files.issued import FILE, Line, issued_file, read_issued
from drawdown.files.run import ASSESSMENT, read_run
from drawdown.files.text import shown_name

LINE = re.compile(rf"(.*{re.escape(FILE)}):([0-9]+)")
KINDS = f"a report folder, `{FILE}`, `{FILE}:LINE` or the folder of a case"


@dataclass(frozen=True)
class Forecast:
    """What somebody said of one question.

    Attributes
    ----------
    name : str
        The folder of a report, or who issued a line.
    source : str
        Where it stands.
    chances : dict
        Outcome to probability.
    """

    name: str
    source: str
    case: str
    as_of: date
    horizon: date
    chances: dict[str, float]


def read_forecasts(given: Sequence[str]) -> list[Forecast]:
    """Read the forecasts that are meant, which must be of one case and horizon.

    Parameters
    ----------
    given : sequence of str
        Report folders or their `assessment.json`; `issued.csv`, or the folder of a case, for the last
        line of everybody; `issued.csv:LINE` for one line.

    Raises
    ------
    InputError
        With everything that cannot be read, if there are fewer than two, or if they answer different
        questions.
    FitError
        If a report is not for citation.
    """
    found: list[Forecast] = []
    problems: list[Problem] = []
    for text in given:
        try:
            found += _read(text)
        except InputError as error:
            problems += error.problems
    if not problems:
        problems += _different(found)
    if not problems and len(found) < 2:
        wrong = f"{len(found)} forecast{'' if len(found) == 1 else 's'}"
        problems.append(Problem(" ".join(given), 0, 0, wrong, "at least two"))
    if problems:
        raise InputError(problems)
    return _named_apart(found)


def read_weights(text: str, names: Sequence[str]) -> list[float]:
    """Read the weights of forecasts: a number each in their order, or `name=2,...`, the others 1.

    Raises
    ------
    InputError
    """
    parts = [part.strip() for part in text.split(",")]
    named = [part.rpartition("=") for part in parts]
    problems: list[Problem] = []
    if any(equals for _, equals, _ in named):
        weights = dict.fromkeys(names, 1.0)
        for name, _, value in named:
            if name not in weights:
                hint = did_you_mean(name, names)
                expected = f"one of {', '.join(f'`{n}`' for n in names)}"
                problems.append(_wrong(f"`{name or value}`", expected, hint))
            else:
                weights[name] = _weight(value, problems)
        found = list(weights.values())
    else:
        found = [_weight(part, problems) for part in parts]
        if len(found) != len(names):
            expected = f"{len(names)}, one a forecast, or `name=2`"
            problems.append(_wrong(f"{len(found)} weights", expected))
    if not problems and not sum(found) > 0.0:
        problems.append(_wrong("no weight above 0", "one at least"))
    if problems:
        raise InputError(problems)
    return found


def _weight(text: str, problems: list[Problem]) -> float:
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", text):
        return float(text)
    problems.append(_wrong(f"`{text[:40]}`", "a number from 0 on"))
    return 1.0


def _wrong(wrong: str, expected: str, hint: str = "") -> Problem:
    return Problem("--weights", 0, 0, wrong, expected, hint)


def _read(text: str) -> list[Forecast]:
    path = Path(text)
    if path.name == ASSESSMENT or (path / ASSESSMENT).is_file():
        return [_of_run(path.parent if path.name == ASSESSMENT else path)]
    if (path / "case.yaml").is_file():
        return _last_of_each(issued_file(path.resolve().name))
    if found := LINE.fullmatch(text):
        return [_line_of(Path(found[1]), int(found[2]))]
    if path.name == FILE:
        return _last_of_each(path)
    raise InputError([Problem(text, 0, 0, "no forecast here", KINDS)])


def _of_run(folder: Path) -> Forecast:
    """The forecast of a report folder, whatever its case."""
    try:
        slug = json.loads((folder / ASSESSMENT).read_text(encoding="utf-8"))["case"]
    except (OSError, ValueError, KeyError, TypeError):
        slug = ""
    run = read_run(folder, slug)
    if not run.passed:
        raise FitError(f"{shown_name(folder)} is not for citation: its fit failed its checks")
    return Forecast(folder.resolve().name, shown_name(folder), slug, run.as_of, run.horizon, run.stated)


def _last_of_each(path: Path) -> list[Forecast]:
    lines = _lines(path)
    last = {line.by: line for line in lines}
    return [_of_line(path, line) for line in last.values()]


def _line_of(path: Path, number: int) -> Forecast:
    for line in _lines(path):
        if line.line == number:
            return _of_line(path, line)
    raise InputError([Problem(shown_name(path), number, 0, "no such line", "a line with a forecast")])


def _lines(path: Path) -> list[Line]:
    lines = read_issued(path)
    if not lines:
        raise InputError([Problem(shown_name(path), 0, 0, "nothing issued", "lines: drawdown issue")])
    return lines


def _of_line(path: Path, line: Line) -> Forecast:
    source = f"{shown_name(path)}:{line.line}"
    return Forecast(
        line.by, source, path.resolve().parent.name, line.as_of, line.horizon, dict(line.stated)
    )


def _different(found: Sequence[Forecast]) -> list[Problem]:
    """Forecasts of another case or horizon than the first."""
    out = []
    for forecast in found[1:]:
        first = found[0]
        if (forecast.case, forecast.horizon) != (first.case, first.horizon):
            wrong = f"is about {forecast.case} on {forecast.horizon}"
            expected = f"{first.case} on {first.horizon}, as {first.source}"
            out.append(Problem(forecast.source, 0, 0, wrong, expected))
    return out


def _named_apart(found: Sequence[Forecast]) -> list[Forecast]:
    """Give forecasts of one name the place where they stand."""
    often = Counter(forecast.name for forecast in found)
    apart = [replace(f, name=f.source) if often[f.name] > 1 else f for f in found]
    twice = Counter(f.name for f in apart)
    problems = [
        Problem(name, 0, 0, "given twice", "each forecast once") for name, n in twice.items() if n > 1
    ]
    if problems:
        raise InputError(problems)
    return apart

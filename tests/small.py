"""A small case with reports of every kind, fitted in a second: two sites, four families, politics."""

from dataclasses import replace
from datetime import date
from pathlib import Path

from conftest import CASE, write_reports
from drawdown.answers.assess import Assessment, Question, ask, assess, compile_sampler
from drawdown.files.case import Case, load_case
from drawdown.files.priors import Priors, load_priors
from drawdown.inference.sample import Sampler

PRIORS = load_priors()
DAY = date(2024, 12, 31)


def row(day: str, site: str, indicator: str, observed: str, origin: str, **more: str) -> dict[str, str]:
    """One row with everything that a row needs."""
    out = {"date": day, "site": site, "indicator": indicator, "observed": observed, "origin": origin}
    return out | {"collector": origin.title(), "grade": "B2", "url": "https://example.org/a"} | more


ROWS = [
    row("2024-12-12", "base", "combat_aircraft", ">=12", "image_a"),
    row("2024-12-12", "base", "transports_on_apron", "2", "image_a", flow="out"),
    row("2024-12-14", "posts", "posts_vacated", ">=20", "monitor", flow="out"),
    row("2024-12-15", "posts", "perimeter_held", "no", "resident"),
    row("2024-12-18", "base", "transport_flights", "6", "tracker", until="2024-12-20", flow="out"),
    row("2024-12-20", "theatre", "official_statement_staying", "yes", "minister"),
    row("2024-12-22", "base", "combat_aircraft", "5..9", "image_b"),
    row("2024-12-22", "base", "perimeter_held", "yes", "image_b"),
    row("2024-12-24", "theatre", "expert_view", "yes", "pundit"),
]


def small_case(folder: Path, rows: list[dict[str, str]], priors: Priors = PRIORS) -> Case:
    """The small case with these reports; a folder of one name, whatever the test."""
    folder = folder / "small"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "case.yaml").write_text(CASE, encoding="utf-8")
    write_reports(folder, rows)
    return load_case(folder, priors)


def small_question(
    folder: Path, rows: list[dict[str, str]], as_of: date = DAY, priors: Priors = PRIORS, seed: int = 1
) -> Question:
    """Ask of the small case."""
    return ask(small_case(folder, rows, priors), priors, as_of, seed)


def small_assessment(q: Question, sampler: Sampler | None = None) -> Assessment:
    """Fit it with few draws."""
    return assess(q, quick=True, sampler=sampler or compile_sampler(q))


def judged(**values: object) -> Priors:
    """The shipped priors with other values, and another hash."""
    return replace(PRIORS, sha256="0" * 64, **values)  # type: ignore[arg-type]

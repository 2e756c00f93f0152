"""What deceit, error and silence do to the probabilities of Syria; `make robustness` writes the table.

Every disturbance is made in a copy of the case's files, which are read, viewed and answered as any
others are: from the draws of the undisturbed answer where their weights hold, else by a refit.
"""

import csv
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from drawdown.answers.assess import Assessment, Question, ask, assess, compile_sampler
from drawdown.answers.retell import Answer, Teller
from drawdown.files.case import load_case
from drawdown.files.priors import Priors, load_priors
from drawdown.files.reports import unmade
from drawdown.model.layout import GARRISON
from drawdown.outcomes import OUTCOMES

ROOT = Path(__file__).parents[1]
SYRIA = ROOT / "evidence" / "syria-2024"
PAGE = ROOT / "docs" / "robustness.md"
AS_OF = date(2025, 1, 31)
"""A month that can be missing lies behind it, and gates have been shut and opened."""
GRADES = ("A1", "B2", "C3", "D4", "E5", "F6")
CHEAP = (
    "official_statement_staying",
    "negotiations_ongoing",
    "transports_on_apron",
    "vehicles_staged",
    "air_defence_packed",
    "helicopters_packed",
)
"""What can be said or put on show at little cost, and taken back."""
MARK = re.compile(r"(<!-- table: make robustness -->\n).*(\n<!-- end of table -->)", re.DOTALL)

Row = dict[str, str]


@dataclass(frozen=True)
class Files:
    """The files of a case, to be disturbed: rows of `reports.csv` and text of `case.yaml`."""

    rows: list[Row]
    text: str

    @classmethod
    def of(cls, folder: Path) -> "Files":
        with (folder / "reports.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        return cls(rows, (folder / "case.yaml").read_text(encoding="utf-8"))

    def ask(self, priors: Priors, as_of: date, seed: int = 1, name: str = "syria-2024") -> Question:
        """Write them where a case would lie, and ask."""
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place) / name
            folder.mkdir()
            (folder / "case.yaml").write_text(self.text, encoding="utf-8")
            with (folder / "reports.csv").open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, list(self.rows[0]), restval="", lineterminator="\n")
                writer.writeheader()
                writer.writerows(self.rows)
            return ask(load_case(folder, priors), priors, as_of, seed)

    def plus(self, *rows: Row) -> "Files":
        return Files([*self.rows, *rows], self.text)

    def where(self, keep: Callable[[Row], bool]) -> "Files":
        return Files([row for row in self.rows if keep(row)], self.text)

    def each(self, change: Callable[[Row], Row]) -> "Files":
        return Files([row | change(row) for row in self.rows], self.text)


def planted(site: str, indicator: str, observed: str, origin: str, grade: str, **more: str) -> Row:
    """A row that somebody made up."""
    row = {"date": "2025-01-29", "published": "2025-01-30", "site": site, "indicator": indicator}
    row |= {"observed": observed, "origin": origin, "collector": origin, "grade": grade}
    return row | {"url": f"https://example.org/{origin}"} | more


GATE = ("hmeimim", "perimeter_held", "no")
WORD = ("theatre", "official_withdrawal_announcement", "yes")
CAMPAIGN = (
    ("hmeimim", "perimeter_held", "no", ""),
    ("hmeimim", "combat_aircraft", "0", ""),
    ("hmeimim", "helicopters", "0", ""),
    ("hmeimim", "air_defence", "0", ""),
    ("hmeimim", "transport_flights", "8", "out"),
    ("hmeimim", "air_defence_packed", "4", "out"),
    ("tartus", "perimeter_held", "no", ""),
    ("tartus", "ships_loading", "3", "out"),
    ("qamishli", "perimeter_held", "no", ""),
    ("theatre", "official_withdrawal_announcement", "yes", ""),
)
"""Ten false reports of an exit under way, each by an origin that nobody has heard of."""


def campaign(grade: str) -> list[Row]:
    """Return the rows of the campaign, all of one grade."""
    return [
        planted(site, indicator, observed, f"voice_{n}", grade, flow=flow)
        for n, (site, indicator, observed, flow) in enumerate(CAMPAIGN)
    ]


def wave(rows: list[Row], *, own: bool) -> list[Row]:
    """One report carried by fifty publishers; where not `own`, each is taken for an origin."""
    (seen,) = [row for row in rows if row["x_id"] == WAVED]
    day = date.fromisoformat(seen["date"])
    out = []
    for n in range(50):
        new = seen | {"publisher": f"Publisher {n}", "url": f"https://example.org/{n}", "x_id": f"w{n}"}
        new["published"] = (day + timedelta(days=1 + n % 20)).isoformat()
        if not own:
            new |= {"origin": f"publisher_{n}", "collector": f"Publisher {n}", "grade": "F6"}
        out.append(new)
    return out


WAVED = "maxar_ka52_1213"


def leaning(collector: str, remaining: float, pace: float, priors: Priors) -> Callable[[Row], Row]:
    """Every count of a collector, scaled."""

    def change(row: Row) -> Row:
        tracks = priors.indicators[row["indicator"]].tracks
        factor = {"remaining": remaining, "pace": pace}.get(tracks)
        if row["collector"] != collector or factor is None:
            return {}
        return {"observed": re.sub(r"\d+", lambda m: str(round(int(m[0]) * factor)), row["observed"])}

    return change


def shifted(days: int) -> Callable[[Row], Row]:
    """Every date of a row so many days later."""

    def change(row: Row) -> Row:
        return {
            key: (date.fromisoformat(row[key]) + timedelta(days=days)).isoformat()
            for key in ("date", "until", "published")
            if row[key]
        }

    return change


def without_site(files: Files, site: str) -> Files:
    """A case that never had the site; its share goes to the others."""
    text = re.sub(rf"^  {site}:\n(?:    .*\n)+", "", files.text, flags=re.MULTILINE)
    text = re.sub(rf"^  - {{site: {site},.*\n", "", text, flags=re.MULTILINE)
    text = re.sub(r"^blocked:.*\n(?=\n)", "", text, flags=re.MULTILINE)
    return Files([row for row in files.rows if row["site"] != site], text)


def horizon(files: Files, day: str) -> Files:
    return Files(files.rows, re.sub(r"^horizon: \S+", f"horizon: {day}", files.text, flags=re.MULTILINE))


def disturbances(files: Files, priors: Priors) -> Iterator[tuple[str, str, Files]]:
    """Give group, name and disturbed files of every row of the table."""
    yield (
        "a media wave",
        "50 publishers carry one image, its origin named",
        files.plus(*wave(files.rows, own=True)),
    )
    yield (
        "",
        "the same, each entered as an origin of its own, F6",
        files.plus(*wave(files.rows, own=False)),
    )
    for what, fact in (("Hmeimim stands empty", GATE), ("a withdrawal is announced", WORD)):
        for grade in GRADES:
            head = f"a false report: {what}" if grade == GRADES[0] else ""
            yield head, grade, files.plus(planted(*fact, "planted", grade))
    for grade in ("F6", "D4", "C3"):
        head = "ten coordinated false reports, origins made up" if grade == "F6" else ""
        yield head, grade, files.plus(*campaign(grade))
    yield (
        "a collector that leans",
        "Maxar sees half of what stands, twice what moves",
        files.each(leaning("Maxar", 0.5, 2.0, priors)),
    )
    yield (
        "",
        "Maxar sees twice what stands, half of what moves",
        files.each(leaning("Maxar", 2.0, 0.5, priors)),
    )
    january = ("2025-01-01", "2025-01-31")
    yield (
        "a missing month",
        "nothing of January",
        files.where(lambda row: not january[0] <= row["date"] <= january[1]),
    )
    for source in ("Maxar", "F. Van Lokeren"):
        head = "a source that stops" if source == "Maxar" else ""
        yield (
            head,
            f"{source} after 2024",
            files.where(
                lambda row, source=source: row["collector"] != source or row["date"] < "2025-01-01"
            ),
        )
    yield "dates shifted", "a week later", files.each(shifted(7))
    yield "", "a week earlier", files.each(shifted(-7))
    for site in ("qamishli", "tartus"):
        yield "a site left out" if site == "qamishli" else "", site, without_site(files, site)
    for day in ("2025-06-08", "2026-06-08"):
        yield "the horizon moved" if day < "2026" else "", f"to {day}", horizon(files, day)
    yield (
        "signals that may be staged",
        "graded E5",
        files.each(lambda row: {"grade": "E5"} if row["indicator"] in CHEAP else {}),
    )
    yield "", "left out", files.where(lambda row: row["indicator"] not in CHEAP)


def singles(q: Question) -> Iterator[tuple[str, Question]]:
    """Every single F6 report that could be planted: none, many or a yes or no, by site and indicator."""
    day = AS_OF - timedelta(days=2)
    for site, indicator in sorted(telling(q)):
        kind = q.priors.indicators[indicator]
        flow = "out" if kind.tracks == "pace" else ""
        bare = unmade(site, indicator, "no", day, day, origin="planted", grade="F6", flow=flow)
        asked = kind.tracks == "intent" or kind.of == GARRISON
        for observed in ("yes", "no") if asked else ("no", "1", "6", "30"):
            low, high = {"no": (0, 0), "yes": (1, None)}.get(observed) or (int(observed),) * 2
            report = replace(bare, observed=observed, lo=low, hi=high, collector="planted")
            case = replace(q.case, reports=(*q.case.reports, report))
            yield f"{site} {indicator} {observed}", ask(case, q.priors, AS_OF, q.seed)


def telling(q: Question) -> set[tuple[str, str]]:
    """Sites and indicators that a report may speak of."""
    found = {("theatre", code.indicator) for code in q.codes}
    for name in q.layout.indicators:
        kind = q.priors.indicators[name]
        stocks = {kind.of} if kind.tracks == "remaining" else set(kind.lifts)
        found |= {(site, name) for site, stock in q.layout.stocks if stock in stocks}
    return found


def moved(answer: Answer, base: Assessment) -> np.ndarray:
    """Move of each outcome."""
    return answer.outcomes - base.weighed.outcomes


def base_of(files: Files, priors: Priors) -> tuple[Assessment, Teller]:
    """Answer the undisturbed case."""
    q = files.ask(priors, AS_OF)
    sampler = compile_sampler(q)
    a = assess(q, sampler=sampler)
    return a, Teller(a, lambda: sampler)


def table(told: Callable[[str], None]) -> str:
    """Measure every disturbance and the worst single report; return the table."""
    priors, files = load_priors(), Files.of(SYRIA)
    base, teller = base_of(files, priors)
    lines = ["| | | retained | partial | full exit | largest move | got |", "|" + " --- |" * 7]
    lines.append(_line("undisturbed", "", base.weighed.outcomes, None, f"± {base.mcse.max():.3f}"))
    for group, name, disturbed in disturbances(files, priors):
        answer = teller.answer(disturbed.ask(priors, AS_OF))
        how = answer.method if answer.passed else f"{answer.method}, gate failed"
        lines.append(_line(group, name, answer.outcomes, moved(answer, base), how))
        told(lines[-1])
    worst, number = (0.0, ""), 0
    for name, asked in singles(base.question):
        answer = teller.answer(asked)
        worst = max(worst, (float(np.abs(moved(answer, base)).max()), f"{name}, {answer.method}"))
        number += 1
        told(f"{name}: {np.round(moved(answer, base), 4)} {answer.method}")
    lines += [
        "",
        f"Of {number} single F6 reports the worst ({worst[1]}) moves an outcome by {worst[0]:.3f}.",
    ]
    return "\n".join(lines)


def _line(group: str, name: str, outcomes: np.ndarray, move: np.ndarray | None, how: str) -> str:
    chances = " | ".join(f"{p:.3f}" for p in outcomes)
    most = ""
    if move is not None:
        at = int(np.abs(move).argmax())
        most = f"{move[at]:+.3f} {OUTCOMES[at].replace('_', ' ')}"
    return f"| {group} | {name} | {chances} | {most} | {how} |"


def main() -> None:
    """Measure, and write the table into its page."""
    found = table(lambda line: print(line, file=sys.stderr, flush=True))
    page, number = MARK.subn(lambda m: m[1] + found + m[2], PAGE.read_text(encoding="utf-8"))
    if number != 1:
        raise SystemExit(f"{PAGE} has no place for the table")
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()

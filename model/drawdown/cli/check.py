"""The commands that only read: `check` and `priors`."""

import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from drawdown.cli.shared import (
    CaseFolder,
    Overlays,
    exit_codes,
    load,
    new_table,
    number,
    paragraph,
    print_table,
)

if TYPE_CHECKING:
    from rich.table import Table

    from drawdown.files.case import Case
    from drawdown.files.priors import Priors

NEWEST = 8
MOST_LOOKALIKES = 10
REFERENCE = ("evidence/reference-class/cases.csv", "evidence/reference-class/indicators.csv")


def check(case: CaseFolder, priors: Overlays = None) -> None:
    """Validate every file; on success read the newest reports back."""
    with exit_codes():
        judged, found = load(case, priors)
        _print_check(found, judged)
        if priors:
            _print_added(found, judged)
        _warn_stale(judged)


def show_priors(
    case: Annotated[Path | None, typer.Argument(metavar="[CASE]", help="Folder of a case.")] = None,
    priors: Overlays = None,
    figure: Annotated[
        Path | None, typer.Option("--figure", metavar="DIR", help="Draw what is expected into DIR.")
    ] = None,
) -> None:
    """Show what was judged, what it became, and with a case what it expects to be seen."""
    if figure is not None and case is None:
        raise typer.BadParameter("needs a CASE", param_hint="--figure")
    with exit_codes():
        if case is None:
            from drawdown.files.priors import load_priors

            print_table(_priors_table(load_priors(priors or ())))
            return
        judged, found = load(case, priors)
        print_table(_priors_table(judged))
        from drawdown.answers.expectations import expectations

        print_table(_expectations_table(expectations(found, judged)))
        if figure is not None:
            from drawdown.answers.expectations import predictives
            from drawdown.report.figures import predictive_figure

            path = figure / "predictive.svg"
            predictive_figure(predictives(found, judged), path)
            print(path)


def _print_check(case: "Case", priors: "Priors") -> None:
    from drawdown.files.blank import placeholders
    from drawdown.files.reports import lookalikes
    from drawdown.files.sentences import say
    from drawdown.files.view import fold

    facts, reposts = fold(case.reports)
    used = sum(fact.modelled for fact in facts)
    print(f"{case.name}: {number(len(case.sites), 'site')}, {case.trigger} to {case.horizon}")
    print(
        f"{number(len(case.reports), 'row')}, {number(len(facts), 'fact')}"
        f" ({number(sum(reposts.values()), 'repost')} folded), {used} can enter the model"
    )
    paragraph("Still as the template has it, and yours to judge:", placeholders(case))
    newest = sorted(facts, key=lambda r: (r.published, r.until, r.line), reverse=True)[:NEWEST]
    paragraph("Newest reports, as understood:", [say(report, priors, case) for report in newest])
    reasons = Counter(fact.reason for fact in facts if not fact.modelled)
    ranked = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    paragraph("Kept out of the model:", [f"{count:4d}  {reason}" for reason, count in ranked])
    # what the model never reads cannot vote twice
    pairs = lookalikes(fact for fact in facts if fact.modelled)
    lines = [
        f"lines {a.line} and {b.line}: {say(a, priors, case)}; also {b.collector}"
        for a, b in pairs[:MOST_LOOKALIKES]
    ]
    if len(pairs) > MOST_LOOKALIKES:
        lines.append(f"and {len(pairs) - MOST_LOOKALIKES} more")
    paragraph("Probable reposts (give them one origin if they are one look):", lines)


def _print_added(case: "Case", priors: "Priors") -> None:
    """Read back the indicators that overlays add: a known one under a wrong name is seen here."""
    from drawdown.files.priors import load_priors
    from drawdown.files.sentences import uncounted

    shipped = load_priors().indicators
    lines = []
    for name, indicator in priors.indicators.items():
        if name not in shipped:
            of = f" of {', '.join(indicator.stocks)}" if indicator.stocks else ""
            odd = uncounted(indicator, case, priors)
            lines.append(
                f"{name}: {indicator.label}; {indicator.tracks}{of}" + (f"; {odd}" if odd else "")
            )
    paragraph("Indicators that overlays add (drawdown indicators says what they would tell):", lines)


def _warn_stale(priors: "Priors") -> None:
    """Warn where the past episodes have changed since the chances were learned from them."""
    import hashlib

    files = [Path(name) for name in REFERENCE]
    if not all(file.is_file() for file in files):
        return
    found = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
    if found != priors.reference_sha256:
        print(
            "warning: learned.yaml was made from other files than evidence/reference-class has now",
            file=sys.stderr,
        )


def _priors_table(priors: "Priors") -> "Table":
    table = new_table(("path", "left"), ("said", "left"), ("5 / 50 / 95 %", "right"), ("why", "left"))
    for path, sentence, why in priors.said:
        judgement = priors.judgements.get(path)
        became = ""
        if judgement is not None:
            became = " / ".join(f"{judgement.quantile(p):.3g}" for p in (0.05, 0.5, 0.95))
        table.add_row(path, sentence, became, why)
    return table


def _expectations_table(rows: list[tuple[str, str, str, int, float, float, float]]) -> "Table":
    names = ("expected to be seen", "unit", "if it ends as", "day", "5 %", "50 %", "95 %")
    table = new_table(*((name, "left" if n < 3 else "right") for n, name in enumerate(names)))
    for label, unit, outcome, day, *quantiles in rows:
        table.add_row(label, unit, outcome.replace("_", " "), str(day), *(f"{q:.3g}" for q in quantiles))
    return table

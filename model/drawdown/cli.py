"""The command line: it only calls, and imports what it calls when it is called."""

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from drawdown.errors import FitError, InputError, Problem

if TYPE_CHECKING:
    from rich.table import Table

    from drawdown.files.case import Case
    from drawdown.files.priors import Priors

NEWEST = 8
MOST_LOOKALIKES = 10
REFERENCE = ("evidence/reference-class/cases.csv", "evidence/reference-class/indicators.csv")
PIPED_WIDTH = 200
"""Columns of a table that goes to a file."""

app = typer.Typer(
    help="How likely a military drawdown ends as full exit, partial redeployment or retained presence.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

CaseFolder = Annotated[Path, typer.Argument(metavar="CASE", help="Folder of the case.")]
Overlays = Annotated[
    list[str] | None,
    typer.Option(
        "--priors",
        metavar="FILE",
        help="Overlay: a path, or a name in model/priors; may be repeated, later ones on top.",
    ),
]


def main() -> None:
    """Run the command line."""
    app()


@app.callback(invoke_without_command=True)
def top(
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,
) -> None:
    """How likely a military drawdown ends as full exit, partial redeployment or retained presence."""
    if version:
        from drawdown import __version__

        print(__version__)
        raise typer.Exit()


@app.command()
def check(case: CaseFolder, priors: Overlays = None) -> None:
    """Validate every file; on success read the newest reports back."""
    with _exit_codes():
        judged, found = _load(case, priors)
        _print_check(found, judged)
        _warn_stale(judged)


@app.command("priors")
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
    with _exit_codes():
        if case is None:
            from drawdown.files.priors import load_priors

            _print(_priors_table(load_priors(priors or ())))
            return
        judged, found = _load(case, priors)
        _print(_priors_table(judged))
        from drawdown.answers.expectations import expectations

        _print(_expectations_table(expectations(found, judged)))
        if figure is not None:
            from drawdown.answers.expectations import predictives
            from drawdown.report.figures import predictive_figure

            path = figure / "predictive.svg"
            predictive_figure(predictives(found, judged), path)
            print(path)


def _date(text: str) -> date:
    from drawdown.files.table import ISO

    try:
        if ISO.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise typer.BadParameter(f"`{text}`; expected a date such as 2024-12-15")


@app.command()
def assess(
    case: CaseFolder,
    as_of: Annotated[
        # no type for `date` in the library of the command line: the parser is ours
        Any, typer.Option("--as-of", metavar="DATE", parser=_date, help="Day of the assessment.")
    ] = None,
    priors: Overlays = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Folder of the report.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, metavar="N", help="Seed of the draws.")] = 1,
    quick: Annotated[bool, typer.Option("--quick", help="Fewer draws, for a first look.")] = False,
) -> None:
    """Fit the case and write its report; the headline goes to standard output."""
    with _exit_codes():
        # the quick stages first: a typing error should not cost the import of the sampler
        _load(case, priors)
        from drawdown.answers.publish import run_assess
        from drawdown.files.priors import find_overlay

        headline = run_assess(
            case,
            as_of=as_of,
            priors=[find_overlay(name) for name in priors or ()],
            out=out,
            seed=seed,
            quick=quick,
            progress=_progress(),
        )
        print(headline)


REFERENCE_CLASS = Path("evidence/reference-class")
Reference = Annotated[Path, typer.Option("--reference", metavar="DIR", help="Folder of past episodes.")]


@app.command("learn")
def learn_command(
    reference: Reference = REFERENCE_CLASS,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Where the learned priors go.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, metavar="N", help="Seed of the draws.")] = 1,
) -> None:
    """Learn the chances of the political indicators and the pace of an exit from past episodes."""
    with _exit_codes():
        from drawdown.files.learning import load_learning
        from drawdown.files.reference import load_reference

        episodes, settings = load_reference(reference), load_learning()
        from drawdown.answers.publish_learned import run_learn

        learned = run_learn(episodes, settings, out, seed, _progress())
        for title, rows in learned.tables:
            print(title)
            _print(_plain_table(rows))
        print(learned.path)


@app.command("score")
def score_command(
    reference: Reference = REFERENCE_CLASS,
    holdout: Annotated[
        Path | None, typer.Option("--holdout", metavar="DIR", help="Cases to forecast from the others.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the scores as JSON.")] = False,
    figure: Annotated[
        Path | None, typer.Option("--figure", metavar="DIR", help="Draw the reliability into DIR.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, metavar="N", help="Seed of the draws.")] = 1,
) -> None:
    """Score what was learned on cases that were left out, beside simple methods."""
    with _exit_codes():
        from drawdown.files.learning import load_learning
        from drawdown.files.reference import load_reference

        episodes, settings = load_reference(reference), load_learning()
        others = load_reference(holdout) if holdout is not None else None
        from drawdown.answers.publish_learned import run_score

        with _bar() as told:
            scored = run_score(episodes, settings, others, seed, told)
        if as_json:
            import json

            print(json.dumps(scored.record, indent=1, allow_nan=False))
        else:
            for title, rows in scored.tables:
                print(title)
                _print(_plain_table(rows))
        if figure is not None:
            from drawdown.report.reliability import reliability_figure

            print(reliability_figure(scored.stated, scored.came, figure), file=sys.stderr)


@contextmanager
def _bar() -> Iterator[Callable[[str, int, int], None]]:
    """Give what tells how far a stage is; on a terminal only."""
    if not sys.stderr.isatty():
        yield lambda stage, done, of: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda stage, done, of: bar.update(task, description=stage, completed=done, total=of)


@contextmanager
def _exit_codes() -> Iterator[None]:
    """Turn what a forecaster can mend into lines on standard error and an exit code."""
    try:
        yield
    except InputError as error:
        for problem in error.problems:
            print(problem, file=sys.stderr)
        raise typer.Exit(error.exit_code) from None
    except FitError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(error.exit_code) from None


def _load(folder: Path, overlays: list[str] | None) -> "tuple[Priors, Case]":
    """Read priors and case; where overlays are wrong, the case is checked all the same."""
    from drawdown.files.case import load_case
    from drawdown.files.priors import load_priors

    problems: list[Problem] = []
    try:
        judged = load_priors(overlays or ())
    except InputError as error:
        problems += error.problems
        judged = load_priors()
    try:
        found = load_case(folder, judged)
    except InputError as error:
        problems += error.problems
    if problems:
        raise InputError(problems)
    return judged, found


def _progress() -> Callable[[str], None]:
    """Return what tells the stages: on a terminal only, so that a log holds answers alone."""
    if not sys.stderr.isatty():
        return lambda stage: None
    from rich.console import Console

    console = Console(stderr=True, markup=False, highlight=False, emoji=False)
    return lambda stage: console.print(f"{stage} ...", style="dim")


def _print_check(case: "Case", priors: "Priors") -> None:
    from drawdown.files.reports import lookalikes
    from drawdown.files.sentences import say
    from drawdown.files.view import fold

    facts, reposts = fold(case.reports)
    used = sum(fact.modelled for fact in facts)
    print(f"{case.name}: {_number(len(case.sites), 'site')}, {case.trigger} to {case.horizon}")
    print(
        f"{_number(len(case.reports), 'row')}, {_number(len(facts), 'fact')}"
        f" ({_number(sum(reposts.values()), 'repost')} folded), {used} can enter the model"
    )
    newest = sorted(facts, key=lambda r: (r.published, r.until, r.line), reverse=True)[:NEWEST]
    _paragraph("Newest reports, as understood:", [say(report, priors, case) for report in newest])
    reasons = Counter(fact.reason for fact in facts if not fact.modelled)
    ranked = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    _paragraph("Kept out of the model:", [f"{count:4d}  {reason}" for reason, count in ranked])
    # what the model never reads cannot vote twice
    pairs = lookalikes(fact for fact in facts if fact.modelled)
    lines = [
        f"lines {a.line} and {b.line}: {say(a, priors, case)}; also {b.collector}"
        for a, b in pairs[:MOST_LOOKALIKES]
    ]
    if len(pairs) > MOST_LOOKALIKES:
        lines.append(f"and {len(pairs) - MOST_LOOKALIKES} more")
    _paragraph("Probable reposts (give them one origin if they are one look):", lines)


def _paragraph(title: str, lines: list[str]) -> None:
    if lines:
        print(f"\n{title}")
        for line in lines:
            print(f"  {line}")


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


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


def _print(table: "Table") -> None:
    """Print a table; text from files is never read as markup."""
    from rich.console import Console

    width = None if sys.stdout.isatty() else PIPED_WIDTH
    Console(markup=False, highlight=False, emoji=False, width=width).print(table)


def _table(*columns: tuple[str, str]) -> "Table":
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name, justify in columns:
        # in a file a path stands whole, to be searched for
        whole = name == "path" and not sys.stdout.isatty()
        table.add_column(name, justify=justify, overflow="fold", no_wrap=whole)  # type: ignore[arg-type]
    return table


def _plain_table(rows: list[tuple[str, ...]]) -> "Table":
    """A table whose first row is its head and whose first column is words."""
    table = _table(*((name, "left" if n == 0 else "right") for n, name in enumerate(rows[0])))
    for row in rows[1:]:
        table.add_row(*row)
    return table


def _priors_table(priors: "Priors") -> "Table":
    table = _table(("path", "left"), ("said", "left"), ("5 / 50 / 95 %", "right"), ("why", "left"))
    for path, sentence, why in priors.said:
        judgement = priors.judgements.get(path)
        became = ""
        if judgement is not None:
            became = " / ".join(f"{judgement.quantile(p):.3g}" for p in (0.05, 0.5, 0.95))
        table.add_row(path, sentence, became, why)
    return table


def _expectations_table(rows: list[tuple[str, str, str, int, float, float, float]]) -> "Table":
    names = ("expected to be seen", "unit", "if it ends as", "day", "5 %", "50 %", "95 %")
    table = _table(*((name, "left" if n < 3 else "right") for n, name in enumerate(names)))
    for label, unit, outcome, day, *quantiles in rows:
        table.add_row(label, unit, outcome.replace("_", " "), str(day), *(f"{q:.3g}" for q in quantiles))
    return table

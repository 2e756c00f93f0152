"""The command that says what to look for next."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from drawdown.cli.shared import (
    AsOf,
    CaseFolder,
    Overlays,
    Quick,
    Seed,
    exit_codes,
    load,
    new_table,
    number,
    print_table,
    progress,
)

if TYPE_CHECKING:
    from rich.table import Table

    from drawdown.answers.looks import Outlook

FOOTNOTE = """\
Bits: expected information of a look about the outcome, of the {entropy:.2f} bits that are open.
Worth: bits times the chance of getting the look within {within:g} days; of two, what trying for both is
worth. Each side shows how probable that report is from a source of grade {grade}, and P(full exit)
after it. Moves: expected absolute move of retained / partial / full, in points. Stocks are looked at
the day after the date, flows over {window} days as they leave; late starts within those days are left
out. Differences of 2 % in bits, and all below 0.001, are within Monte Carlo error."""


def look_next(
    case: CaseFolder,
    as_of: AsOf = None,
    priors: Overlays = None,
    within: Annotated[
        float, typer.Option("--within", metavar="DAYS", help="Days in which the look is to be got.")
    ] = 7.0,
    top: Annotated[int, typer.Option("--top", min=1, metavar="N", help="Looks to print.")] = 12,
    grade: Annotated[
        str, typer.Option("--grade", metavar="GRADE", help="Grade of who looks, A1 to F6.")
    ] = "B2",
    seed: Seed = 1,
    quick: Quick = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print every look as JSON.")] = False,
) -> None:
    """Rank the looks that could be made next, by chance times expected information."""
    from drawdown.files.priors import GRADE

    if not within > 0:
        raise typer.BadParameter(f"`{within:g}`; expected days above 0", param_hint="--within")
    if not GRADE.fullmatch(grade):
        raise typer.BadParameter(f"`{grade}`; expected a grade, A1 to F6", param_hint="--grade")
    with exit_codes():
        judged, found = load(case, priors)
        from drawdown.answers.assess import ask

        question = ask(found, judged, as_of, seed)
        if question.view.as_of >= found.horizon:
            over = f"The horizon has come on {found.horizon}: nothing is left to look for."
            print('{"looks": [], "look_pairs": []}' if as_json else over)
            return
        from drawdown.answers.base import base_assessment
        from drawdown.answers.looks import look_ahead, summary

        a = base_assessment(question, as_of, quick=quick, fitting=_fitting, progress=progress())
        outlook = look_ahead(a, within=within, grade=grade)
        if as_json:
            import json

            print(json.dumps(summary(outlook), indent=1, allow_nan=False))
        else:
            _print(outlook, top, grade)


def _fitting() -> None:
    print("no stored draws answer this; fitting once (`drawdown assess` keeps them)", file=sys.stderr)


def _print(outlook: "Outlook", top: int, grade: str) -> None:
    from drawdown.answers.imagined import WINDOW_DAYS
    from drawdown.answers.information import entropy

    print_table(_looks_table(outlook, top))
    if outlook.pairs:
        print_table(_pairs_table(outlook))
    if len(outlook.looks) > top:
        print(f"{number(len(outlook.looks) - top, 'look')} of less worth not shown (--top, --json).")
    now = outlook.looks[0].joint.now
    print(FOOTNOTE.format(entropy=entropy(now), within=outlook.within, grade=grade, window=WINDOW_DAYS))


def _looks_table(outlook: "Outlook", top: int) -> "Table":
    names = ("", "look", "worth", "chance", "bits", "if seen", "full", "if not", "full", "moves")
    table = new_table(*((n, "left" if n in ("look", "if seen", "if not") else "right") for n in names))
    for rank, look in enumerate(outlook.looks[:top], 1):
        table.add_row(
            str(rank),
            look.what,
            f"{look.worth:.3f}",
            f"{look.chance:.0%}",
            f"{look.joint.information:.3f}",
            f"{look.told} ({look.seen.chance:.0%})",
            f"{look.seen.outcomes[-1]:.0%}",
            f"{look.not_told} ({look.not_seen.chance:.0%})",
            f"{look.not_seen.outcomes[-1]:.0%}",
            " / ".join(f"{100 * move:.0f}" for move in look.joint.move),
        )
    return table


def _pairs_table(outlook: "Outlook") -> "Table":
    table = new_table(
        ("two looks together", "left"),
        *((name, "right") for name in ("worth", "chance", "bits", "beyond the better", "beyond both")),
    )
    for pair in outlook.pairs[:3]:
        one, two = outlook.looks[pair.first], outlook.looks[pair.second]
        alone = one.joint.information, two.joint.information
        table.add_row(
            f"{one.what}; {two.what}",
            f"{pair.worth:.3f}",
            f"{pair.chance:.0%}",
            f"{pair.information:.3f}",
            f"{pair.information - max(alone):+.3f}",
            f"{pair.information - sum(alone):+.3f}",
        )
    return table

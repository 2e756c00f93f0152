"""The record of what was issued: `issue`, and `score` of a case."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from drawdown.cli.shared import AsOf, CaseFolder, exit_codes, load, number, plain_table, print_table

if TYPE_CHECKING:
    from drawdown.answers.issue import Issue

Rows = list[tuple[str, ...]]


def issue(
    case: CaseFolder,
    by: Annotated[
        str | None, typer.Option("--by", metavar="NAME", help="Who issues; needed with --say.")
    ] = None,
    say: Annotated[
        str | None,
        typer.Option(
            "--say",
            metavar="WORDS",
            help="What you say yourself: full=20%,partial=55%,retained=25%; the model stands beside it.",
        ),
    ] = None,
    as_of: AsOf = None,
    run: Annotated[
        str | None, typer.Option("--run", metavar="FOLDER", help="Report folder; latest by default.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the line as JSON.")] = False,
) -> None:
    """Put the model's answer, or your own beside it, on record for good."""
    with exit_codes():
        found = load(case, None)[1]
        from drawdown.answers.issue import issue as put_on_record

        issued = put_on_record(found, by=by, say=say, as_of=as_of, named=run)
        for warning in issued.warnings:
            print(f"warning: {warning}", file=sys.stderr)
        print(_issued_json(issued) if as_json else _issued_words(issued))


def _issued_json(issued: "Issue") -> str:
    line = issued.line
    record = {"file": str(issued.file), "added": issued.added, "line": line.line or None}
    record |= line.cells() | line.stated | {"seed": int(line.seed) if line.seed else None}
    record |= {f"model_{outcome}": (line.model or {}).get(outcome) for outcome in line.stated}
    return json.dumps(record, indent=1, ensure_ascii=False)


def _issued_words(issued: "Issue") -> str:
    line = issued.line
    if not issued.added:
        return f"Already issued by {line.by}, with the same numbers of the same run: nothing written."
    told = f"Issued by {line.by}, as of {line.as_of} for {line.horizon}: {_chances(line.stated)}."
    if line.model and line.stated != line.model:
        told += f"\nThe model ({line.run}): {_chances(line.model)}."
    return f"{told}\n{issued.file}, line {line.line}"


def _chances(stated: dict[str, float]) -> str:
    from drawdown.files.said import STATED

    return ", ".join(f"{outcome.replace('_', ' ')} {100 * stated[outcome]:.1f} %" for outcome in STATED)


def score_issued(case: Path, reference: Path, as_json: bool) -> None:
    """Print how good what was issued of a case was, once the case is resolved."""
    with exit_codes():
        found = load(case, None)[1]
        from drawdown.answers.ledger import ledger
        from drawdown.files.issued import issued_file, read_issued

        lines = read_issued(issued_file(found.slug))
        record = ledger(found, lines, reference)
        if as_json:
            print(json.dumps(record, indent=1, ensure_ascii=False, allow_nan=False))
        elif not lines:
            print(f"nothing issued yet: drawdown issue {case}")
        else:
            _print_ledger(found.name, record)


def _print_ledger(name: str, record: dict[str, Any]) -> None:
    resolved = record["resolved"]
    on_record = f"{number(len(record['issued']), 'line')} on record"
    if resolved is None:
        print(f"{name}: not resolved yet; {on_record}")
        print_table(plain_table(_lines(record)))
        return
    outcome = resolved["outcome"].replace("_", " ")
    print(f"{name}: {outcome}, known {resolved['known']}; {on_record}. Lower scores are better.")
    print_table(plain_table(_lines(record)))
    print_table(plain_table(_means(record)))
    if near := record["near"]:
        print(f"Borderline. Had it been judged {near['outcome'].replace('_', ' ')}:")
        print_table(plain_table(_lines(near)))
        print_table(plain_table(_means(near)))


def _lines(record: dict[str, Any]) -> Rows:
    """One row a line; scores where there are any."""
    from drawdown.files.said import STATED

    heads = ("issued", "by", "as of", *(o.replace("_", " ") for o in STATED))
    rows: Rows = [(*heads, "rps", "log", "brier", "note")]
    for line in record["issued"]:
        chances = (f"{100 * line['probability'][o]:.1f} %" for o in STATED)
        head = (line["issued"], line["by"], line["as_of"], *chances)
        rows.append((*head, *_scores(line["scores"]), line["note"]))
    return rows


def _means(record: dict[str, Any]) -> Rows:
    """Means by name, the model on the same lines below each person, and the base rates."""
    from drawdown.files.issued import MODEL

    heads = ("mean", "lines", "rps", "log", "brier", "days", "rps by days", "log", "brier")
    rows: Rows = [heads]
    for key, suffix in (("by", ""), ("after_horizon", ", after the horizon")):
        for name, means in record[key].items():
            rows.append(_mean(f"{name}{suffix}", means))
            beside = means["beside_model"]
            if name == MODEL or beside is None:
                continue
            if beside["n"] < means["n"]:
                rows.append(_mean("  where the model stood beside it", beside))
            rows.append(_mean("  the model on the same lines", means["model"]))
    climatology = record["baselines"]["climatology"]
    rows.append((climatology["what"], "", *_scores(climatology), "", "", "", ""))
    return rows


def _mean(label: str, means: dict[str, Any]) -> tuple[str, ...]:
    days = f"{means['days']:.1f}" if "days" in means else ""
    return (label, str(means["n"]), *_scores(means), days, *_scores(means.get("by_days")))


def _scores(scores: dict[str, Any] | None) -> tuple[str, ...]:
    if scores is None:
        return "", "", ""
    # what JSON cannot say is an infinite log score
    shown = (scores[name] for name in ("rps", "log", "brier"))
    return tuple("inf" if value is None else f"{value:.3f}" for value in shown)

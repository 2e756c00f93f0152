"""The command that turns a collector's export into rows of the log."""

import sys
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from drawdown.cli.shared import CaseFolder, Overlays, exit_codes, load, number

if TYPE_CHECKING:
    from drawdown.files.export import Imported, Skipped
    from drawdown.files.logbook import Addition

MOST_SPANS = 12
"""Spans of lines that a reason lists; `--json` has every line."""


def import_rows(
    case: CaseFolder,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The export, as CSV.")],
    mapping: Annotated[
        Path, typer.Option("--mapping", metavar="MAP.yaml", help="What its columns mean.")
    ],
    priors: Overlays = None,
    write: Annotated[
        bool, typer.Option("--write", help="Put the rows at the end of reports.csv.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print rows and account as one JSON object.")
    ] = False,
) -> None:
    """Turn a list of flights or port calls into rows of the log, and account for every line."""
    with exit_codes():
        judged, found = load(case, priors)
        from drawdown.files.export import read_export
        from drawdown.files.logbook import add
        from drawdown.files.logbook import write as put
        from drawdown.files.mapping import load_mapping

        read = read_export(file, load_mapping(mapping, found, judged), found)
        addition = add(found, judged, read.made)
        written = put(found, addition) if write and addition.rows else None
        if as_json:
            import json

            print(json.dumps(_record(read, addition, written), indent=1, ensure_ascii=False))
            return
        _print_rows(addition)
        for line in _account(file, read, addition):
            print(line, file=sys.stderr)
        print(_verdict(addition, write, written), file=sys.stderr)


def _print_rows(addition: "Addition") -> None:
    if addition.rows:
        print(",".join(addition.header))
        print(addition.text, end="")


def _account(file: Path, read: "Imported", addition: "Addition") -> list[str]:
    """Every line of the export: in a row, or why not."""
    taken = {line for row in read.made for line in row.lines}
    out = [
        f"{file}: {number(read.rows, 'line')}; {len(taken)} counted in {number(len(read.made), 'row')}, "
        f"{len(read.skipped)} skipped"
    ]
    by_reason: dict[str, list[Skipped]] = defaultdict(list)
    for skipped in read.skipped:
        by_reason[skipped.reason].append(skipped)
    for reason, lines in sorted(by_reason.items(), key=lambda item: (-len(item[1]), item[0])):
        out.append(f"  {len(lines):4d}  {reason}: {_spans([s.line for s in lines])}")
    same = [row for row, report in addition.there if row.cells["observed"] == report.observed]
    if same:
        out.append(f"{number(len(same), 'row')} in the log already")
    for row, report in addition.there:
        if row.cells["observed"] != report.observed:
            out.append(
                f"in the log already, line {report.line}, as `{report.observed}`, where the export says "
                f"`{row.cells['observed']}`: not changed"
            )
    reasons = Counter(r.reason for r in _new(addition) if not r.modelled)
    out += [f"{number(count, 'row')} kept out of the model: {why}" for why, count in reasons.items()]
    return out


def _new(addition: "Addition") -> tuple[Any, ...]:
    """The new rows as a reader of the log sees them."""
    n = len(addition.rows)
    return addition.case.reports[-n:] if n else ()


def _verdict(addition: "Addition", write: bool, written: Path | None) -> str:
    rows = number(len(addition.rows), "new row")
    if not addition.rows:
        return "Nothing new."
    if written is not None:
        lines = [report.line for report in _new(addition)]
        return f"{rows} at the end of {written}, lines {lines[0]} to {lines[-1]}"
    return f"{rows}; nothing written (--write)" if not write else rows


def _spans(lines: list[int]) -> str:
    """Lines as spans: 3 to 9, 12."""
    spans: list[list[int]] = []
    for line in sorted(lines):
        if spans and line == spans[-1][1] + 1:
            spans[-1][1] = line
        else:
            spans.append([line, line])
    shown = [f"{a}" if a == b else f"{a} to {b}" for a, b in spans[:MOST_SPANS]]
    more = f" and {len(spans) - MOST_SPANS} more (--json)" if len(spans) > MOST_SPANS else ""
    return f"line{'' if len(lines) == 1 else 's'} {', '.join(shown)}{more}"


def _record(read: "Imported", addition: "Addition", written: Path | None) -> dict[str, Any]:
    return {
        "lines": read.rows,
        "rows": [row.cells | {"lines": list(row.lines)} for row in addition.rows],
        "there": [
            {"line": report.line, "observed": report.observed, "export": row.cells["observed"]}
            for row, report in addition.there
        ],
        "skipped": [{"line": skipped.line, "reason": skipped.reason} for skipped in read.skipped],
        "not_modelled": [
            {"date": r.date.isoformat(), "site": r.site, "reason": r.reason}
            for r in _new(addition)
            if not r.modelled
        ],
        "written": str(written) if written is not None else None,
    }

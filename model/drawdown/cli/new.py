"""The command that begins a case."""

from pathlib import Path
from typing import Annotated, Any

import typer

from drawdown.cli.shared import exit_codes, read_day


def new(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to make; absent or empty.")],
    name: Annotated[
        str, typer.Option("--name", metavar="NAME", help="Title of the case; the folder's by default.")
    ] = "",
    trigger: Annotated[
        # no type for `date` in the library of the command line: the parser is ours
        Any, typer.Option("--trigger", metavar="DATE", parser=read_day, help="Day 0; today by default.")
    ] = None,
) -> None:
    """Make a case folder with commented templates, ready for an editor or a spreadsheet."""
    with exit_codes():
        from datetime import date

        from drawdown.files.blank import new_case

        for file in new_case(folder, name, trigger or date.today()):
            print(file)
        print(f"Next: edit case.yaml, add rows to reports.csv, then drawdown check {folder}")

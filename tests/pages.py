"""What the pages take from the code: run as a program to write it, imported by the tests to compare.

The table of modules and the list of public names in `CONTRIBUTING.md`, and the schemas for editors.
"""

import ast
import re
from pathlib import Path

import drawdown
import schemas

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "model" / "drawdown"
PAGE = ROOT / "CONTRIBUTING.md"
ROOMS = {
    "": "the root: what every room may know",
    "files": "from disk to a validated case",
    "model": "from a view to arrays and a density",
    "inference": "from a density to draws and their weight",
    "answers": "from draws to what a forecaster asks",
    "report": "from an assessment to pages",
    "cli": "the command line, which only calls",
}


def first_line(path: Path) -> str:
    """First line of what a module says of itself."""
    said = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return said.split("\n")[0].rstrip(".")


def modules() -> str:
    """A table a room: each module and its first line."""
    out = []
    for room, title in ROOMS.items():
        files = [
            f for f in sorted((PACKAGE / room).glob("*.py")) if f.stem != "__init__" or room == "cli"
        ]
        rows = [f"| `{f.stem}` | {first_line(f)} |" for f in files]
        head = f"**{room}/**: {title}" if room else f"**drawdown/**: {title}"
        out.append("\n".join([head, "", "| module | is |", "| --- | --- |", *rows]))
    return "\n\n".join(out)


def exports() -> str:
    """Public names and the modules that they come from."""
    names = sorted(drawdown.PUBLIC.items())
    rows = [f"| `{name}` | `{module.removeprefix('drawdown.')}` |" for name, module in names]
    return "\n".join(["| name | from |", "| --- | --- |", *rows])


def written(page: str) -> str:
    """A page with what it takes from the code as the code has it now."""
    for name, text in (("exports", exports()), ("modules", modules())):
        block = f"<!-- {name} -->\n\n{text}\n\n<!-- end of {name} -->"
        pattern = rf"<!-- {name} -->(?:.*?<!-- end of {name} -->)?"
        page, found = re.subn(pattern, lambda _, block=block: block, page, count=1, flags=re.DOTALL)
        assert found == 1, name
    return page


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    schemas.write()

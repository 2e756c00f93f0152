"""Benchmarks: `python tests/bench [PART]`; each part writes its own section of docs/performance.md."""

import re
import sys
from pathlib import Path

from machine import ROOT, described

PAGE = ROOT / "docs" / "performance.md"
PARTS = {
    "a": "whole",
    "b": "effective",
    "c": "calls",
    "d": "whatifs",
    "e": "dates",
    "f": "growth",
}


def main(parts: list[str]) -> None:
    """Run parts and write their tables."""
    unknown = [part for part in parts if part not in PARTS]
    if unknown:
        sys.exit(f"no part `{unknown[0]}`; expected one of {', '.join(PARTS)}")
    for part in parts or PARTS:
        print(f"({part}) {PARTS[part]} ...", file=sys.stderr)
        machine = described()
        lines = __import__(PARTS[part]).table()
        text = "\n".join([*lines, "", f"*{machine}.*"])
        print(text)
        write(part, text, PAGE)


def write(part: str, text: str, page: Path) -> None:
    """Put a table between the marks of its part."""
    begin, end = f"<!-- bench {part} -->", f"<!-- end {part} -->"
    old = page.read_text(encoding="utf-8")
    new, found = re.subn(
        f"{re.escape(begin)}.*?{re.escape(end)}",
        lambda _: f"{begin}\n{text}\n{end}",
        old,
        flags=re.DOTALL,
    )
    if found != 1:
        sys.exit(f"{page} has no place for part {part}")
    page.write_text(new, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])

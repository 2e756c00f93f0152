"""What text from strangers may hold, and how files are opened and named."""

import re
from pathlib import Path

from drawdown.errors import Problem

SLUG = re.compile(r"[a-z][a-z0-9_-]*")
SLUG_WORDS = "lower-case letters, digits, `-` and `_`, beginning with a letter"
LONGEST_TEXT = 2000
FORMULA = ("=", "+", "-", "@")
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
LINE_BREAK = re.compile("[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
URL = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)


def shown_name(path: Path) -> str:
    """Name a file relative to the working directory where it lies below it."""
    full = path.absolute()
    return str(full.relative_to(Path.cwd())) if full.is_relative_to(Path.cwd()) else str(path)


def text_fault(text: str) -> tuple[str, str] | None:
    """Say what makes a text unsafe to show or to open in a spreadsheet, and what was expected."""
    if LINE_BREAK.search(text):
        return "a line break inside the text", "one line"
    if found := CONTROL.search(text):
        return f"control character U+{ord(found[0]):04X}", "printable text"
    if found := BIDI.search(text):
        return f"U+{ord(found[0]):04X} overrides the direction of text", "text without it"
    if text.startswith(FORMULA):
        return f"text begins with `{text[0]}`, which a spreadsheet runs as a formula", "a letter first"
    if len(text) > LONGEST_TEXT:
        return f"{len(text):,} characters", f"at most {LONGEST_TEXT:,}"
    return None


def url_fault(text: str) -> tuple[str, str] | None:
    """Say why an address is not one that a report may link to."""
    if URL.fullmatch(text):
        return None
    return f"`{text[:60]}` is not an address", "one that begins with http:// or https://"


def read_text(path: Path, largest: int) -> tuple[str, bytes, list[Problem]]:
    """Read a UTF-8 file, with or without a byte-order mark.

    Returns
    -------
    text, raw, problems
        The text is empty if there are problems.
    """
    name = shown_name(path)
    if not path.is_file():
        return "", b"", [Problem(name, 0, 0, "no such file", "a file")]
    if path.stat().st_size > largest:
        size = path.stat().st_size / 1e6
        return "", b"", [Problem(name, 0, 0, f"{size:.1f} MB", f"at most {largest / 1e6:g} MB")]
    raw = path.read_bytes()
    try:
        return raw.decode("utf-8-sig"), raw, []
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        line, column = before.count(b"\n") + 1, error.start - (before.rfind(b"\n") + 1) + 1
        return "", raw, [Problem(name, line, column, "not UTF-8 text", "a file saved as UTF-8")]

"""What text from strangers may hold, and how files are opened and named."""

import os
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
UTF16 = (b"\xff\xfe", b"\xfe\xff")
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
    try:
        raw, size = _read(path, largest)
    except OSError as error:
        wrong = error.strerror or str(error)
        absent = isinstance(error, FileNotFoundError | NotADirectoryError)
        wrong = "no such file" if absent else wrong[:1].lower() + wrong[1:]
        return "", b"", [Problem(name, 0, 0, wrong, "a file that can be read")]
    if size > largest:
        return "", b"", [Problem(name, 0, 0, f"{size / 1e6:.1f} MB", f"at most {largest / 1e6:g} MB")]
    # without a mark, every other byte of plain words is nothing
    if raw.startswith(UTF16) or raw[:2].count(0) == 1:
        return "", raw, [Problem(name, 1, 1, "UTF-16 text", "a file saved as UTF-8")]
    try:
        return raw.decode("utf-8-sig"), raw, []
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        line, column = before.count(b"\n") + 1, error.start - (before.rfind(b"\n") + 1) + 1
        wrong = f"not UTF-8 text (byte 0x{raw[error.start]:02X})"
        return "", raw, [Problem(name, line, column, wrong, "a file saved as UTF-8")]


def _read(path: Path, largest: int) -> tuple[bytes, int]:
    """Bytes and size of a plain file; no more is read than is wanted, whatever its size claims."""
    if path.exists() and not path.is_file():
        # opening a pipe would wait for somebody to write
        raise IsADirectoryError(0, "is a folder" if path.is_dir() else "is no plain file")
    with path.open("rb") as file:
        raw = file.read(largest + 1)
        return raw, max(os.fstat(file.fileno()).st_size, len(raw))


def is_file(path: Path) -> bool:
    """Whether there is a plain file; what cannot be asked for, such as an endless name, is none."""
    # unlike the methods of paths, these take every error for a no
    return os.path.isfile(path)  # noqa: PTH113


def is_folder(path: Path) -> bool:
    """Whether there is a folder; what cannot be asked for is none."""
    return os.path.isdir(path)  # noqa: PTH112

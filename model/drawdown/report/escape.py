"""Untrusted text made inert: Markdown cells and web addresses."""

from typing import Any
from urllib.parse import quote, urlsplit

# Entities where a lax viewer may not honour a backslash, a backslash where all do.
_MARKDOWN = str.maketrans(
    {
        "&": "&amp;",
        "<": "&lt;",
        ">": "&gt;",
        "|": "&#124;",
        "`": "&#96;",
        "\\": "&#92;",
        "$": "&#36;",
        "[": "\\[",
        "]": "\\]",
        "*": "\\*",
        "_": "\\_",
        "~": "\\~",
    }
)
_SAFE_IN_ADDRESS = "%/?:@!&=+;,-._~#"


class Markup(str):
    """Markdown that we wrote ourselves."""


def one_line(text: str) -> str:
    """Put a text on one line; control characters and bidirectional overrides become spaces."""
    kept = (c if c.isprintable() else " " for c in str(text))
    return " ".join("".join(kept).split())


def markdown(value: Any) -> str:
    """Escape a value for a Markdown cell or sentence."""
    return value if isinstance(value, Markup) else one_line(value).translate(_MARKDOWN)


def safe_address(url: str) -> str:
    """Return an http(s) address with every delimiter of Markdown or HTML encoded, or nothing."""
    url = url.strip()
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return ""
    return quote(url, safe=_SAFE_IN_ADDRESS)

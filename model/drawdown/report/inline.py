"""An SVG file made fit to stand inside a page: its colours follow the page, its ids are gone."""

import re

from drawdown.report.style import ALARM, INK, MUTED, PAPER, RULE, WASH

VARIABLES = {
    INK: "--ink",
    MUTED: "--muted",
    RULE: "--rule",
    WASH: "--wash",
    PAPER: "--paper",
    ALARM: "--alarm",
}
_DROPPED = re.compile(
    r"<\?xml.*?\?>|<!DOCTYPE.*?>|<!--.*?-->|<metadata>.*?</metadata>|<style.*?</style>", re.DOTALL
)
_GROUP_ID = re.compile(r'<g id="[^"]*"')
_SIZE = re.compile(r'(<svg\b[^>]*?) width="[^"]*"([^>]*?)>', re.DOTALL)
_HEIGHT = re.compile(r'(<svg\b[^>]*?) height="[^"]*"', re.DOTALL)


def inline_svg(text: str) -> str:
    """Return the drawing alone.

    Text in the file was escaped when it was drawn; only what stands outside text is changed here.
    """
    text = _DROPPED.sub("", text)
    text = _GROUP_ID.sub("<g", text)
    text = _HEIGHT.sub(r"\1", text, count=1)
    text = _SIZE.sub(r'\1\2 aria-hidden="true" focusable="false">', text, count=1)
    for colour, variable in VARIABLES.items():
        text = text.replace(f": {colour}", f": var({variable}, {colour})")
    return "\n".join(line for line in text.splitlines() if line.strip())

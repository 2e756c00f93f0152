"""What the small script of the page needs: its numbers, its text and the hash that lets it run."""

import base64
import hashlib
import json
from importlib.resources import files
from typing import Any

from drawdown.outcomes import LABELS, OUTCOMES
from drawdown.report.numerals import SHOWN
from drawdown.report.sections import Section
from drawdown.report.yardsticks import ICD203, YARDSTICKS

POLITICS = "politics"
"""Family that is exact to leave out, so that it goes with any other."""
LEAD = (
    "In brief.html, with scripts allowed, the base rates can be moved and evidence left out, and the "
    "answer moves; nothing leaves the page. The command drawdown whatif gives the same numbers."
)


def controls_section(summary: dict[str, Any]) -> Section | None:
    """The section of the controls, if the summary has what they work on."""
    if not (summary.get("controls") or {}).get("base"):
        return None
    return Section("try", "Try it", (LEAD,))


def controls_json(summary: dict[str, Any]) -> str:
    """Numbers of the controls as JSON that can stand inside a page: no `<` is left in it."""
    controls = summary["controls"]
    families = {
        name: part for name, part in (controls.get("families") or {}).items() if name != POLITICS
    }
    yardstick = YARDSTICKS[summary.get("yardstick", ICD203.key)]
    data = {
        "outcomes": OUTCOMES,
        "shown": SHOWN,
        "labels": LABELS,
        "bands": [[band.low, band.high, band.word] for band in yardstick.bands],
        "base": controls["base"],
        "families": families,
    }
    text = json.dumps(data, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def family_names(summary: dict[str, Any]) -> list[tuple[str, str]]:
    """Key and label of each physical family that can be left out."""
    families = summary["controls"].get("families") or {}
    return [(name, name.replace("_", " ")) for name in families if name != POLITICS]


def script() -> str:
    """Text of the script, as it stands on the page."""
    return (files("drawdown.report") / "templates" / "controls.js.j2").read_text(encoding="utf-8")


def script_hash() -> str:
    """Source expression that lets exactly this script run, for the page's security policy."""
    digest = hashlib.sha256(script().encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"

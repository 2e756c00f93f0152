"""Reads typed fields out of YAML nodes and collects what is wrong with them."""

from collections.abc import Collection, Iterable
from datetime import date

from drawdown.errors import Problem, did_you_mean
from drawdown.files.table import EARLIEST, LATEST
from drawdown.files.text import text_fault, url_fault
from drawdown.files.yamlmarks import Node, scalar

NOWHERE = date(1, 1, 1)
"""Stands for a date that could not be read; never leaves a reader, which raises first."""
CHANCES_SUM = 0.001
SMALLEST, LARGEST = 1e-6, 1e6
MOST_DAYS = 36_525
"""A hundred years."""


class Reader:
    """Reads fields and goes on after a mistake, so that all mistakes are reported at once.

    Every method returns a harmless value of the right type where it found a problem; whoever uses
    a reader raises `problems` before the values are used.
    """

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def fields(
        self,
        node: Node,
        required: Iterable[str],
        optional: Collection[str] = (),
        missing_ok: bool = False,
    ) -> dict[str, Node]:
        """Return the fields of a mapping; unknown and missing keys are problems."""
        required = tuple(required)
        known = [*required, *optional]
        if node.kind != "map":
            keys = ", ".join(f"`{key}`" for key in known)
            self.problems.append(node.problem(node.shown(), f"keys ({keys})"))
            return {}
        for key, value in node.fields.items():
            if key not in known:
                self._unknown_key(key, value, [k for k in known if k not in node.fields], known)
        for key in required:
            if key not in node.fields and not missing_ok:
                self.problems.append(node.key_problem(f"`{key}` is missing", f"`{key}: ...` here"))
        return {key: value for key, value in node.fields.items() if key in known}

    def _unknown_key(self, key: str, value: Node, free: list[str], known: list[str]) -> None:
        expected = f"one of {', '.join(f'`{k}`' for k in free)}" if free else "no further key"
        if value.kind == "nothing":
            # an unquoted comma inside braces ends the text, and the rest becomes a key
            expected = "text with a comma in quotation marks"
        hint = did_you_mean(key, known)
        self.problems.append(value.key_problem(f"unknown key `{key}`", expected, hint))

    def text(self, node: Node | None) -> str:
        """Return text that is not empty and safe to show."""
        if node is None:
            return ""
        if not isinstance(node.value, str | float | date) or not node.text.strip():
            empty = node.kind not in ("map", "list") and not node.text.strip()
            self.problems.append(node.problem("nothing" if empty else node.shown(), "text"))
            return ""
        text = node.text.strip()
        if fault := text_fault(text):
            self.problems.append(node.problem(*fault))
        return text

    def why(self, fields: dict[str, Node]) -> str:
        """Return the reason of a block."""
        return self.text(fields.get("why"))

    def url(self, node: Node | None) -> str:
        """Return an http(s) address."""
        text = self.text(node)
        if node is not None and text and (fault := url_fault(text)):
            self.problems.append(node.problem(*fault))
        return text

    def date(self, node: Node | None) -> date:
        """Return an ISO date."""
        if node is None:
            return NOWHERE
        if isinstance(node.value, date):
            if EARLIEST <= node.value <= LATEST:
                return node.value
            expected = f"a year from {EARLIEST.year} to {LATEST.year}"
            self.problems.append(node.problem(node.shown(), expected))
            return NOWHERE
        self.problems.append(node.problem(node.shown(), "a date such as 2024-12-13"))
        return NOWHERE

    def choice(self, node: Node | None, choices: Iterable[str], default: str = "") -> str:
        """Return one of several words."""
        choices = tuple(choices)
        if node is None:
            return default
        if node.text in choices and node.kind != "map":
            return node.text
        expected = ", ".join(f"`{c}`" for c in choices)
        hint = did_you_mean(node.text, choices)
        self.problems.append(node.problem(node.shown(), f"one of {expected}", hint))
        return default or choices[0]

    def chance(self, node: Node | None) -> float:
        """Return a number from 0 to 1, best written as a percentage."""
        if node is None:
            return 0.5
        if node.kind not in ("number", "percent") or not isinstance(node.value, float):
            self.problems.append(node.problem(node.shown(), "a percentage such as 35%", quotes(node)))
            return 0.5
        if 0.0 <= node.value <= 1.0:
            return node.value
        hint = f"`{node.text}%`" if node.kind == "number" and 1 < node.value <= 100 else ""
        self.problems.append(node.problem(node.shown(), "from 0% to 100%", hint))
        return 0.5

    def positive(self, node: Node | None) -> float:
        """Return a number above zero, within what a count can be."""
        if node is None:
            return 1.0
        if node.kind != "number" or not isinstance(node.value, float) or node.value <= 0:
            self.problems.append(node.problem(node.shown(), "a number above 0", quotes(node)))
        elif not SMALLEST <= node.value <= LARGEST:
            self.problems.append(node.problem(node.shown(), f"from {SMALLEST:g} to {LARGEST:g}"))
        else:
            return node.value
        return 1.0

    def days(self, node: Node | None) -> float:
        """Return a duration, which is always written with its unit."""
        if node is None:
            return 1.0
        if node.kind == "days" and isinstance(node.value, float) and 0 < node.value <= MOST_DAYS:
            return node.value
        hint = f"`{node.text} days`" if node.kind == "number" else ""
        expected = f"a number of days such as `14 days`, at most {MOST_DAYS:,}"
        self.problems.append(node.problem(node.shown(), expected, hint))
        return 1.0

    def chances(self, node: Node, fields: dict[str, Node], names: Iterable[str]) -> dict[str, float]:
        """Return chances that sum to 100 %."""
        out = {name: self.chance(fields.get(name)) for name in names}
        if all(name in fields for name in out) and abs(sum(out.values()) - 1.0) > CHANCES_SUM:
            self.problems.append(
                node.problem(f"{', '.join(out)} sum to {sum(out.values()) * 100:.4g}%", "100%")
            )
        return out

    def unknown(self, node: Node, what: str, word: str, known: Iterable[str]) -> None:
        """Add the problem of a name that nobody knows, at a value."""
        self.problems.append(
            node.problem(f"unknown {what} `{word}`", f"a known {what}", did_you_mean(word, known))
        )


def quotes(node: Node) -> str:
    """Suggest a value without its quotation marks, where it holds a number."""
    number = node.text.strip()
    meant = node.kind == "text" and scalar(number)[1] not in ("text", "nothing")
    return f"`{number}` without quotation marks" if meant else ""

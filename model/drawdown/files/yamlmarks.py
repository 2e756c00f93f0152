"""YAML with positions: what stands where, in a closed subset that cannot surprise.

Plain YAML turns `on` and `no` into truth values, keeps the last of two equal keys, and loses the
position of everything. Here a scalar is a number, a percentage, a number of days, an ISO date or
text, and all else is refused with its place.
"""

import math
import re
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import yaml

from drawdown.errors import InputError, Problem
from drawdown.files.text import CONTROL, read_text, shown_name

LARGEST = 1_000_000
DEEPEST = 20
MOST_VALUES = 20_000
PARSER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

NUMBER = re.compile(r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?")
DAYS = re.compile(r"([0-9]+(?:\.[0-9]+)?) days?")
STRANGE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
RARE_BREAK = re.compile("[\u2028\u2029]")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True)
class Node:
    """A value and its place.

    Attributes
    ----------
    value : dict of Node, list of Node, float, date, str or None
    kind : str
        `map`, `list`, `number`, `percent`, `days`, `date`, `text` or `nothing`.
    text : str
        The scalar as written.
    key_line, key_column : int
        Place of the key in front of the value; 0 if there is none.
    """

    value: object
    kind: str
    file: str
    line: int
    column: int
    text: str = ""
    key_line: int = 0
    key_column: int = 0

    @property
    def fields(self) -> dict[str, "Node"]:
        """Values of a mapping by key; empty for anything else."""
        return self.value if isinstance(self.value, dict) else {}

    @property
    def items(self) -> list["Node"]:
        """Values of a list; empty for anything else."""
        return self.value if isinstance(self.value, list) else []

    def problem(self, wrong: str, expected: str = "", hint: str = "") -> Problem:
        """Make a problem at the value."""
        return Problem(self.file, self.line, self.column, wrong, expected, hint)

    def key_problem(self, wrong: str, expected: str = "", hint: str = "") -> Problem:
        """Make a problem at the key."""
        line, column = self.key_line or self.line, self.key_column or self.column
        return Problem(self.file, line, column, wrong, expected, hint)

    def shown(self) -> str:
        """Quote the value for a message."""
        words = {"map": "a group of keys", "list": "a list", "nothing": "nothing"}
        return words.get(self.kind, f"`{self.text[:60]}`")


def scalar(text: str) -> tuple[object, str]:
    """Read a plain scalar: its value and its kind."""
    if text in ("", "~", "null"):
        return None, "nothing"
    if DATE.fullmatch(text):
        try:
            return date.fromisoformat(text), "date"
        except ValueError:
            return text, "text"
    if (found := DAYS.fullmatch(text)) and math.isfinite(float(found[1])):
        return float(found[1]), "days"
    body = text.removesuffix("%").rstrip() if text.endswith("%") else text
    if NUMBER.fullmatch(body) and math.isfinite(float(body)):
        # dividing by 100 keeps 35% equal to 0.35
        return (float(body) / 100, "percent") if body != text else (float(body), "number")
    return text, "text"


@dataclass
class _Open:
    """A mapping or a list that is being read."""

    kind: str
    line: int
    column: int
    pairs: dict[str, Node] = field(default_factory=dict)
    items: list[Node] = field(default_factory=list)
    key: tuple[str, int, int] | None = None


class _Builder:
    """Builds nodes from the events of the parser, and refuses what the subset has no room for."""

    def __init__(self, file: str):
        self.file = file
        self.problems: list[Problem] = []
        self.stack: list[_Open] = []
        self.documents = 0
        self.values = 0
        self.root: Node | None = None

    def take(self, event: yaml.Event) -> None:
        """Take the next event."""
        if isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents == 2:
                self._refuse(event, "a second document in one file", "one document, without `---`")
        if self.documents > 1:
            return
        self.values += isinstance(event, yaml.NodeEvent)
        if self.values > MOST_VALUES:
            self._refuse(event, f"more than {MOST_VALUES:,} values in one file", "fewer")
            raise InputError(self.problems)
        if isinstance(event, yaml.AliasEvent):
            self._refuse(event, f"alias `*{event.anchor}`", "the value written out")
            self._put(event, None, "nothing", "")
        elif isinstance(event, yaml.ScalarEvent):
            self._check_marks(event)
            plain = not event.style  # None or empty, by parser
            value, kind = scalar(event.value) if plain else (event.value, "text")
            self._put(event, value, kind, event.value)
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            self._check_marks(event)
            self._begin(event, "map" if isinstance(event, yaml.MappingStartEvent) else "list")
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            top = self.stack.pop()
            value = top.pairs if top.kind == "map" else top.items
            self._add(Node(value, top.kind, self.file, top.line, top.column))

    def _refuse(self, event: yaml.Event, wrong: str, expected: str) -> None:
        self.problems.append(Problem(self.file, *_place(event), wrong, expected))

    def _check_marks(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> None:
        """Refuse anchors and tags."""
        if event.anchor is not None:
            self._refuse(event, f"anchor `&{event.anchor}`", "the value written out at each place")
        if event.tag is not None:
            self._refuse(event, f"tag `{event.tag}`", "a plain value")

    def _begin(self, event: yaml.NodeEvent, kind: str) -> None:
        top = self.stack[-1] if self.stack else None
        # Nothing sensible can be read behind either of these, so they end the reading.
        if top and top.kind == "map" and top.key is None:
            self._refuse(event, "a key that is not text", "a plain word as key")
            raise InputError(self.problems)
        if len(self.stack) == DEEPEST:
            self._refuse(event, f"more than {DEEPEST} levels, one within another", "fewer")
            raise InputError(self.problems)
        self.stack.append(_Open(kind, *_place(event)))

    def _put(self, event: yaml.Event, value: object, kind: str, text: str) -> None:
        """Place a scalar: as a key if one is due, else as a value."""
        line, column = _place(event)
        top = self.stack[-1] if self.stack else None
        if top and top.kind == "map" and top.key is None:
            if text == "<<":
                self._refuse(event, "merge key `<<`", "the keys written out")
            elif text in top.pairs:
                first = top.pairs[text].key_line
                self._refuse(event, f"`{text}` stands here twice, first on line {first}", "one of them")
            top.key = (text, line, column)
        else:
            self._add(Node(value, kind, self.file, line, column, text))

    def _add(self, node: Node) -> None:
        """Hang a finished node where it belongs."""
        if not self.stack:
            self.root = node
            return
        top = self.stack[-1]
        if top.kind == "list":
            top.items.append(node)
            return
        assert top.key is not None
        name, line, column = top.key
        top.pairs.setdefault(name, replace(node, key_line=line, key_column=column))
        top.key = None


def load_yaml(path: Path) -> tuple[Node | None, bytes, list[Problem]]:
    """Read a YAML file.

    Returns
    -------
    root, raw, problems
        The root is None if the file cannot be read at all.
    """
    text, raw, problems = read_text(path, LARGEST)
    if problems:
        return None, raw, problems
    file = shown_name(path)
    root, problems = read_value(text, file)
    if root is None and problems:
        return None, raw, problems
    if root is None or root.kind == "nothing":
        root = Node({}, "map", file, 1, 1)
    if root.kind != "map":
        problem = root.problem(root.shown(), "keys with values, as `name: ...`")
        return None, raw, [*problems, problem]
    return root, raw, problems


def read_value(text: str, file: str) -> tuple[Node | None, list[Problem]]:
    """Read one YAML value of any kind.

    Parameters
    ----------
    text : str
    file : str
        What problems name as the place of the text.

    Returns
    -------
    value, problems
        The value is None if there is none or it cannot be read.
    """
    problems = list(_stray_characters(text, file))
    if problems:
        return None, problems
    builder = _Builder(file)
    try:
        for event in yaml.parse(text, Loader=PARSER):
            builder.take(event)
    except InputError as error:
        return None, list(error.problems)
    except yaml.MarkedYAMLError as error:
        return None, [*builder.problems, _syntax(error, file, text)]
    except (yaml.YAMLError, UnicodeError):
        # the parser says no place of a character that it does not take
        return None, [*builder.problems, *_unheard_of(text, file)]
    return builder.root, builder.problems


def _stray_characters(text: str, file: str) -> list[Problem]:
    """Find control characters, on which the parser would stop, and breaks of lines that few know."""
    out = []
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1):
        if found := CONTROL.search(line.replace("\t", " ")) or RARE_BREAK.search(line):
            wrong = f"control character U+{ord(found[0]):04X}"
            out.append(Problem(file, number, found.start() + 1, wrong, "printable text"))
    return out


def _unheard_of(text: str, file: str) -> list[Problem]:
    """Find the first character that the parser does not take, else say that there is one."""
    for number, line in enumerate(text.split("\n"), start=1):
        if found := STRANGE.search(line):
            wrong = f"character U+{ord(found[0]):04X}"
            return [Problem(file, number, found.start() + 1, wrong, "printable text")]
    return [Problem(file, 1, 1, "a character that YAML has no room for", "printable text")]


def _place(event: yaml.Event) -> tuple[int, int]:
    """Line and column of an event, counted from one."""
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark else (0, 0)


def _syntax(error: yaml.MarkedYAMLError, file: str, text: str) -> Problem:
    """Say in plain words what the parser stumbled over."""
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
    said = error.problem or "this is not YAML"
    lines = text.split("\n")
    if line > len(lines):
        # what is missing at the end of the file is missing on its last line
        line, column = len(lines), len(lines[-1]) + 1
    here = lines[line - 1] if 0 < line <= len(lines) else ""
    if "\t" in here[:column]:
        return Problem(file, line, here.index("\t") + 1, "a tab in the indentation", "spaces")
    if "mapping values" in said:
        wrong = "a second colon with a space behind it on one line"
        return Problem(file, line, column, wrong, "text with a colon in quotation marks")
    if here[max(column - 1, 0) :].startswith(("%", "@", "`")):
        wrong = f"text begins with `{here[column - 1]}`"
        return Problem(file, line, column, wrong, "it in quotation marks")
    expected = "matching brackets, quotes and indentation"
    return Problem(file, line, column, f"not valid YAML: {said}", expected)

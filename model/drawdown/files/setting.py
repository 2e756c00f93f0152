"""A setting: one value of the priors or of the case said otherwise for once, as PATH=VALUE."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from drawdown.errors import InputError, Problem, did_you_mean
from drawdown.files.fields import Reader
from drawdown.files.judgement import FORMS
from drawdown.files.yamlmarks import Node, read_value, scalar
from drawdown.outcomes import FATES, OUTCOMES

FACTOR = re.compile(r"x([0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
ENDS = re.compile(r"([^{\[]+?)\.\.([^}\]]+)")
WHY = "What if"
ONE_VALUE = ("share", "size", "loading", "grade")
"""Keys under which a block that is no judgement holds its value."""
IDENTITY = ("unit", "behaves", "leaves", "gathers", "per")
"""Keys that say what a value is of; they outlast what is said of it."""
FORMS_SHOWN = "`6..16`, `x1.5` or `{between: [6, 16], sure: 80%}`"
Path = tuple[str, ...]


@dataclass(frozen=True)
class Setting:
    """A path and what is put there.

    Attributes
    ----------
    path : tuple of str
        Parts of the path; `*` is any one part.
    value : str
        As given: YAML, `6..16` or `x1.5`.
    """

    path: Path
    value: str

    @property
    def name(self) -> str:
        """The path as written."""
        return ".".join(self.path)

    def problem(self, wrong: str, expected: str = "", hint: str = "") -> Problem:
        """Make a problem of the setting."""
        return Problem(f"--set {self.name}", 0, 0, wrong, expected, hint)


@dataclass(frozen=True)
class Placed:
    """A tree with a setting in it.

    Attributes
    ----------
    root : Node
    paths : tuple of path
        Where it was put.
    note : str
        What else had to change.
    """

    root: Node
    paths: tuple[Path, ...]
    note: str = ""


def read_setting(text: str) -> Setting:
    """Read PATH=VALUE.

    Raises
    ------
    InputError
        If it has no path or no value.
    """
    name, equals, value = text.partition("=")
    name, value = name.strip(), value.strip()
    if not (name and equals and value):
        problem = Problem("--set", 0, 0, f"`{text}`", "PATH=VALUE, as `reserve=5%` or `lift=x2`")
        raise InputError([problem])
    parts = name.split(".")
    if parts[0] == "sources":
        # collectors are named with dots and spaces
        parts = ["sources", name.removeprefix("sources.")] if len(parts) > 1 else parts
    return Setting(tuple(parts), value)


def put(
    reader: Reader,
    root: Node,
    setting: Setting,
    known: Collection[str],
    held: Collection[Path] = (),
) -> Placed:
    """Put a setting into a tree.

    Parameters
    ----------
    reader : Reader
        Collects what is wrong with the setting.
    root : Node
        The priors with every overlay, or a case.
    setting : Setting
    known : collection of str
        Paths of the values that may be set; something below such a value may be set alone.
    held : collection of path
        Set before: chances that are not rescaled to make room for this one.

    Returns
    -------
    Placed
        With the tree as it was if anything is wrong.
    """
    paths = list(_find(root, setting, known))
    if not paths:
        reader.problems.append(_unknown(root, setting, known))
        return Placed(root, ())
    found, notes = root, []
    for path in paths:
        before = len(reader.problems)
        new = _Value(reader, setting).laid(_at(root, path), path)
        if len(reader.problems) > before:
            return Placed(root, ())
        found = place(found, path, new)
        parent = _at(found, path[:-1])
        if parent is not None and path[-1] in (names := _chances(parent)):
            fixed = {path[-1], *(p[-1] for p in held if p[:-1] == path[:-1])}
            made = _rescaled(reader, setting, parent, names, fixed)
            found = place(found, path[:-1], made)
            notes.append(_told(made, names, fixed))
    return Placed(found, tuple(paths), "; ".join(note for note in notes if note))


def place(root: Node, path: Path, node: Node) -> Node:
    """Return a tree with another node at a path."""
    if not path:
        return node
    fields = dict(root.fields)
    below = fields.get(path[0]) or Node({}, "map", node.file, 0, 0)
    fields[path[0]] = place(below, path[1:], node)
    return replace(root, value=fields)


def _at(root: Node | None, path: Path) -> Node | None:
    for part in path:
        root = root.fields.get(part) if root is not None else None
    return root


def _find(root: Node, setting: Setting, known: Collection[str]) -> Iterator[Path]:
    """Paths that the setting names: values that are known, and what stands below them."""
    for name in known:
        parts = _split(name)
        if len(setting.path) < len(parts) or not _match(setting.path[: len(parts)], parts):
            continue
        rest = setting.path[len(parts) :]
        old = _at(root, parts)
        if old is None and "*" in setting.path:
            # all that is said, not all that could be
            continue
        yield from (parts + below for below in _below(old, rest))


def _below(node: Node | None, pattern: Path) -> Iterator[Path]:
    """Paths below a value that a pattern names; of an empty pattern, the value itself."""
    if not pattern:
        yield ()
        return
    for key, value in (node.fields if node is not None else {}).items():
        if pattern[0] in ("*", key) and key not in ("why", "url", *IDENTITY):
            yield from ((key, *path) for path in _below(value, pattern[1:]))


def _split(name: str) -> Path:
    first, _, rest = name.partition(".")
    return (first, rest) if first == "sources" and rest else tuple(name.split("."))


def _match(pattern: Path, parts: Path) -> bool:
    return all(want in ("*", have) for want, have in zip(pattern, parts, strict=True))


def _unknown(root: Node, setting: Setting, known: Collection[str]) -> Problem:
    """Say that nothing is at a path, or only a group of values."""
    name = setting.name
    below = [other for other in known if other.startswith(f"{name}.")]
    if below:
        return setting.problem("a group of values", "one of them, or all", f"`{name}.*`")
    leaves = [
        f"{value}.{'.'.join(path)}" for value in known for path in _leaves(_at(root, _split(value)))
    ]
    hint = did_you_mean(name, [*known, *leaves])
    return setting.problem("unknown path", "one that `drawdown priors CASE` lists", hint)


def _leaves(node: Node | None) -> Iterator[Path]:
    for key, value in (node.fields if node is not None else {}).items():
        if value.kind == "map":
            yield from ((key, *path) for path in _leaves(value))
        elif value.kind in ("number", "percent", "days"):
            yield (key,)


def _chances(node: Node | None) -> tuple[str, ...]:
    """Names of chances that sum to one, if a node holds such."""
    keys = set(node.fields) - {"why", "url"} if node is not None else set()
    return next((names for names in (OUTCOMES, FATES) if keys == set(names) and _plain(node)), ())


def _plain(node: Node | None) -> bool:
    return node is not None and all(value.kind != "map" for value in node.fields.values())


def _rescaled(
    reader: Reader, setting: Setting, node: Node, names: tuple[str, ...], fixed: set[str]
) -> Node:
    """Rescale the other chances in proportion, so that all sum to one."""
    values = {name: reader.chance(node.fields[name]) for name in names}
    rest = [name for name in names if name not in fixed]
    room, now = 1.0 - sum(values[name] for name in fixed), sum(values[name] for name in rest)
    if not rest:
        return node
    if room < 0 or (now == 0 and room > 0):
        problem = setting.problem(f"`{setting.value}` leaves {room * 100:.4g}% for the others", "100%")
        reader.problems.append(problem)
        return node
    scale = room / now if now else 0.0
    made = {name: _percent(values[name] * scale, node.file) for name in rest}
    return replace(node, value=node.fields | made)


def _told(node: Node, names: tuple[str, ...], fixed: set[str]) -> str:
    rest = {name.replace("_", " "): _float(node.fields[name]) for name in names if name not in fixed}
    listed = ", ".join(f"{name} {value * 100:.3g} %" for name, value in rest.items())
    return f"the others in proportion: {listed}" if rest else ""


def _percent(value: float, file: str) -> Node:
    return Node(value, "percent", file, 0, 0, f"{value * 100:.10g}%")


def _float(node: Node) -> float:
    return node.value if isinstance(node.value, float) else 0.0


class _Value:
    """The right side of a setting, laid into what stands at its path."""

    def __init__(self, reader: Reader, setting: Setting):
        self.reader, self.setting = reader, setting
        self.file = f"--set {setting.name}"

    def laid(self, old: Node | None, path: Path) -> Node:
        """Return what stands at the path afterwards."""
        text = self.setting.value
        if factor := FACTOR.fullmatch(text):
            return self.scaled(old, float(factor[1]))
        if ends := ENDS.fullmatch(text):
            return self.between(old, ends[1].strip(), ends[2].strip())
        node, problems = read_value(text, self.file)
        self.reader.problems += problems
        if node is None:
            return self.refused("a value") if not problems else _nothing(self.file)
        if node.kind == "map":
            return self.block(old, node)
        if old is None and path[0] == "sources":
            return self.said({"grade": node})
        return self.value(old, node)

    def scaled(self, old: Node | None, factor: float) -> Node:
        """Multiply both ends of an interval, a median, every quantile or a plain value."""
        form = _form(old)
        if old is None or factor == 0 or form == "distribution":
            return self.refused(FORMS_SHOWN)
        if key := form or _one_value(old):
            return replace(old, value=old.fields | {key: self.times(old.fields[key], factor)})
        return self.times(old, factor)

    def times(self, node: Node, factor: float) -> Node:
        if node.kind == "list":
            return replace(node, value=[self.times(item, factor) for item in node.items], file=self.file)
        if node.kind == "map" and all(value.kind != "text" for value in node.fields.values()):
            made = {key: self.times(value, factor) for key, value in node.fields.items()}
            return replace(node, value=made)
        value = _float(node) * factor
        text = {
            "percent": f"{value * 100:.10g}%",
            "days": f"{value:.10g} days",
            "number": f"{value:.10g}",
        }.get(node.kind)
        if text is None:
            return self.refused("a factor for one value")
        return Node(value, node.kind, self.file, 0, 0, text)

    def between(self, old: Node | None, low: str, high: str) -> Node:
        """Another interval, as sure as the one before."""
        if old is not None and not _form(old):
            return self.refused("one value")
        ends = [_scalar(low, self.file), _scalar(high, self.file)]
        fields = {"between": Node(ends, "list", self.file, 0, 0)}
        if old is not None and "sure" in old.fields:
            fields["sure"] = old.fields["sure"]
        return self.said(fields, old)

    def block(self, old: Node | None, node: Node) -> Node:
        """A block as a file would have it; a reason is not needed."""
        if old is not None and old.kind != "map":
            return self.refused("one value")
        if old is None or _form(old) or "why" in old.fields:
            return self.said(node.fields, old)
        return replace(node, value=dict(node.fields))

    def value(self, old: Node | None, node: Node) -> Node:
        """A plain value, or the median of a judgement that has one."""
        form = _form(old)
        if old is None or (form and form != "about"):
            return self.refused(FORMS_SHOWN)
        key = form or _one_value(old)
        if key:
            return replace(old, value=old.fields | {key: node})
        return node if old.kind != "map" else self.refused("one of its values")

    def said(self, fields: dict[str, Node], old: Node | None = None) -> Node:
        """A block with what outlasts the old one, and a reason if none is given."""
        kept = {k: v for k, v in (old.fields if old else {}).items() if k in IDENTITY}
        return Node(kept | {"why": _scalar(WHY, self.file)} | fields, "map", self.file, 0, 0)

    def refused(self, expected: str) -> Node:
        self.reader.problems.append(self.setting.problem(f"`{self.setting.value}`", expected))
        return _nothing(self.file)


def _form(node: Node | None) -> str:
    return next((form for form in FORMS if node is not None and form in node.fields), "")


def _one_value(node: Node) -> str:
    """Key of the value of a block that has one."""
    keys = [key for key in ONE_VALUE if key in node.fields]
    return keys[0] if len(keys) == 1 and "why" in node.fields else ""


def _scalar(text: str, file: str) -> Node:
    value, kind = scalar(text)
    return Node(value, kind, file, 0, 0, text)


def _nothing(file: str) -> Node:
    return Node(None, "nothing", file, 0, 0)

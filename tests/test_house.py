"""The rules of the house, read off the syntax tree: who may import whom, and how long a thing may be."""

import ast
import graphlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "model" / "drawdown"
ROOMS = ("files", "model", "inference", "answers", "report")
"""Data runs this way; a room knows itself and the rooms before it."""
COMMON = {
    f"drawdown.{name}" for name in ("errors", "even", "few", "outcomes", "seeds", "threads", "whole")
}
"""Root modules that every room may import; they import no room."""
FRONT = ("drawdown", "drawdown.cli")
"""The public names and the command line: any room, inside functions only, so that a start is quick."""
DOORS = (
    "drawdown.answers.publish",
    "drawdown.answers.publish_calibration",
    "drawdown.answers.publish_replay",
)
"""The modules of the answers room that may call the report room: one for each kind of folder."""
HANDED_OVER = "drawdown.answers.material"
"""The one module outside its own room that the report room may know."""
OWNERS = {
    "pymc": ("model",),
    "pytensor": ("model",),
    "numba": ("model", "inference"),
    "nutpie": ("inference",),
    "matplotlib": ("report",),
    "jinja2": ("report",),
    "arviz_plots": ("report",),
}
MAX_MODULE, MAX_FUNCTION = 400, 80


@dataclass(frozen=True)
class Import:
    """One imported name: the module it names, where, and when it is run."""

    target: str
    line: int
    lazy: bool
    typing_only: bool


class House:
    """Every module of a package folder, parsed."""

    def __init__(self, folder: Path):
        self.trees: dict[str, ast.Module] = {}
        self.paths: dict[str, Path] = {}
        for path in sorted(folder.rglob("*.py")):
            parts = path.relative_to(folder.parent).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            self.paths[name] = path
            self.trees[name] = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))

    def imports(self, name: str) -> list[Import]:
        """Imports of a module, those inside functions included."""
        return list(self._walk(name, self.trees[name], lazy=False, typing_only=False))

    def where(self, name: str, line: int) -> str:
        return f"{self.paths[name].name}:{line} ({name})"

    def _walk(self, name: str, node: ast.AST, lazy: bool, typing_only: bool) -> Iterator[Import]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import | ast.ImportFrom):
                for target in self._targets(name, child):
                    yield Import(target, child.lineno, lazy, typing_only)
            deferred = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            # The `else` of such a test would count as typing only too; nobody writes one.
            typed = isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test)
            yield from self._walk(name, child, lazy or deferred, typing_only or typed)

    def _targets(self, name: str, node: ast.Import | ast.ImportFrom) -> list[str]:
        if isinstance(node, ast.Import):
            return [alias.name for alias in node.names]
        base = node.module or ""
        if node.level:
            is_package = self.paths[name].name == "__init__.py"
            parts = name.split(".")
            parent = parts[: len(parts) - node.level + is_package]
            base = ".".join([*parent, *([base] if base else [])])
        # `from drawdown.model import build` names a module; `from drawdown.model.build import x` a name.
        return [full if (full := f"{base}.{alias.name}") in self.trees else base for alias in node.names]


def is_front(module: str) -> bool:
    """Whether a module is one of the public names or of the command line, which has a module a group."""
    return module in FRONT or module.startswith("drawdown.cli.")


def room_of(module: str) -> str | None:
    """Return the room a module of the package lives in; None for root modules and for strangers."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and parts[0] == "drawdown" and parts[1] in ROOMS else None


def allowed(name: str, target: str) -> bool:
    """Whether a module may know another module of the package."""
    here, there = room_of(name), room_of(target)
    if is_front(name):
        return True
    if there is None:
        return target in COMMON
    if here is None:
        return False
    if here == "report":
        return there == "report" or target == HANDED_OVER
    return ROOMS.index(there) <= ROOMS.index(here) or (name in DOORS and there == "report")


def broken_imports(house: House) -> list[str]:
    """List imports that the order of the rooms forbids."""
    out = []
    for name in house.trees:
        for found in house.imports(name):
            if found.target.split(".")[0] != "drawdown":
                continue
            if not allowed(name, found.target):
                out.append(f"{house.where(name, found.line)} may not import {found.target}")
            early = not found.lazy and not found.typing_only
            if is_front(name) and early and room_of(found.target):
                out.append(f"{house.where(name, found.line)} imports {found.target} outside a function")
    return out


def strangers(house: House) -> list[str]:
    """List imports of a library outside the rooms that own it."""
    return [
        f"{house.where(name, found.line)} imports {found.target}, which belongs to {'/, '.join(owners)}/"
        for name in house.trees
        for found in house.imports(name)
        if (owners := OWNERS.get(found.target.split(".")[0])) and room_of(name) not in owners
    ]


def cycle(house: House) -> list[str]:
    """Name the modules of a cycle of imports, if there is one; a parent package does not count."""
    graph = {
        name: {
            found.target
            for found in house.imports(name)
            if found.target in house.trees and not found.typing_only and not is_front(name)
        }
        for name in house.trees
    }
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        return list(error.args[1])
    return []


def too_long(house: House) -> list[str]:
    """List modules and functions that have outgrown the house."""
    out = []
    for name, tree in house.trees.items():
        lines = len(house.paths[name].read_text(encoding="utf-8").splitlines())
        if lines >= MAX_MODULE:
            out.append(f"{house.where(name, 1)} has {lines} lines, {MAX_MODULE} or more")
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length >= MAX_FUNCTION:
                    out.append(f"{house.where(name, node.lineno)} {node.name} has {length} lines")
    return out


@pytest.fixture(scope="module")
def house() -> House:
    return House(PACKAGE)


def test_rooms_import_only_what_comes_before(house):
    assert broken_imports(house) == []


def test_libraries_stay_in_their_rooms(house):
    assert strangers(house) == []


def test_no_cycle(house):
    assert cycle(house) == []


def test_nothing_is_too_long(house):
    assert too_long(house) == []


def test_every_module_has_a_place(house):
    """A module at the root is one of those named here, so that a new one is a decision."""
    homeless = {n for n in house.trees if room_of(n) is None and not is_front(n)} - COMMON
    assert homeless == set()


def build(folder: Path, modules: dict[str, str]) -> House:
    """Write a small package, from dotted names to texts, and read it."""
    for name, text in modules.items():
        path = folder / "drawdown" / Path(*name.split(".")).with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return House(folder / "drawdown")


BARE = dict.fromkeys(
    [
        "errors",
        "files.case",
        "model.build",
        "model.likelihood",
        "answers.assess",
        "answers.material",
        "report.__init__",
        "report.render",
    ],
    "",
)


@pytest.mark.parametrize(
    ("module", "text"),
    [
        ("files.case", "from drawdown.model.build import compile_model"),
        ("files.case", "def f():\n    from drawdown import report"),
        ("files.case", "from ..answers import assess"),
        ("inference.sample", "import drawdown.answers.assess"),
        ("answers.assess", "from drawdown.report.render import render"),
        ("report.render", "from drawdown.files.case import Case"),
        ("report.render", "from drawdown.answers.assess import assess"),
        ("outcomes", "from drawdown.files.case import Case"),
        ("files.case", "from drawdown.cli import main"),
        ("cli", "from drawdown.answers.assess import assess"),
        ("cli.check", "from drawdown.files.case import load_case"),
    ],
)
def test_a_broken_rule_is_found(tmp_path, module, text):
    assert len(broken_imports(build(tmp_path, BARE | {module: text}))) == 1


@pytest.mark.parametrize(
    ("module", "text"),
    [
        ("answers.publish", "from drawdown.report.render import render"),
        ("answers.publish_replay", "from drawdown.report.render import render"),
        ("answers.assess", "from drawdown.model import build\nfrom drawdown.outcomes import OUTCOMES"),
        ("report.render", "from drawdown.answers.material import Material"),
        ("report.render", "from drawdown.answers import material"),
        (
            "cli",
            "from drawdown.errors import Problem\ndef f():\n    from drawdown.answers import assess",
        ),
        (
            "cli.check",
            "from drawdown.cli.shared import load\ndef f():\n    from drawdown.files import case",
        ),
        ("cli", "if TYPE_CHECKING:\n    from drawdown.files.case import Case"),
        ("model.layout", "from .likelihood import f\nfrom ..files.case import Case"),
    ],
)
def test_a_kept_rule_passes(tmp_path, module, text):
    assert broken_imports(build(tmp_path, BARE | {module: text})) == []


def test_strangers_cycles_and_length_are_found(tmp_path):
    house = build(
        tmp_path,
        {
            "files.a": "from drawdown.files.b import f",
            "files.b": "def f():\n    from drawdown.files import a",
            "files.c": "import pymc as pm\n" + "x = 1\n" * MAX_MODULE,
            "model.d": "import pymc\ndef g():\n" + "    x = 1\n" * MAX_FUNCTION,
        },
    )
    assert len(strangers(house)) == 1
    assert set(cycle(house)) == {"drawdown.files.a", "drawdown.files.b"}
    assert len(too_long(house)) == 2

"""The priors: defaults, what was learned from past episodes, and the overlays of forecasters."""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from drawdown.errors import InputError, Problem, did_you_mean
from drawdown.files.fields import Reader
from drawdown.files.indicator import Indicator, Teller, read_indicator
from drawdown.files.judgement import Judgement
from drawdown.files.overlay import lay_learned, overlay
from drawdown.files.resolved import resolved_yaml, values_sha256
from drawdown.files.text import SLUG, SLUG_WORDS, is_file, is_folder, shown_name, text_fault
from drawdown.files.yamlmarks import Node, load_yaml
from drawdown.outcomes import FATES, OUTCOMES

DIRECTORY = Path(__file__).parents[2] / "priors"
KINDS = ("major", "sector", "outpost")
LETTERS, DIGITS = "ABCDEF", "123456"
GRADE = re.compile("[A-F][1-6]")
UNGRADED = "F6"
SHA = re.compile("[0-9a-f]{64}")
SECTIONS = (
    *("outcomes", "reserve", "fates", "gone", "clock", "late", "garrison", "lift", "crisis", "routine"),
    *("grades", "sources", "indicators"),
)


@dataclass(frozen=True)
class Priors:
    """Every prior value, as the model takes it.

    Attributes
    ----------
    outcome_chance : dict
        Stated chance of each outcome; sums to one.
    fates : dict
        Outcome, kind of site and fate to a chance.
    gone_garrison, gone_stock : dict
        Fate to the share that leaves for good.
    starts, lasts : dict
        Outcome to days.
    names : tuple of str
        Overlays, in order.
    said : tuple of (path, sentence, why)
        Every judgement in words.
    judgements : dict
        Path to judgement, for those of `said` that have a distribution.
    reference_sha256 : str
        Hash of the reference class that the learned part was made from.
    """

    outcome_chance: dict[str, float]
    reserve: float
    fates: dict[str, dict[str, dict[str, float]]]
    gone_garrison: dict[str, Judgement]
    gone_stock: dict[str, Judgement]
    gone_staged: Judgement
    together: float
    starts: dict[str, Judgement]
    lasts: dict[str, Judgement]
    site_starts: Judgement
    site_lasts: Judgement
    kinds: dict[str, Judgement]
    late_starts: float
    late_returns: float
    garrison: Judgement
    lift: Judgement
    crisis: Judgement
    routine: Judgement
    letters: dict[str, float]
    digits: dict[str, float]
    sources: dict[str, str]
    indicators: dict[str, Indicator]
    names: tuple[str, ...]
    sha256: str
    said: tuple[tuple[str, str, str], ...]
    judgements: dict[str, Judgement]
    reference_sha256: str
    _yaml: str

    def resolved_yaml(self) -> str:
        """Return the whole priors as YAML, every overlay laid in."""
        return self._yaml

    def chance_right(self, collector: str, grade: str) -> float:
        """Return the chance that a report of a collector is right."""
        graded = self.sources.get(collector, grade or UNGRADED)
        return self.letters[graded[0]] * self.digits[graded[1]]


def load_priors(
    overlays: Sequence[Path | str] = (), *, directory: Path | None = None, learned: bool = True
) -> Priors:
    """Read the priors.

    Parameters
    ----------
    overlays : sequence of path or str
        Laid over the defaults in this order; a bare name is a file of `directory`.
    directory : path, optional
        Folder of `defaults.yaml` and `learned.yaml`.
    learned : bool
        Without it `learned.yaml` is not read and political indicators need no chances: what the
        command that writes the file starts from.

    Raises
    ------
    InputError
        With every problem of every file.
    """
    reader = Reader()
    tree = read_tree(reader, overlays, directory=directory, learned=learned)
    return build_priors(reader, tree, learned=learned)


@dataclass(frozen=True)
class Tree:
    """The priors as their files say them, every overlay laid in.

    Attributes
    ----------
    root : Node
    names : tuple of str
        Overlays, in order.
    reference : str
        Hash of the reference class that the learned part was made from.
    header : tuple of str
        What a file written from the tree begins with.
    """

    root: Node
    names: tuple[str, ...]
    reference: str
    header: tuple[str, ...]


def read_tree(
    reader: Reader,
    overlays: Sequence[Path | str] = (),
    *,
    directory: Path | None = None,
    learned: bool = True,
) -> Tree:
    """Read the files of the priors and lay one over the other; see `load_priors`."""
    folder = directory or DIRECTORY
    root = _load(reader, folder / "defaults.yaml")
    if root is None:
        raise InputError(reader.problems)
    header = ["Priors as resolved"]
    reference = ""
    if learned and (folder / "learned.yaml").is_file():
        more = _load(reader, folder / "learned.yaml")
        if more is None:
            # without it every political indicator would seem to lack its chances
            raise InputError(reader.problems)
        root = lay_learned(reader, root, more)
        reference = _reference(reader, more)
        header.append(f"Learned from the reference class {reference}")
    names: list[str] = []
    for given in overlays:
        path = find_overlay(given, folder)
        names.append(_name(reader, path, folder, names))
        over = _load(reader, path) if is_file(path) else None
        if over is not None:
            root = overlay(reader, root, over)
    if names:
        header.append(f"Overlays: {', '.join(names)}")
    if reader.problems and "indicators" not in root.fields:
        raise InputError(reader.problems)
    return Tree(root, tuple(names), reference, tuple(header))


def find_overlay(given: Path | str, folder: Path = DIRECTORY) -> Path:
    """Return the file of an overlay: a path, or a bare name in the folder of the priors."""
    path = Path(given)
    if path.suffix in (".yaml", ".yml") or len(path.parts) != 1:
        return path
    return folder / f"{path}.yaml"


def _load(reader: Reader, path: Path) -> Node | None:
    root, _, problems = load_yaml(path)
    reader.problems += problems
    return root


def _name(reader: Reader, path: Path, folder: Path, before: list[str]) -> str:
    """Name of an overlay, which also names the folder of the report."""
    name, file = path.stem, shown_name(path)
    if not is_file(path):
        known = {p.stem for p in folder.glob("*.yaml")} - {"defaults", "learned"}
        hint = did_you_mean(name, known)
        there = "is a folder" if is_folder(path) else "is no plain file"
        wrong = there if os.path.lexists(path) else "no such file"
        reader.problems.append(Problem(file, 0, 0, wrong, "an overlay", hint))
    elif not SLUG.fullmatch(name):
        reader.problems.append(Problem(file, 0, 0, f"file name `{name}`", SLUG_WORDS))
    elif name in before:
        reader.problems.append(Problem(file, 0, 0, f"a second overlay named `{name}`", "each name once"))
    return name


def _reference(reader: Reader, root: Node) -> str:
    block = root.fields.get("reference")
    given = block.fields.get("sha256") if block is not None else None
    if given is not None and not SHA.fullmatch(given.text):
        reader.problems.append(given.problem(given.shown(), "a hash of 64 digits"))
    return given.text if given is not None else ""


def build_priors(reader: Reader, tree: Tree, *, learned: bool = True) -> Priors:
    """Turn a tree into priors; raises if anything in any file was wrong."""
    root, teller = tree.root, Teller(reader, learned=learned)
    top = reader.fields(root, SECTIONS)
    gone = _section(reader, top, "gone", ("garrison", "stock", "staged", "together"))
    clock = _section(reader, top, "clock", ("starts", "lasts", "site_starts", "site_lasts", "kinds"))
    late = _section(reader, top, "late", ("starts", "returns"))
    grades = _section(reader, top, "grades", ("letters", "digits"))
    staged = _section(reader, gone, "staged", ("drained",))
    values = {
        "outcome_chance": _outcomes(teller, top.get("outcomes")),
        "reserve": teller.share("reserve", top.get("reserve")),
        "fates": _fates(teller, top),
        "gone_garrison": _by(teller, "gone", gone, "garrison", FATES, "logit"),
        "gone_stock": _by(teller, "gone", gone, "stock", FATES, "logit"),
        "gone_staged": teller.judgement("gone.staged.drained", staged.get("drained"), "logit"),
        "together": teller.share("gone.together", gone.get("together")),
        "starts": _by(teller, "clock", clock, "starts", OUTCOMES, "log", "days"),
        "lasts": _by(teller, "clock", clock, "lasts", OUTCOMES, "log", "days"),
        "site_starts": teller.judgement("clock.site_starts", clock.get("site_starts"), "log"),
        "site_lasts": teller.judgement("clock.site_lasts", clock.get("site_lasts"), "log"),
        "kinds": _by(teller, "clock", clock, "kinds", KINDS, "log"),
        "late_starts": teller.share("late.starts", late.get("starts"), "month"),
        "late_returns": teller.share("late.returns", late.get("returns"), "month"),
        "garrison": teller.judgement("garrison", top.get("garrison"), "log", "guarded posts"),
        "lift": teller.judgement("lift", top.get("lift"), "log"),
        "crisis": teller.judgement("crisis", top.get("crisis"), "log"),
        "routine": teller.judgement("routine", top.get("routine"), "log", "per day"),
        "letters": _ladder(teller, "grades.letters", grades.get("letters"), LETTERS),
        "digits": _ladder(teller, "grades.digits", grades.get("digits"), DIGITS),
        "sources": _sources(teller, top.get("sources")),
        "indicators": {
            name: read_indicator(teller, name, node)
            for name, node in (top["indicators"].fields.items() if "indicators" in top else ())
        },
    }
    _check_scopes(reader, top, values["indicators"])  # type: ignore[arg-type]
    if reader.problems:
        raise InputError(reader.problems)
    return Priors(
        **values,  # type: ignore[arg-type]
        names=tree.names,
        sha256=values_sha256(root),
        said=tuple(teller.said),
        judgements=teller.judgements,
        reference_sha256=tree.reference,
        _yaml=resolved_yaml(root, tree.header),
    )


def _check_scopes(reader: Reader, top: dict[str, Node], found: dict[str, Indicator]) -> None:
    """Refuse an indicator that reads a scope which no report can have."""
    for name, indicator in found.items():
        if indicator.scope_of is None:
            continue
        other, scope = indicator.scope_of
        known = [n for n, i in found.items() if scope in i.scopes]
        if other not in known:
            node = top["indicators"].fields[name].fields["scope_of"]
            hint = did_you_mean(other, known)
            expected = f"an indicator with the scope `{scope}`"
            reader.problems.append(node.problem(f"`{other}` has no scope `{scope}`", expected, hint))


def _section(
    reader: Reader, parent: dict[str, Node], name: str, keys: tuple[str, ...]
) -> dict[str, Node]:
    return reader.fields(parent[name], keys) if name in parent else {}


def _by(
    teller: Teller,
    path: str,
    parent: dict[str, Node],
    name: str,
    keys: tuple[str, ...],
    family: str,
    unit: str = "",
) -> dict[str, Judgement]:
    """Read one judgement for each key."""
    fields = _section(teller.reader, parent, name, keys)
    return {key: teller.judgement(f"{path}.{name}.{key}", fields.get(key), family, unit) for key in keys}


def _outcomes(teller: Teller, node: Node | None) -> dict[str, float]:
    if node is None:
        return {}
    fields = teller.reader.fields(node, ("chance", "why"))
    if "chance" not in fields:
        return {}
    chance = fields["chance"]
    out = teller.reader.chances(chance, teller.reader.fields(chance, OUTCOMES), OUTCOMES)
    teller.tell("outcomes", listed(out), fields)
    return out


def _fates(teller: Teller, top: dict[str, Node]) -> dict[str, dict[str, dict[str, float]]]:
    by_outcome = _section(teller.reader, top, "fates", OUTCOMES)
    out: dict[str, dict[str, dict[str, float]]] = {}
    for outcome in by_outcome:
        kinds = _section(teller.reader, by_outcome, outcome, KINDS)
        out[outcome] = {
            kind: read_fate(teller, f"fates.{outcome}.{kind}", kinds[kind]) for kind in kinds
        }
    return out


def read_fate(teller: Teller, path: str, node: Node) -> dict[str, float]:
    """Read the chances of the fates of a site."""
    fields = teller.reader.fields(node, (*FATES, "why"))
    out = teller.reader.chances(node, fields, FATES)
    teller.tell(path, listed(out), fields)
    return out


def _ladder(teller: Teller, path: str, node: Node | None, rungs: str) -> dict[str, float]:
    """Read the chances of grades, which may not rise from the best to the worst."""
    if node is None:
        return {}
    fields = teller.reader.fields(node, (*rungs, "why"))
    out = {rung: teller.reader.chance(fields.get(rung)) for rung in rungs}
    for better, worse in zip(rungs, rungs[1:], strict=False):
        if better in fields and worse in fields and out[worse] > out[better]:
            wrong = f"`{worse}` is above `{better}`"
            teller.reader.problems.append(fields[worse].problem(wrong, f"at most {fields[better].text}"))
    teller.tell(path, listed(out), fields)
    return out


def _sources(teller: Teller, node: Node | None) -> dict[str, str]:
    out = {}
    for collector, value in (node.fields if node is not None else {}).items():
        if fault := text_fault(collector):
            teller.reader.problems.append(value.key_problem(*fault))
        fields = teller.reader.fields(value, ("grade", "why"))
        grade = fields["grade"].text if "grade" in fields else UNGRADED
        if not GRADE.fullmatch(grade):
            problem = fields["grade"].problem(f"`{grade}`", "a grade from A1 to F6")
            teller.reader.problems.append(problem)
        out[collector] = grade
        teller.tell(f"sources.{collector}", f"graded {grade}", fields)
    return out


def listed(chances: dict[str, float]) -> str:
    """Return chances as a sentence has them."""
    return ", ".join(f"{name.replace('_', ' ')} {p * 100:g} %" for name, p in chances.items())

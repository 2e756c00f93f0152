"""What a forecaster wonders about, as questions: overlays, settings, and origins left out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from drawdown.answers.assess import Question, ask
from drawdown.answers.variants import with_reports, without_origins
from drawdown.errors import InputError, Problem
from drawdown.files.case import Case, read_sites
from drawdown.files.edits import Keys, differing, transplant
from drawdown.files.fields import Reader
from drawdown.files.priors import Priors, Tree, build_priors, listed, read_tree
from drawdown.files.reread import check_origins, reread
from drawdown.files.setting import Setting, put
from drawdown.files.yamlmarks import Node, load_yaml

DEFAULT = "as everywhere"
AS_GRADED = "as graded row by row"
ABSENT = "not there"


@dataclass(frozen=True)
class Alternative:
    """One change, and the question that it makes.

    Attributes
    ----------
    what : str
        `prior`, `case`, `report`, `origin`, or `together` for all of them.
    path : str
        What was changed, as a forecaster writes it.
    said, becomes : str
        Before and after.
    note : str
        What else had to change, or why it can have no effect.
    question : Question
    """

    what: str
    path: str
    said: str
    becomes: str
    note: str
    question: Question


@dataclass(frozen=True)
class _State:
    """What a question is made from."""

    tree: Tree
    case: Node
    held: tuple[Keys, ...] = ()
    reports: tuple[Setting, ...] = ()
    without: tuple[str, ...] = ()
    note: str = ""
    given: str = ""


Step = tuple[str, str, Callable[[_State], _State]]
"""Kind, path and what it does to a state."""


def alternatives(
    base: Question,
    overlays: Sequence[Path | str] = (),
    settings: Sequence[Setting] = (),
    without: Sequence[str] = (),
) -> tuple[list[Alternative], Alternative]:
    """Make the questions of every change alone, and of all together.

    Parameters
    ----------
    base : Question
        Of the default priors.
    overlays : sequence of path or str
        Laid over the default priors in this order; each value that differs is a change.
    settings : sequence of Setting
        Each is a change.
    without : sequence of str
        Origins; leaving one out is a change.

    Raises
    ------
    InputError
        With every problem of every change, or if nothing is changed.
    """
    return _Maker(base).made(overlays, settings, without)


def swaps(
    base: Question, own: Sequence[Path | str], other: Sequence[Path | str]
) -> dict[str, Alternative | None]:
    """Make the questions of each value in which other overlays differ, taken from them alone.

    Parameters
    ----------
    base : Question
        Of the default priors with `own` laid over them.
    own, other : sequence of path or str
        Overlays, each in its order.

    Returns
    -------
    dict
        By path; None where a value cannot stand without the others.

    Raises
    ------
    InputError
        If an overlay cannot be read.
    """
    maker = _Maker(base, own)
    found: dict[str, Alternative | None] = {}
    for what, path, change in maker.overlaid(other):
        try:
            found[path] = maker.alternative(what, path, change(maker.start))
        except InputError:
            found[path] = None
    return found


class _Maker:
    """Makes questions that differ from one question, which is of the default priors and `own`."""

    def __init__(self, base: Question, own: Sequence[Path | str] = ()):
        self.base = base
        self.reader = Reader()
        root, _, problems = load_yaml(base.case.folder / "case.yaml")
        if root is None:
            raise InputError(problems)
        self.start = _State(read_tree(self.reader, own), root)
        self.judged = [path for path, _, _ in base.priors.said]
        self.judged += [f"sources.{name}" for name in sorted({r.collector for r in base.case.reports})]

    def made(
        self, overlays: Sequence[Path | str], settings: Sequence[Setting], without: Sequence[str]
    ) -> tuple[list[Alternative], Alternative]:
        """Return the questions of the steps alone, and that of all of them."""
        steps = [*self.overlaid(overlays), *map(self.setting, settings), *map(self.left_out, without)]
        problems = list(check_origins(self.base.view.reports, without, self.base.case))
        alone, together = [], self.start
        for what, path, change in steps:
            try:
                alone.append(self.alternative(what, path, change(self.start)))
                together = change(together)
            except InputError as error:
                problems += error.problems
        if problems:
            raise InputError(problems)
        if not alone:
            expected = "--set PATH=VALUE, --without ORIGIN or --priors FILE with another value"
            raise InputError([Problem("whatif", 0, 0, "nothing is changed", expected)])
        if len(alone) == 1:
            return alone, alone[0]
        return alone, self.alternative("together", "", together)

    def overlaid(self, overlays: Sequence[Path | str]) -> list[Step]:
        """A step for each value of the overlays that differs."""
        over = read_tree(self.reader, overlays)
        build_priors(self.reader, over)
        return [
            ("prior", ".".join(path), _taken(path, over.root))
            for path in differing(self.start.tree.root, over.root)
        ]

    def left_out(self, origin: str) -> Step:
        """The step of an origin."""
        return "origin", origin, lambda s: replace(s, without=(*s.without, origin))

    def setting(self, setting: Setting) -> Step:
        """The step of a setting."""
        if setting.path[0] == "reports":
            return "report", setting.name, lambda s: replace(s, reports=(*s.reports, setting))
        in_case = setting.path[0] == "sites"

        def change(state: _State) -> _State:
            reader = Reader()
            root = state.case if in_case else state.tree.root
            known = _said_of(self.base.case, self.base) if in_case else self.judged
            placed = put(reader, root, setting, known, state.held)
            if reader.problems:
                raise InputError(reader.problems)
            note = "; ".join(filter(None, (state.note, placed.note)))
            held = (*state.held, *placed.paths)
            new = replace(state, held=held, note=note, given=setting.value)
            if in_case:
                return replace(new, case=placed.root)
            return replace(new, tree=replace(state.tree, root=placed.root))

        return ("case" if in_case else "prior"), setting.name, change

    def alternative(self, what: str, path: str, state: _State) -> Alternative:
        """Ask the question of a state, and say what it changes."""
        base, start = self.base, self.start
        reader, priors, case = Reader(), base.priors, base.case
        if state.tree.root is not start.tree.root:
            priors = build_priors(reader, state.tree)
        if state.case is not start.case:
            sites = read_sites(reader, state.case.fields.get("sites"), priors)
            if reader.problems:
                raise InputError(reader.problems)
            case = replace(case, sites=sites)
        same = priors is base.priors and case is base.case
        q = base if same else ask(case, priors, base.view.as_of, base.seed)
        said, becomes, each = _difference(
            _said_by(base.priors) | _said_of(base.case, base), _said_by(priors) | _said_of(case, q)
        )
        if each:
            becomes = state.given or becomes
        note = "; ".join(filter(None, (state.note, each)))
        for setting in state.reports:
            problems: list[Problem] = []
            read = reread(q.view.reports, setting, case, priors, problems)
            if problems:
                raise InputError(problems)
            q = with_reports(q, read.reports)
            said, becomes, note = read.said, read.becomes, note or read.note
        if state.without:
            left = [r for r in base.view.reports if r.origin in state.without]
            said, becomes = f"{len(left)} report{'s' if len(left) != 1 else ''}", "left out"
            q = without_origins(q, state.without)
        if what == "together":
            said, becomes, note = "", "", ""
        return Alternative(what, path, said, becomes, note, q)


def _taken(path: Keys, other: Node) -> Callable[[_State], _State]:
    return lambda s: replace(s, tree=replace(s.tree, root=transplant(s.tree.root, other, path)))


def _said_by(priors: Priors) -> dict[str, str]:
    return {path: sentence for path, sentence, _ in priors.said}


def _said_of(case: Case, q: Question) -> dict[str, str]:
    """What a case says of its sites, by path; a flow that it does not name is as everywhere."""
    out = {}
    for slug, site in case.sites.items():
        out[f"sites.{slug}.share"] = site.share.said
        if site.fate is not None:
            out[f"sites.{slug}.fate"] = listed(site.fate)
        out |= {f"sites.{slug}.stock.{n}": stock.baseline.said for n, stock in site.stock.items()}
    for slug, name in q.layout.routines:
        own = case.sites[slug].routine.get(name)
        out[f"sites.{slug}.routine.{name}"] = own.said if own is not None else DEFAULT
    return out


def _difference(before: dict[str, str], after: dict[str, str]) -> tuple[str, str, str]:
    """What was said, what it becomes, and where there are several values a note of each."""
    # a collector that is regraded nowhere has no path
    changed = {
        path: (before.get(path, _unsaid(path)), after.get(path, _unsaid(path)))
        for path in {**after, **before}
        if before.get(path) != after.get(path)
    }
    if len(changed) == 1:
        (only,) = changed.values()
        return *only, ""
    each = "; ".join(f"{path}: {old} -> {new}" for path, (old, new) in changed.items())
    return f"{len(changed)} values", "others", each


def _unsaid(path: str) -> str:
    return AS_GRADED if path.startswith("sources.") else ABSENT

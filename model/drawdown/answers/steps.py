"""From an earlier question to the present one, one thing at a time, each said in a sentence."""

import tempfile
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from drawdown.answers.assess import Question
from drawdown.answers.since import Earlier
from drawdown.answers.variants import with_observations, with_priors, with_view
from drawdown.errors import InputError
from drawdown.files.case import Gate
from drawdown.files.edits import edited_paths, restore_priors
from drawdown.files.priors import Priors
from drawdown.files.reports import Report
from drawdown.files.sentences import say, say_gate
from drawdown.files.view import View, fold, known
from drawdown.model.observations import Observations, observe

TIME = "passage of time"
MOST_EDITS = 4
"""Edits of priors that have a step each; more are one step."""


@dataclass(frozen=True)
class Step:
    """One thing more that is known, judged or gone by.

    Attributes
    ----------
    what : str
        For a reader.
    kind : str
        `report`, `priors` or `model`.
    question : Question
        With it, and with all before it.
    origin : str
        Of a step of kind `report`, if one origin stands behind it.
    reports : int
        Facts that it adds; reposts not counted.
    """

    what: str
    kind: str
    question: Question
    origin: str = ""
    reports: int = 0


def steps_to(q: Question, earlier: Earlier) -> tuple[Question, list[Step]]:
    """Ask the earlier question, and list the steps from there to the present one.

    Edits of priors come first, then the passage of time, then what became known, by publication.

    Returns
    -------
    Question, list of Step
    """
    start = earlier.question(q)
    ask = _Asker(q, start, earlier)
    out = [Step(what, "priors", ask(priors)) for what, priors in _edits(start.priors, q.priors)]
    if q.view.as_of > earlier.as_of:
        out.append(Step(TIME, "model", ask.later()))
    out += [Step(what, "report", ask.told(name)) for name, what in ask.facts()]
    aside: list[Report] = []
    for origin, rows in _by_origin(q, earlier):
        if any(r.modelled for r in rows):
            what, facts = _what(rows, q, ask.rows)
            out.append(Step(what, "report", ask.shown(rows), origin, facts))
        else:
            aside += rows
    if aside:
        what = f"{_number(len(aside), 'report')} without a say: opinions, plans, or outside the case"
        out.append(Step(what, "report", ask.shown(aside), "", len(aside)))
    return ask.start, out


class _Asker:
    """Asks question after question; what has become known stays known.

    Every question has the looks of the present one, those not yet known without a say, so that the
    chances of the looks at the draws of a fit are computed once.
    """

    def __init__(self, q: Question, start: Question, earlier: Earlier):
        self.q, self.since = q, earlier.as_of
        self.rows = list(earlier.rows)
        self.names = {n for n, f in q.view.context.items() if f.published <= self.since}
        self.gates = {g for g in q.view.gates if g.published <= self.since}
        kept = {id(r) for r in q.view.reports}
        self.padded = all(id(r) in kept for r in fold(self.rows)[0])
        self.every: dict[tuple[str, tuple[Gate, ...]], Observations] = {}
        self.start = self.last = self._asked(start, start.view)

    def __call__(self, priors: Priors) -> Question:
        """By other priors."""
        judged = self.q if priors is self.q.priors else with_priors(self.last, priors)
        return self._next(judged, self.start.view)

    def later(self) -> Question:
        """On the day of the present question, with nothing more known."""
        return self._next(self.last, self._view())

    def facts(self) -> list[tuple[str, str]]:
        """Facts of the case and gates that have become known: a key and a sentence each."""
        labels = self.q.priors.indicators
        new = [
            (name, f"Known of the case: {labels[name].label}, {fact.observed}: {fact.why}")
            for name, fact in self.q.view.context.items()
            if name not in self.names
        ]
        shut = [g for g in self.q.view.gates if g not in self.gates]
        return [*new, *((str(n), say_gate(g, self.q.case)) for n, g in enumerate(shut))]

    def told(self, name: str) -> Question:
        """With one of `facts`."""
        if name in self.q.view.context:
            self.names.add(name)
        else:
            self.gates.add(next(g for g in self.q.view.gates if g not in self.gates))
        return self._next(self.last, self._view())

    def shown(self, rows: Collection[Report]) -> Question:
        """With some rows more."""
        self.rows += rows
        return self._next(self.last, self._view())

    def _view(self) -> View:
        seen = self.q.view
        return replace(
            seen,
            reports=fold(self.rows)[0],
            gates=tuple(g for g in seen.gates if g in self.gates),
            context={n: f for n, f in seen.context.items() if n in self.names},
        )

    def _next(self, judged: Question, seen: View) -> Question:
        self.last = self._asked(judged, seen)
        return self.last

    def _asked(self, judged: Question, seen: View) -> Question:
        """A view under the judgements of a question."""
        other = with_view(judged, seen)
        if not self.padded:
            return other
        here = {r.fact for r in seen.reports}
        every = self._every(judged, seen)
        hidden = np.array([r.fact not in here for r in every.reports], dtype=bool)
        return with_observations(other, every.without(hidden))

    def _every(self, judged: Question, seen: View) -> Observations:
        """All looks of the present question, under some judgements and behind some gates."""
        key = judged.priors.sha256, seen.gates
        if key not in self.every:
            whole = replace(self.q.view, gates=seen.gates)
            self.every[key] = observe(whole, judged.priors, judged.layout)
        return self.every[key]


def _edits(old: Priors, new: Priors) -> list[tuple[str, Priors]]:
    """Priors on the way from old to new, with a sentence on what is edited last; one step if many."""
    if old.sha256 == new.sha256:
        return []
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / name for name in ("old.yaml", "new.yaml")]
        for file, priors in zip(files, (old, new), strict=True):
            file.write_text(priors.resolved_yaml(), encoding="utf-8")
        paths = edited_paths(*files)
        told = [_edit(path, old, new) for path in paths]
        if len(paths) <= MOST_EDITS:
            try:
                between = [restore_priors(files[0], files[1], paths[:n]) for n in range(1, len(paths))]
                return list(zip(told, [*between, new], strict=True))
            except InputError:
                pass  # two values that go together only: one step
    return [(f"{len(paths)} edits of priors: {', '.join(paths[:MOST_EDITS])} ...", new)]


def _edit(path: str, old: Priors, new: Priors) -> str:
    """Say what a value was and is."""
    was, now = ({p: text for p, text, _ in priors.said}.get(path) for priors in (old, new))
    if not (was or now):
        return f"Prior {path} edited"
    return f"Prior {path}: {was or 'none'}, now {now or 'none'}"


def _by_origin(q: Question, earlier: Earlier) -> list[tuple[str, list[Report]]]:
    """Rows not known earlier, by origin, in order of publication whatever the order of the file."""
    old = {id(r) for r in earlier.rows}
    groups: dict[str, list[Report]] = {}
    for row in known(q.case, q.view.as_of):
        if id(row) not in old:
            groups.setdefault(row.origin, []).append(row)
    ordered = sorted(groups.items(), key=lambda group: (min(r.published for r in group[1]), group[0]))
    return [(origin, sorted(rows, key=_order)) for origin, rows in ordered]


def _order(r: Report) -> tuple[object, ...]:
    return (not r.modelled, r.published, r.date, r.until, r.site, r.indicator, r.scope)


def _what(rows: list[Report], q: Question, before: Collection[Report]) -> tuple[str, int]:
    """Say what an origin showed, and count its new facts; the most telling first."""
    old = {r.fact for r in before}
    facts = {r.fact for r in rows} - old
    first = next((r for r in rows if r.fact in facts), rows[0])
    text = say(first, q.priors, q.case)
    if not facts:
        return f"Reposts: {text}; +0.00, same origin", 0
    more, reposts = len(facts) - 1, len(rows) - len(facts)
    text += f"; {_number(more, 'fact')} more of the same origin" if more else ""
    text += f"; {_number(reposts, 'repost')}: +0.00, same origin" if reposts else ""
    return text, len(facts)


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"

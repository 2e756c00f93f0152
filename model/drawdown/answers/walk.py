"""A move cut into steps: values along a line of questions, told from fits at both ends.

A fit answers the questions near to it by reweighting. From the earlier end forward as far as weights
hold, then from the later end backward; where the two do not meet, a question between is fitted.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from drawdown.answers.assess import Question, prior_run
from drawdown.answers.prior import prior_table
from drawdown.answers.retell import Answer, Teller, same_late, same_priors, same_reports
from drawdown.answers.weigh import weigh
from drawdown.outcomes import OUTCOMES

MOST_FITS = 3
"""Between the ends. Steps that would need more are told as one."""


@dataclass(frozen=True)
class Move:
    """What some steps of the line change together; most often one.

    Attributes
    ----------
    start, stop : int
        Questions of the line before and after.
    delta : dims (outcome,)
    method : str
        `exact`, `reweighted` or `refitted`.
    """

    start: int
    stop: int
    delta: np.ndarray
    method: str


@dataclass(frozen=True)
class Walked:
    """The moves along a line, and what the fits disagree by where one hands over to the next.

    Attributes
    ----------
    moves : list of Move
    jumps : dims (outcome,)
        Monte Carlo error: moves and jumps sum to the last answer less the first.
    """

    moves: list[Move]
    jumps: np.ndarray


def walk(
    line: list[Question], first: Teller, last: Teller, refit: Callable[[Question], Teller]
) -> Walked:
    """Cut the move from the first question of a line to the last into steps.

    Parameters
    ----------
    line : list of Question
        Each the one before with something more known, judged or gone by.
    first, last : Teller
        Of fits to the first and the last of them.
    refit : callable
        Fits a question between.
    """
    return _Line(line, refit).between(0, _At(first, 0), len(line) - 1, _At(last, len(line) - 1))


def walk_back(line: list[Question], last: Teller) -> tuple[Walked, np.ndarray] | None:
    """Walk by the later fit alone, as far back as the first question.

    Returns
    -------
    (Walked, array of dims (outcome,)) or None
        The moves and the first answer; None where weights do not hold that far.
    """
    path, at = _Line(line), _At(last, len(line) - 1)
    if not all(path.holds(at, k) for k in reversed(range(at.place))):
        return None
    return Walked(path.moves(at, 0, at.place), np.zeros(len(OUTCOMES))), path.value(at, 0)


@dataclass
class _At:
    """A teller, where on the line it was fitted, and what it has told."""

    teller: Teller
    place: int


class _Line:
    def __init__(self, line: list[Question], refit: Callable[[Question], Teller] | None = None):
        self.line, self.refit = line, refit
        self.fits_left = MOST_FITS
        self.told: dict[tuple[int, int], Answer] = {}
        self.priors: dict[int, np.ndarray] = {}

    def between(self, start: int, left: _At, stop: int, right: _At) -> Walked:
        """Moves from one question to a later one, each told by a fit whose weights hold there."""
        ahead = start
        while ahead < stop and self.holds(left, ahead + 1):
            ahead += 1
        back = stop
        while back > ahead and self.holds(right, back - 1):
            back -= 1
        gap = self.gap(ahead, left, back, right)
        moves = [*self.moves(left, start, ahead), *gap.moves, *self.moves(right, back, stop)]
        return Walked(moves, gap.jumps)

    def gap(self, ahead: int, left: _At, back: int, right: _At) -> Walked:
        """What lies between the reach of two fits: nothing, one step, or more."""
        across = self.value(right, back) - self.value(left, ahead)
        if ahead == back:
            return Walked([], across)
        if back - ahead > 1 and self.fits_left and self.refit is not None:
            self.fits_left -= 1
            middle = (ahead + back) // 2
            between = _At(self.refit(self.line[middle]), middle)
            one = self.between(ahead, left, middle, between)
            two = self.between(middle, between, back, right)
            return Walked(one.moves + two.moves, one.jumps + two.jumps)
        return Walked([Move(ahead, back, across, "refitted")], np.zeros(len(OUTCOMES)))

    def moves(self, at: _At, start: int, stop: int) -> list[Move]:
        """Single steps, all told by one fit."""
        out = []
        for k in range(start, stop):
            out.append(Move(k, k + 1, self.value(at, k + 1) - self.value(at, k), self.method(at, k)))
        return out

    def method(self, at: _At, k: int) -> str:
        """Whether weights had a say in the step from a question to the next."""
        even = all(n == at.place or self.tell(at, n).method == "exact" for n in (k, k + 1))
        return "exact" if even or same_draws(self.line[k], self.line[k + 1]) else "reweighted"

    def holds(self, at: _At, k: int) -> bool:
        same_shape = self.line[k].layout == at.teller.base.question.layout
        return same_shape and at.teller.holds(self.tell(at, k))

    def value(self, at: _At, k: int) -> np.ndarray:
        return at.teller.base.weighed.outcomes if k == at.place else self.tell(at, k).outcomes

    def tell(self, at: _At, k: int) -> Answer:
        """Answer a question of the line; the one before serves again if only politics differ."""
        key = at.place, k
        if key not in self.told:
            nearer = k - 1 if k > at.place else k + 1
            before = self.told.get((at.place, nearer))
            if before is not None and same_physics(self.line[nearer], self.line[k]):
                self.told[key] = self.said_again(before, k)
            else:
                self.told[key] = at.teller.reweighted(self.line[k])
        return self.told[key]

    def said_again(self, before: Answer, k: int) -> Answer:
        """The same draws and weights with other politics and base rates."""
        q = self.line[k]
        if q.log_politics is before.question.log_politics and q.priors is before.question.priors:
            return replace(before, question=q)
        prior = self.prior_table(k)
        weighed = weigh(before.log_z, before.table.chance, prior, q.besides)
        return replace(before, question=q, weighed=weighed)

    def prior_table(self, k: int) -> np.ndarray:
        """Where each hypothesis stands on the horizon with no report; dims (hypothesis, outcome)."""
        for other, table in self.priors.items():
            one, two = self.line[other], self.line[k]
            if same_late(one, two) and all(same_priors(one, two, h) for h in OUTCOMES):
                return table
        self.priors[k] = prior_table({h: prior_run(self.line[k], h) for h in OUTCOMES}).chance
        return self.priors[k]


def same_physics(one: Question, two: Question) -> bool:
    """Whether two questions differ in politics and base rates at most."""
    return same_draws(one, two) and same_late(one, two)


def same_draws(one: Question, two: Question) -> bool:
    """Whether two questions have the same posterior of all that is sampled."""
    if one.layout != two.layout or not same_reports(one, two):
        return False
    return all(same_priors(one, two, h) for h in OUTCOMES)

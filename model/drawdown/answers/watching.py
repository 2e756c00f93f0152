"""The answer kept up to date while its files are edited: draws weighed again, or fitted again."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from drawdown.answers.assess import Assessment, Progress, Question, ask
from drawdown.answers.base import base_assessment
from drawdown.answers.retell import Teller
from drawdown.answers.whatif import serves
from drawdown.errors import InputError, Problem
from drawdown.files.case import load_case
from drawdown.files.priors import DIRECTORY, load_priors
from drawdown.inference.fitted import QUICK

UNCHANGED = "unchanged"


@dataclass(frozen=True)
class Update:
    """The answer after a save.

    Attributes
    ----------
    as_of : date
    before, after, delta_mcse : dims (outcome,)
        `delta_mcse` is the Monte Carlo error of the answer less that of the last fit.
    method : str
        `exact`, `reweighted` or `refitted`; `unchanged` where nothing that counts was edited.
    khat : float
    passed : bool
        Whether a refit passed the checks.
    seconds : float
        From the call to the answer.
    """

    as_of: date
    before: np.ndarray
    after: np.ndarray
    delta_mcse: np.ndarray
    method: str
    khat: float
    passed: bool
    seconds: float


class Watched:
    """One case and its priors, asked again whenever they are edited.

    Every answer starts from a fit, never from weighted draws; a refit is the fit of the next answers.
    All fits are of few draws, but for the first where a full run is at hand.

    Parameters
    ----------
    folder : Path
        Of the case.
    overlays : sequence of Path
    as_of : date or None
    seed : int
    progress : callable
    """

    def __init__(
        self,
        folder: Path,
        overlays: Sequence[Path] = (),
        as_of: date | None = None,
        seed: int = 1,
        progress: Progress = lambda _: None,
    ):
        self.folder, self.overlays, self.as_of, self.seed = folder, list(overlays), as_of, seed
        q = self._asked()
        self.teller = Teller(base_assessment(q, as_of, quick=True, progress=progress))
        self.question, self.outcomes = q, self.teller.base.weighed.outcomes

    def files(self) -> list[Path]:
        """What the answer is made from."""
        own = [file for kind in ("*.yaml", "*.csv") for file in self.folder.glob(kind)]
        return [*own, DIRECTORY / "defaults.yaml", DIRECTORY / "learned.yaml", *self.overlays]

    def update(self) -> Update:
        """Read the files again and answer.

        Raises
        ------
        InputError
            If a file is wrong; the last answer stands.
        """
        began = time.perf_counter()
        q, before, base = self._asked(), self.outcomes, self.teller.base
        said = q.view.sha256, q.priors.sha256, q.view.as_of, q.case.horizon
        last = self.question
        if said == (last.view.sha256, last.priors.sha256, last.view.as_of, last.case.horizon):
            nothing = np.zeros(len(before))
            return self._told(q, began, before, before, nothing, UNCHANGED)
        try:
            told = self.teller.reweighted(q) if q.layout == base.question.layout else None
            if told is not None and (told.method == "exact" or serves(self.teller, told)):
                after, error = told.outcomes, told.change_mcse
                return self._told(q, began, before, after, error, told.method, told.khat)
            a = self.teller.refit(q, QUICK.near())
        except ValueError as error:
            # priors under which the stated base rates cannot come about have no answer
            raise InputError([Problem(self.folder.name, 0, 0, str(error), "other priors")]) from None
        if a.passed:
            self.teller = Teller(a)
        return self._fitted(q, began, before, a, base)

    def _asked(self) -> Question:
        priors = load_priors(self.overlays)
        return ask(load_case(self.folder, priors), priors, self.as_of, self.seed)

    def _fitted(
        self, q: Question, began: float, before: np.ndarray, a: Assessment, base: Assessment
    ) -> Update:
        error = np.hypot(a.mcse, base.mcse)
        return self._told(q, began, before, a.weighed.outcomes, error, "refitted", passed=a.passed)

    def _told(
        self,
        q: Question,
        began: float,
        before: np.ndarray,
        after: np.ndarray,
        error: np.ndarray,
        method: str,
        khat: float = -np.inf,
        passed: bool = True,
    ) -> Update:
        self.question, self.outcomes = q, after
        took = time.perf_counter() - began
        return Update(q.view.as_of, before, after, error, method, khat, passed, took)

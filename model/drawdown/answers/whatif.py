"""Before and after: what each change makes of the answer, alone and with the others."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from drawdown.answers.alternatives import Alternative
from drawdown.answers.assess import Progress
from drawdown.answers.retell import Answer, Teller
from drawdown.errors import InputError, Problem
from drawdown.inference.fitted import usual
from drawdown.outcomes import OUTCOMES

MAX_CHANGE_ERROR = 0.0075
"""Standard error of a change in probability beyond which draws are not reweighted but fitted again."""
MIN_EFFECTIVE = 0.25
"""Of the draws: with fewer, and within the limits of the weights, an answer was 0.015 off in the mean
over four seeds (docs/reweighting.md)."""


@dataclass(frozen=True)
class Effect:
    """A change and the answer with it.

    Attributes
    ----------
    alternative : Alternative
    answer : Answer
    delta : dims (outcome,)
        The answer less the one before.
    """

    alternative: Alternative
    answer: Answer
    delta: np.ndarray


@dataclass(frozen=True)
class WhatIf:
    """What was wondered about, answered.

    Attributes
    ----------
    case, as_of : str
    before : dims (outcome,)
    mcse : dims (outcome,)
        Monte Carlo error of `before`.
    effects : tuple of Effect
        Each change alone, largest move of an outcome first.
    together : Effect
    """

    case: str
    as_of: str
    before: np.ndarray
    mcse: np.ndarray
    effects: tuple[Effect, ...]
    together: Effect

    @property
    def passed(self) -> bool:
        """Whether every refit passed the checks of the gate."""
        return all(effect.answer.passed for effect in (*self.effects, self.together))


def what_if(
    teller: Teller,
    alone: Sequence[Alternative],
    together: Alternative,
    progress: Progress = lambda _: None,
    *,
    quick: bool = False,
) -> WhatIf:
    """Answer the questions of some changes from the draws of a base, fitting again where need be.

    Parameters
    ----------
    teller : Teller
        Of the base.
    alone : sequence of Alternative
        At least one.
    together : Alternative
        With all the changes; the one change itself where there is one.
    quick : bool
        Few draws where a change needs a fit.
    """
    base = teller.base
    effects = [effect_of(teller, alternative, progress, quick=quick) for alternative in alone]
    last = effects[0] if together is alone[0] else effect_of(teller, together, progress, quick=quick)
    effects.sort(key=lambda effect: -round(float(np.abs(effect.delta).max()), 9))
    return WhatIf(
        case=base.question.case.slug,
        as_of=base.question.view.as_of.isoformat(),
        before=base.weighed.outcomes,
        mcse=base.mcse,
        effects=tuple(effects),
        together=last,
    )


def effect_of(
    teller: Teller, alternative: Alternative, progress: Progress, *, quick: bool = False
) -> Effect:
    """Answer the question of one change from the draws of a base, or by a fit; quick with few draws."""
    q, name = alternative.question, alternative.path or "all changes"
    try:
        told = teller.reweighted(q) if q.layout == teller.base.question.layout else None
        if told is None or not serves(teller, told):
            progress(f"Fitting again with {name}")
            told = teller.refitted(q, usual(quick))
    except ValueError as error:
        # priors under which the stated base rates cannot come about have no answer
        raise InputError([Problem(name, 0, 0, str(error), "other priors")]) from None
    return Effect(alternative, told, told.outcomes - teller.base.weighed.outcomes)


def serves(teller: Teller, told: Answer) -> bool:
    """Whether a reweighted answer is good enough to print."""
    draws = min(len(fit.outcome) for fit in teller.base.fits.values())
    sharp = float(told.change_mcse.max()) <= MAX_CHANGE_ERROR
    return teller.holds(told) and sharp and told.ess >= MIN_EFFECTIVE * draws


def record(found: WhatIf, seconds: float) -> dict[str, Any]:
    """Return what `whatif --json` prints."""
    return {
        "case": found.case,
        "as_of": found.as_of,
        "before": named(found.before),
        "before_mcse": named(found.mcse),
        "after": named(found.together.answer.outcomes),
        "together": row(found.together),
        "changes": [row(effect) for effect in found.effects],
        "seconds": round(seconds, 3),
    }


def row(effect: Effect) -> dict[str, Any]:
    """A change as JSON has it."""
    answer, told = effect.answer, effect.alternative
    weighed = answer.method == "reweighted"
    return {
        "what": told.what,
        "path": told.path,
        "said": told.said,
        "becomes": told.becomes,
        "note": told.note,
        "outcomes": named(answer.outcomes),
        "delta": named(effect.delta),
        "method": answer.method,
        "khat": round(answer.khat, 4) if weighed else None,
        "ess": round(answer.ess) if weighed else None,
        "mcse": named(answer.mcse),
        "delta_mcse": named(answer.change_mcse),
        "passed": answer.passed,
    }


def named(values: np.ndarray) -> dict[str, float]:
    """Values by outcome."""
    return dict(zip(OUTCOMES, map(float, values), strict=True))

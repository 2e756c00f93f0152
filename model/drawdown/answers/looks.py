"""What to look for next: every look once more, by chance of getting it times what it would say."""

from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from drawdown.answers.assess import Assessment
from drawdown.answers.imagined import imagine
from drawdown.answers.information import TINY, Joint, certain
from drawdown.answers.prospect import Prospect, as_json, of_count, of_word
from drawdown.answers.rumours import Rumour, answer_chances, rumours
from drawdown.outcomes import OUTCOMES

GRADE = "B2"
"""A usually reliable source whose report is probably true: a look by a good sensor."""
WITHIN_DAYS = 7.0
PAIRED = 8
"""Looks of most worth that are tried two at a time; the work grows as their square."""
MOST_LOOKS, MOST_PAIRS = 12, 3
"""Kept in `assessment.json`."""


@dataclass(frozen=True)
class Pair:
    """Two looks together, each by an origin of its own.

    Attributes
    ----------
    first, second : int
        Places in the list of looks.
    information : float
        Of both answers, in bits.
    chance : float
        Of getting both, as if one look did not hang on the other.
    worth : float
        Expected information of trying to get both, where it may be one that is got; in bits.
    """

    first: int
    second: int
    information: float
    chance: float
    worth: float


@dataclass(frozen=True)
class Outlook:
    """The looks that could be made next, and the best pairs of them.

    Attributes
    ----------
    looks : list of Prospect
        Largest worth first.
    pairs : list of Pair
        Of the first looks; largest worth first.
    within : float
        Days in which a look is to be got.
    """

    looks: list[Prospect]
    pairs: list[Pair]
    within: float


def look_ahead(a: Assessment, *, within: float = WITHIN_DAYS, grade: str = GRADE) -> Outlook:
    """Rank what could be looked at next.

    Parameters
    ----------
    a : Assessment
    within : float
        Days in which the look is to be got; its chance is rescaled as that of a steady rate.
    grade : str
        Of who looks or says.
    """
    stands = standing(a)
    found = looks(a, stands, within, grade)
    return Outlook(found, pairs(a, stands, found), within)


def standing(a: Assessment) -> np.ndarray:
    """Weight of each draw of all hypotheses at the outcome where it stands; dims (draw, outcome)."""
    weights = a.draw_weights()
    return np.concatenate([certain(a.fits[h].outcome, weights[h]) for h in OUTCOMES])


def looks(a: Assessment, stands: np.ndarray, within: float, grade: str) -> list[Prospect]:
    """Every look that could be made next, largest worth first."""
    q, found = a.question, []
    for imagined in imagine(a, grade):
        edges = imagined.edges(stands.sum(axis=1))
        joint = Joint((imagined.chance(edges) @ stands).T, q.besides)
        found.append(of_count(q, imagined, edges, joint, within))
    for rumour in rumours(q, grade):
        joint = Joint(_outcomes(a)[:, None] * answer_chances(q, [rumour]), q.besides)
        found.append(of_word(q, rumour, joint, within))
    return sorted(found, key=lambda look: (-look.worth, look.site, look.indicator))


def pairs(a: Assessment, stands: np.ndarray, found: list[Prospect], most: int = PAIRED) -> list[Pair]:
    """The first looks two at a time, largest worth first."""
    said = [_said(look, stands) for look in found[:most]]
    out = []
    for i, j in combinations(range(len(said)), 2):
        one, two = found[i], found[j]
        joint = Joint(_both(a, (one, said[i]), (two, said[j])), a.question.besides)
        got = one.chance * two.chance
        alone = one.worth * (1.0 - two.chance) + two.worth * (1.0 - one.chance)
        out.append(Pair(i, j, joint.information, got, got * joint.information + alone))
    return sorted(out, key=lambda pair: (-pair.worth, pair.first, pair.second))


def together(a: Assessment, one: Prospect, two: Prospect) -> Joint:
    """Outcome and the answers of two looks; a physical look may be made twice, by two origins."""
    stands = standing(a)
    both = _both(a, (one, _said(one, stands)), (two, _said(two, stands)))
    return Joint(both, a.question.besides)


def summary(outlook: Outlook) -> dict[str, Any]:
    """`looks` and `look_pairs` of `assessment.json`."""
    rows = [as_json(look, outlook.within) for look in outlook.looks]
    return {"looks": rows, "look_pairs": [_pair_json(outlook, pair) for pair in outlook.pairs]}


def _pair_json(outlook: Outlook, pair: Pair) -> dict[str, Any]:
    one, two = outlook.looks[pair.first], outlook.looks[pair.second]
    alone = one.joint.information, two.joint.information
    return {
        "looks": [pair.first, pair.second],
        "what": [one.what, two.what],
        "information_bits": pair.information,
        "beyond_best_bits": pair.information - max(alone),
        "beyond_sum_bits": pair.information - sum(alone),
        "chance": pair.chance,
        "worth_bits": pair.worth,
    }


def _outcomes(a: Assessment) -> np.ndarray:
    """Chance of each outcome without the reserve; dims (outcome,)."""
    out: np.ndarray = a.weighed.joint.sum(axis=0)
    return out


Said = list[tuple[np.ndarray, np.ndarray]]
"""By outcome: what a look says at the draws that stand there, dims (answer, draw), and their weights."""


def _said(look: Prospect, stands: np.ndarray) -> Said:
    """Answers of a physical look by draw; nothing for a political one."""
    if isinstance(look.source, Rumour):
        return []
    chance = look.source.chance(look.source.edges(stands.sum(axis=1)))
    return [(chance[:, weight > 0.0], weight[weight > 0.0]) for weight in stands.T]


def _both(a: Assessment, one: tuple[Prospect, Said], two: tuple[Prospect, Said]) -> np.ndarray:
    """Chance of outcome and both answers, without the reserve; dims (outcome, answers of both)."""
    (first, said), (second, other) = one, two
    if said and other:
        joint = [(p * weight) @ r.T for (p, weight), (r, _) in zip(said, other, strict=True)]
        return np.stack(joint).reshape(len(OUTCOMES), -1)
    if isinstance(first.source, Rumour) and isinstance(second.source, Rumour):
        chances = answer_chances(a.question, [first.source, second.source])
        return _outcomes(a)[:, None] * chances
    # given the outcome, what is said and what moves are independent
    total = np.maximum(_outcomes(a), TINY)[:, None, None]
    product = first.joint.chance[:, :, None] * second.joint.chance[:, None, :] / total
    return product.reshape(len(OUTCOMES), -1)

"""Whether the model is calibrated: every test over the episodes that `trial` answered.

Each compares a number with its distribution under perfect calibration, which is simulated; the limit is
shared over the tests, so that the chance that a sound model fails any of them is what is said here.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy.special import bdtr, bdtrc

from drawdown.answers.places import band, by_name, one_each, uniform
from drawdown.answers.stated import NULL, SHOWN, Check, slope, stated_tests, upper
from drawdown.outcomes import OUTCOMES
from drawdown.seeds import stage_generator

Record = dict[str, Any]
LEVEL = 0.01
"""Chance that a sound model fails any of the tests."""
BANDS = (0.5, 0.9)


def check(records: Sequence[Record], base_rates: np.ndarray) -> Record:
    """Run every test over the records of `attempt`, and lay out their tables.

    Returns
    -------
    dict
        `checks`, their `limit` and whether all `passed`; `reliability`, `slopes` and `coverage`;
        `places` by kind, with the band that holds all of a kind at once.
    """
    found = [r["trial"] for r in records]
    checks, reliability, slopes = [], {}, {}
    for name, key in (("outcomes", "outcome"), ("hypotheses", "hypothesis")):
        stated = np.array([[t[name][o] for o in OUTCOMES] for t in found])
        came = np.array([OUTCOMES.index(t[key]) for t in found])
        tests, reliability[name] = stated_tests(name, stated, came)
        checks += tests
        slopes[name] = slope(stated, came)
    checks.append(_simulated(found, base_rates))
    placed = _parameters(found)
    checks += placed
    sites = [t | {"sites": _flat(t)} for t in found]
    checks.append(_worst("sites", "how far each garrison has gone", by_name(sites, "sites")))
    checks.append(Check("cut", "the lasting cut of the force on the horizon", uniform(_cuts(found))))
    coverage, tests = _coverage(sites)
    checks += tests
    limit = LEVEL / len(checks)
    return {
        "simulations": len(found),
        "checks": [{"name": c.name, "what": c.what, "p": c.p, "passed": c.p >= limit} for c in checks],
        "limit": limit,
        "level": LEVEL,
        "passed": all(c.p >= limit for c in checks),
        "reliability": reliability,
        "slopes": slopes,
        "coverage": coverage,
        "places": _shown(found),
    }


def _simulated(found: Sequence[Record], base_rates: np.ndarray) -> Check:
    """Whether the episodes came as the base rates say, as they must if P(h) is solved right."""
    came = np.bincount([OUTCOMES.index(t["outcome"]) for t in found], minlength=len(OUTCOMES))
    expected = len(found) * base_rates
    rng = stage_generator(0, "calibration", "base rates")
    null = rng.multinomial(len(found), base_rates, NULL)
    off, far = ((came - expected) ** 2 / expected).sum(), ((null - expected) ** 2 / expected).sum(axis=1)
    return Check("base rates", "how often each outcome was simulated", upper(float(off), far))


def _cuts(found: Sequence[Record]) -> np.ndarray:
    return np.array([t["cut"] for t in found])


def _parameters(found: Sequence[Record]) -> list[Check]:
    kinds = one_each(found, "ranks")
    words = {"log_weight": "log likelihood of the reports, with the region"}
    out = [
        Check(f"place: {kind}", words.get(kind, "one parameter of the kind an episode"), uniform(places))
        for kind, places in kinds.items()
    ]
    return [*out, _worst("parameters", "every parameter of every case", by_name(found, "ranks"))]


def _shown(found: Sequence[Record]) -> Record:
    """What the figure draws: places of one parameter of each kind an episode, and their band."""
    kinds = one_each(found, "ranks") | {"cut": _cuts(found)}
    points, low, high = band(len(found), SHOWN)
    return {
        "kinds": {kind: np.sort(places).round(4).tolist() for kind, places in kinds.items()},
        "band": {"points": points.tolist(), "low": low.tolist(), "high": high.tolist()},
    }


def _worst(name: str, what: str, places: Mapping[str, np.ndarray]) -> Check:
    """The worst of many quantities, counted as many times as there are."""
    each = {key: uniform(values) for key, values in places.items()}
    worst = min(each, key=lambda key: each[key])
    return Check(name, f"{what}; worst of {len(each)}: {worst}", min(1.0, len(each) * each[worst]))


def _flat(t: Record) -> dict[str, float]:
    when = ("on the date", "on the horizon")
    return {f"{s} {when[k]}": p for s, places in t["sites"].items() for k, p in enumerate(places)}


def _coverage(found: Sequence[Record]) -> tuple[list[Record], list[Check]]:
    """How often a site lies in its 50 and 90 % bands; the test takes one site an episode by lot."""
    every = by_name(found, "sites")
    rows = [{"what": name, "number": len(p)} | _inside(p) for name, p in every.items()]
    rng = stage_generator(0, "calibration", "coverage")
    one = np.array([list(t["sites"].values())[rng.integers(len(t["sites"]))] for t in found])
    tests = []
    for share in BANDS:
        inside = int((np.abs(one - 0.5) <= share / 2).sum())
        p = min(1.0, 2 * min(bdtr(inside, len(one), share), _at_least(inside, len(one), share)))
        words = f"a site lies in its {share:.0%} band in {inside / len(one):.0%}"
        tests.append(Check(f"coverage {share:.0%}", words, float(p)))
    return rows, tests


def _at_least(count: int, number: int, chance: float) -> float:
    return float(bdtrc(count - 1, number, chance)) if count else 1.0


def _inside(places: np.ndarray) -> Record:
    return {f"{share:.0%}": float((np.abs(places - 0.5) <= share / 2).mean()) for share in BANDS}

"""What the plain script is compared with: the answer alone, without a report.

`python ours.py DATE [quick|sharp|SEEDS]` prints seconds and what it knows of P(full exit), as `plain.py`
does; `sharp` has three times as many proposals and draws as a full run, from the same chains. A number
asks for so many full runs, each with a seed of its own.
"""

import json
import sys
import time
from dataclasses import replace
from datetime import date

import numpy as np
from machine import ANSWER, ENDING, syria

from drawdown.answers.assess import (
    Assessment,
    Question,
    assemble,
    assess,
    fit_each,
    integral_se,
    prepare,
)
from drawdown.inference.fitted import FULL
from drawdown.inference.sample import Sampler
from drawdown.outcomes import OUTCOMES

PLACE = OUTCOMES.index("full_exit")


def how_it_ends(a: Assessment, known: Assessment) -> tuple[float, float]:
    """P(full exit) as the plain script asks for it, and its error.

    That is how the episode ends given the physical reports, with the chances of the hypotheses and the
    mass of the prior's region taken for known, as they are in the plain script.
    """
    integrals = np.array([a.fits[h].evidence.log for h in OUTCOMES])
    region = np.array([known.prior_runs[h].log_region for h in OUTCOMES])
    p = known.weighed.prior_hypotheses * np.exp(integrals - region - integrals.max())
    p /= p.sum()
    slope = p[PLACE] * (np.eye(len(p))[PLACE] - p)
    return float(p[PLACE]), float(np.sqrt(slope**2 @ integral_se(a.fits) ** 2))


def once(q: Question, sampler: Sampler, kind: str) -> Assessment:
    """Fit, weigh and simulate once."""
    if kind == "sharp":
        effort = replace(FULL, fresh=3 * FULL.fresh, kept=3 * FULL.kept)
        return assemble(q, fit_each(q, OUTCOMES, sampler, effort))
    return assess(q, quick=kind == "quick", sampler=sampler)


def main(day: date, kind: str = "") -> dict:
    """`sampling` is without loading compiled code; answers have a mean and an error of each run."""
    q = syria(day)
    sampler = prepare(q)
    seeds = range(q.seed, q.seed + (int(kind) if kind.isdigit() else 1))
    answers: dict[str, list[tuple[float, float]]] = {ENDING: [], ANSWER: []}
    known, began = None, time.perf_counter()
    for seed in seeds:
        a = once(replace(q, seed=seed), sampler, kind)
        known = known or a
        answers[ENDING].append(how_it_ends(a, known))
        answers[ANSWER].append((float(a.weighed.outcomes[PLACE]), float(a.mcse[PLACE])))
    return {"sampling": time.perf_counter() - began, "answers": answers}


if __name__ == "__main__":
    print("RESULT " + json.dumps(main(date.fromisoformat(sys.argv[1]), *sys.argv[2:])))

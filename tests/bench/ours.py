"""What the plain script is compared with: the answer alone, without a report.

`python ours.py DATE [quick|sharp]` prints seconds and what it knows of P(full exit), as `plain.py` does;
`sharp` has three times as many proposals and draws as a full run, from the same chains.
"""

import json
import sys
import time
from dataclasses import replace
from datetime import date

from machine import syria

from drawdown.answers.assess import assemble, assess, fit_each, prepare
from drawdown.inference.fitted import FULL
from drawdown.outcomes import OUTCOMES


def main(day: date, kind: str = "") -> dict[str, float]:
    """Fit, weigh and simulate once; `sampling` is without loading compiled code."""
    q = syria(day)
    sampler = prepare(q)
    began = time.perf_counter()
    if kind == "sharp":
        effort = replace(FULL, fresh=3 * FULL.fresh, kept=3 * FULL.kept)
        a = assemble(q, fit_each(q, OUTCOMES, sampler, effort))
    else:
        a = assess(q, quick=kind == "quick", sampler=sampler)
    took, place = time.perf_counter() - began, OUTCOMES.index("full_exit")
    p, error = float(a.weighed.outcomes[place]), float(a.mcse[place])
    return {"sampling": took, "mean": p, "draws": p * (1.0 - p) / error**2}


if __name__ == "__main__":
    print("RESULT " + json.dumps(main(date.fromisoformat(sys.argv[1]), *sys.argv[2:])))

"""What the plain script is compared with: the answer alone, without a report.

`python ours.py DATE [quick]` prints seconds and what it knows of P(full exit), as `plain.py` does.
"""

import json
import sys
import time
from datetime import date

from machine import syria

from drawdown.answers.assess import assess, compile_sampler
from drawdown.outcomes import OUTCOMES


def main(day: date, kind: str = "") -> dict[str, float]:
    """Fit, weigh and simulate once."""
    q = syria(day)
    sampler = compile_sampler(q)
    began = time.perf_counter()
    a = assess(q, quick=kind == "quick", sampler=sampler)
    took, place = time.perf_counter() - began, OUTCOMES.index("full_exit")
    p, error = float(a.weighed.outcomes[place]), float(a.mcse[place])
    return {"sampling": took, "mean": p, "draws": p * (1.0 - p) / error**2}


if __name__ == "__main__":
    print("RESULT " + json.dumps(main(date.fromisoformat(sys.argv[1]), *sys.argv[2:])))

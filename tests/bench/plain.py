"""The plain script: the same model and data in PyMC, the hypothesis summed out, with defaults.

`python plain.py DATE [smc|numpyro|edited]` prints seconds by stage and what it knows of P(full exit).
`edited` changes one prior by nothing that counts: data are constants of the graph, so that any edit has
it compiled anew.
"""

import json
import sys
import time
from datetime import date

import numpy as np
from machine import syria

from drawdown.answers.assess import Question, prior_run
from drawdown.answers.weigh import solve_hypotheses, tabulate
from drawdown.model.build import log_weight
from drawdown.outcomes import OUTCOMES


def mixture(q: Question, edit: float = 0.0):
    """One PyMC model of all hypotheses: the standard normals are common, their meaning is not.

    Parameters
    ----------
    edit : float
        Added to the log duration of every hypothesis.
    """
    import pymc as pm
    import pytensor.tensor as pt

    runs = [prior_run(q, h) for h in OUTCOMES]
    table = tabulate([r.outcome for r in runs], [r.weights for r in runs]).chance
    chance, _ = solve_hypotheses(table, q.besides.base_rates)
    with pm.Model() as model:
        u = {name: pm.Normal(name, 0.0, 1.0, shape=size) for name, size in q.layout.sizes.items()}
        terms = []
        for h, p, run in zip(OUTCOMES, chance, runs, strict=True):
            values = q.hyper[h] | q.observations.arrays
            values |= {"duration_mu": values["duration_mu"] + edit}
            known = {k: pt.as_tensor_variable(v) for k, v in values.items()}
            terms.append(float(np.log(p) - run.log_region) + log_weight(u, known, q.layout))
        stacked = pt.stack(terms)
        pm.Potential("reports", pt.logsumexp(stacked))
        pm.Deterministic("chance", pm.math.softmax(stacked))
    return model


def worth(series: np.ndarray) -> tuple[float, float]:
    """Mean of a chance, and how many independent draws of the hypothesis would be as sharp.

    Parameters
    ----------
    series : dims (chain, draw)
    """
    from arviz_stats.base import array_stats

    mean = float(series.mean())
    # chains that disagree say more of the error than each of them does
    within = float(series.var() / array_stats.ess(series, method="mean"))
    between = float(series.mean(axis=1).var(ddof=1) / len(series))
    return mean, mean * (1.0 - mean) / max(within, between, 1e-12)


def main(day: date, kind: str = "") -> dict[str, float]:
    """Sample once; `sampling` is without making the model, and without compiling where that is told."""
    import pymc as pm

    edit, kind = (1e-9 * time.time() % 1e-6, "") if kind == "edited" else (0.0, kind)
    model = mixture(syria(day), edit)
    began = time.perf_counter()
    with model:
        if kind == "smc":
            trace = pm.sample_smc(random_seed=1, progressbar=False)
        elif kind:
            trace = pm.sample(random_seed=1, progressbar=False, nuts_sampler=kind)
        else:
            trace = pm.sample(random_seed=1, progressbar=False)
    series = np.asarray(trace["posterior"]["chance"])[..., OUTCOMES.index("full_exit")]
    whole = time.perf_counter() - began
    mean, draws = worth(series)
    took = float(trace["posterior"].attrs.get("sampling_time", whole))
    return {"sampling": took, "mean": mean, "draws": draws}


if __name__ == "__main__":
    print("RESULT " + json.dumps(main(date.fromisoformat(sys.argv[1]), *sys.argv[2:])))

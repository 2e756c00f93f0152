"""The plain script: the same model and data in PyMC, the hypothesis summed out, with defaults.

`python plain.py DATE [smc|numpyro|edited|SEEDS]` prints seconds by stage and what it knows of P(full
exit). `edited` changes one prior by nothing that counts: data are constants of the graph, so that any
edit has it compiled anew. A number asks for so many runs of one compilation, by what `pm.sample` itself
calls, each with a seed of its own.
"""

import json
import sys
import time
from datetime import date

import numpy as np
from machine import ENDING, syria

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


def known(series: np.ndarray) -> tuple[float, float]:
    """Mean of a chance, and its Monte Carlo error.

    Parameters
    ----------
    series : dims (chain, draw)
    """
    from arviz_stats.base import array_stats

    # chains that disagree say more of the error than each of them does
    within = float(series.var() / array_stats.ess(series, method="mean"))
    between = float(series.mean(axis=1).var(ddof=1) / len(series))
    return float(series.mean()), float(np.sqrt(max(within, between)))


def repeated(model, number: int):
    """Traces of seeds; chains and draws are the defaults of `pm.sample` on two cores."""
    import nutpie

    compiled = nutpie.compile_pymc_model(model)
    for seed in range(1, number + 1):
        yield nutpie.sample(compiled, draws=1000, tune=1000, chains=2, seed=seed, progress_bar=False)


def sampled(model, kind: str):
    """One trace."""
    import pymc as pm

    with model:
        if kind == "smc":
            return pm.sample_smc(random_seed=1, progressbar=False)
        how = {"nuts_sampler": kind} if kind else {}
        return pm.sample(random_seed=1, progressbar=False, **how)


def main(day: date, kind: str = "") -> dict:
    """`sampling` is without making the model, and without compiling where that is told."""
    edit, kind = (1e-9 * time.time() % 1e-6, "") if kind == "edited" else (0.0, kind)
    model = mixture(syria(day), edit)
    began = time.perf_counter()
    traces = repeated(model, int(kind)) if kind.isdigit() else [sampled(model, kind)]
    answers, took = [], 0.0
    for trace in traces:
        series = np.asarray(trace["posterior"]["chance"])[..., OUTCOMES.index("full_exit")]
        answers.append(known(series))
        took = float(trace["posterior"].attrs.get("sampling_time", time.perf_counter() - began))
    return {"sampling": took, "answers": {ENDING: answers}}


if __name__ == "__main__":
    print("RESULT " + json.dumps(main(date.fromisoformat(sys.argv[1]), *sys.argv[2:])))

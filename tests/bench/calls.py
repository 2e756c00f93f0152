"""(c) Calls of the log density with its gradient: bare, as the sampler gets them, and in a fit."""

import numpy as np
from machine import DAY, few_draws, processor_seconds, syria

NUMBER = 20_000


def table() -> list[str]:
    """Microseconds of a processor a call."""
    from numba import njit

    from drawdown.answers.assess import compile_sampler
    from drawdown.inference.fitted import FULL
    from drawdown.inference.sample import CHAINS, MAX_DEPTH
    from drawdown.model.kernel import unpack
    from drawdown.model.packed import pack
    from drawdown.model.slopes import value_and_slopes

    @njit(error_model="numpy")
    def bare(real, whole, z):
        prior, looks, counts, patterns = unpack(real, whole)
        out, total = np.empty(z.shape[1]), 0.0
        for i in range(len(z)):
            total += value_and_slopes(z[i], prior, looks, counts, patterns, out)
        return total

    q = syria(DAY)
    hyper, obs = q.hyper["partial_redeployment"], q.observations.arrays
    data = hyper | obs
    block, sampler = pack(hyper, obs, q.layout), compile_sampler(q)
    z = few_draws(q, NUMBER)
    bare(block, block.view(np.int64), z[:1])
    first, _ = processor_seconds(lambda: bare(block, block.view(np.int64), z))
    import nutpie

    def fit():
        return nutpie.sample(
            sampler._compiled.with_data(**data),
            draws=FULL.draws,
            tune=FULL.tune,
            chains=CHAINS,
            cores=2,
            seed=1,
            maxdepth=MAX_DEPTH,
            target_accept=FULL.target_accept,
            save_warmup=True,
            progress_bar=False,
        )

    fitting, trace = processor_seconds(fit)
    again, _ = processor_seconds(lambda: bare(block, block.view(np.int64), z))
    steps = sum(
        int(np.asarray(trace[g]["n_steps"]).sum()) for g in ("sample_stats", "warmup_sample_stats")
    )
    call, each = (first + again) / 2 / NUMBER, fitting / steps
    return [
        "| | microseconds of a processor | of the bare call |",
        "| --- | --- | --- |",
        f"| bare Numba loop, value and gradient | {1e6 * call:.1f} | 1 |",
        f"| a leapfrog step of a fit, all in ({steps:,}) | {1e6 * each:.1f} | {each / call:.2f} |",
    ]

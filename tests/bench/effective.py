"""(b) Effective draws of P(full exit) a second: against the plain script and other samplers."""

from importlib.util import find_spec

from machine import DAY, seconds, syria
from whole import plain


def table() -> list[str]:
    """Each in turn, in processes that have compiled before."""
    from drawdown.answers.assess import assess, compile_sampler

    q = syria(DAY)
    sampler = compile_sampler(q)
    assess(q, quick=True, sampler=sampler)
    took, a = seconds(lambda: assess(q, sampler=sampler))
    p, error = float(a.weighed.outcomes[2]), float(a.mcse[2])
    ours = p * (1.0 - p) / error**2 / took
    rows = [
        "| way | P(full exit) | effective draws | seconds | a second | ours over it |",
        "| --- " * 6 + "|",
    ]
    rows.append(
        f"| a fit a hypothesis, bridge | {p:.3f} | {ours * took:,.0f} | {took:.1f} | {ours:,.1f} | |"
    )
    for name, kind in (
        ("`pm.sample`, mixture", ()),
        ("NumPyro, mixture", ("numpyro",)),
        ("`pm.sample_smc`", ("smc",)),
    ):
        if kind == ("numpyro",) and not (find_spec("numpyro") and find_spec("jax")):
            rows.append(f"| {name} | not installed | | | | |")
            continue
        timed, p, error = plain(None, *kind)
        draws = p * (1.0 - p) / error**2
        rate = draws / timed.wall
        rows.append(
            f"| {name} | {p:.3f} | {draws:,.0f} | {timed.wall:.1f} | {rate:,.2f} | {ours / rate:,.0f} |"
        )
    return rows

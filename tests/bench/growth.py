"""How time and memory grow with reports, sites and days; each size in a process of its own."""

import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from machine import few_draws, processor_seconds
from made import with_reports, with_sites

REPORTS = (100, 1_000, 10_000, 100_000)
SITES = (4, 8, 16, 32, 64)
SPANS = (14, 60, 350, 700)
OF_A_SPAN = 500
DRAWS = 600


def one(kind: str, size: int) -> dict[str, float]:
    """Seconds of a processor and memory of one size, measured in this process."""
    from drawdown.answers.assess import ask, assemble
    from drawdown.answers.contribute import by_origin
    from drawdown.answers.retell import Teller
    from drawdown.files.case import load_case
    from drawdown.files.priors import load_priors
    from drawdown.model.kernel import log_density_rows
    from drawdown.outcomes import OUTCOMES

    priors, out = load_priors(), {}
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "made"
        if kind == "sites":
            with_sites(folder, size)
        elif kind == "reports":
            with_reports(folder, size)
        else:
            with_reports(folder, OF_A_SPAN, size)
        out["read"], case = processor_seconds(lambda: load_case(folder, priors))
        out["ask"], q = processor_seconds(lambda: ask(case, priors, None, 1))
    z = few_draws(q, 200)
    hyper, obs = q.hyper[OUTCOMES[0]], q.observations.arrays
    took, _ = processor_seconds(lambda: log_density_rows(z, hyper, obs, q.layout))
    out["call"] = took / len(z)
    out["weigh"], a = processor_seconds(lambda: assemble(q, fitted(q, DRAWS)))
    out["leave out"], _ = processor_seconds(lambda: by_origin(Teller(a), refit=False))
    out["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    out["facts"] = len(q.observations.reports)
    return out


def fitted(q, draws: int):
    """Draws near the prior in place of a fit, whose time is so many calls of the density."""
    from drawdown.inference.bridge import Evidence
    from drawdown.inference.fitted import Fitted
    from drawdown.outcomes import OUTCOMES

    z = few_draws(q, draws)
    return {h: Fitted.independent(z, Evidence(0.0, 0.02)) for h in OUTCOMES}


def apart(kind: str, size: int) -> dict[str, float]:
    """`one` in a process of its own, so that memory is of this size alone."""
    done = subprocess.run(
        [sys.executable, __file__, kind, str(size)], check=True, stdout=subprocess.PIPE, text=True
    )
    return json.loads(done.stdout)


def table() -> list[str]:
    """A row a size."""
    rows = [
        "| | facts | read | microseconds a call | weigh 600 draws | leave origins out | GiB |",
        "| --- " * 7 + "|",
    ]
    for kind, sizes in (("reports", REPORTS), ("sites", SITES), ("days", SPANS)):
        for size in sizes:
            found = apart(kind, size)
            rows.append(
                f"| {size:,} {kind} | {found['facts']:,} | {found['read'] + found['ask']:.1f} s"
                f" | {1e6 * found['call']:,.0f} | {found['weigh']:.1f} s"
                f" | {found['leave out']:.1f} s | {found['memory']:.2f} |"
            )
    return rows


if __name__ == "__main__":
    print(json.dumps(one(sys.argv[1], int(sys.argv[2]))))

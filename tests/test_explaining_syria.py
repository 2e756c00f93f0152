"""Ten pairs of dates of Syria: the change sums to the move, the families to answer less base rates."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from cases import SYRIA
from drawdown.answers.assess import ask, assess, compile_sampler
from drawdown.answers.change import change
from drawdown.answers.contribute import log_odds
from drawdown.answers.families import families
from drawdown.answers.retell import Teller
from drawdown.answers.since import find_earlier
from drawdown.files.case import load_case
from drawdown.files.priors import load_priors

PRIORS = load_priors()
CASE = load_case(SYRIA, PRIORS)
PAIRS = [
    ("2024-12-11", "2024-12-13"),
    ("2024-12-13", "2024-12-16"),
    ("2024-12-16", "2024-12-23"),
    ("2024-12-23", "2024-12-31"),
    ("2024-12-16", "2024-12-31"),
    ("2025-01-05", "2025-01-14"),
    ("2025-01-24", "2025-01-31"),
    ("2024-12-31", "2025-01-31"),
    ("2025-02-15", "2025-03-01"),
    ("2025-04-20", "2025-04-30"),
]


@pytest.fixture(scope="module")
def sampler():
    return compile_sampler(ask(CASE, PRIORS, None, 1))


@pytest.mark.long
@pytest.mark.parametrize(("then", "now"), PAIRS)
def test_the_move_of_syria(sampler, then, now):
    q = ask(CASE, PRIORS, date.fromisoformat(now), 1)
    a = assess(q, quick=True, sampler=sampler)
    teller = Teller(a, lambda: sampler)
    earlier = find_earlier(q, None, lambda day: Path("nowhere"), date.fromisoformat(then))
    told = change(teller, earlier)
    total = np.sum([row.delta for row in told.rows], axis=0)
    assert total == pytest.approx(a.weighed.outcomes - told.before, abs=1e-12)
    error = np.sum([r.delta for r in told.rows if r.kind == "monte_carlo"], axis=0)
    # two answers and the weights between them, which near their limits cost more (docs/explaining.md)
    assert np.abs(error).max() < max(4 * np.sqrt(2.0) * a.mcse.max(), 0.035)
    known = {row.origin for row in told.rows if row.origin}
    assert known <= {r.origin for r in CASE.reports}
    shares = families(teller).shares
    assert len(shares) <= 8
    move = log_odds(a.weighed.outcomes) - log_odds(q.besides.base_rates)
    assert sum(f.log_odds for f in shares) == pytest.approx(move, abs=1e-9)
    assert sum(f.reports for f in shares if f.family != "politics") == len(q.observations.reports)
    for row in told.rows:
        print(f"{then} {now} {row.kind:11} {row.method:10} {row.delta.round(3)} {row.what[:60]}")
    for f in shares:
        print(f"{then} {now} family {f.family:16} {f.reports:3} {f.log_odds.round(3)} {f.method}")

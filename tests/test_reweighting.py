"""Draws reweighted against draws fitted again: what-ifs of every kind and size, on the shipped case.

Long: a fit of every hypothesis for each of them and each seed. The table of docs/reweighting.md is
what it prints.
"""

from datetime import date

import numpy as np
import pytest

from cases import SYRIA
from drawdown.answers.alternatives import alternatives
from drawdown.answers.assess import ask, assess
from drawdown.answers.retell import Teller
from drawdown.answers.whatif import serves
from drawdown.files.case import load_case
from drawdown.files.priors import load_priors
from drawdown.files.setting import read_setting
from drawdown.inference.fitted import FULL

pytestmark = pytest.mark.long
AS_OF = date(2024, 12, 31)
SEEDS = (1, 2)
REACH = 0.015
"""In probability; a fit's own Monte Carlo error is up to 0.01, so that means over seeds are compared."""
LOUDEST, NEXT_LOUDEST = "maxar_20241213", ("satimg_s400_20241215", "bbc_planet_20241218")
"""Origins that carry most as of the date."""
OVERLAY = """\
clock:
  starts: {full_exit: {between: [10, 120], why: x}}
lift: {about: 0.7, within_factor: 4, why: x}
indicators:
  combat_aircraft: {visible: {between: [50%, 95%], why: x}}
  official_statement_staying: {present: {full_exit: {between: [20%, 50%], why: x}}}
"""
SET = [
    *("lift=x0.5", "lift=x3", "crisis=x0.5", "crisis=x2", "garrison=x2"),
    *("clock.starts.*=x2", "clock.lasts.*=x0.5", "clock.lasts.full_exit=14..280"),
    *("clock.kinds.sector=x2", "clock.site_starts={about: 1, within_factor: 4}"),
    *("indicators.combat_aircraft.visible=60%..95%", "indicators.transports_on_apron.seen=30%..70%"),
    *("indicators.transports_on_apron.dwell=x3", "indicators.*.lifts.equipment=x2"),
    *("indicators.transport_flights.spread=3", "grades.digits.*=x0.8", "grades.letters.*=x0.7"),
    *("sites.*.routine.*=x2", "sites.hmeimim.stock.jets=x0.5", "sites.hmeimim.stock.equipment=x3"),
    *("sites.hmeimim.share=50%..70%", "sources.HUR=F6"),
    *(f"reports.{LOUDEST}.grade=E5", "reports.109.observed=<=3"),
    *("gone.stock.thinned=30%..95%", "gone.garrison.kept=1%..5%", "gone.staged.drained=60%..99%"),
    *("gone.garrison.thinned=50%..95%", "gone.stock.kept=30%..90%"),
    *("gone.together=20%", "gone.together=95%"),
    *("fates.partial_redeployment.major.closed=30%", "fates.partial_redeployment.sector.closed=80%"),
    *("sites.inland.fate.closed=50%", "sites.inland.fate={kept: 60%, thinned: 30%, closed: 10%}"),
    *("outcomes.chance.full_exit=20%", "reserve=8%", "late.starts=x0.5"),
    "indicators.host_government_demands_exit.present.full_exit=60%..90%",
]
WITHOUT = [(LOUDEST,), NEXT_LOUDEST, ("alarabiya_20241229",)]
HONEST = 1.5
"""How many times what their errors claim the two may differ, by root mean square."""


@pytest.fixture(scope="module")
def tellers():
    """The shipped case fitted with each seed."""
    priors = load_priors()
    case = load_case(SYRIA, priors)
    return [Teller(assess(ask(case, priors, AS_OF, seed))) for seed in SEEDS]


def changes(tmp_path):
    overlay = tmp_path / "mine.yaml"
    overlay.write_text(OVERLAY)
    yield from ((text, {"settings": [read_setting(text)]}) for text in SET)
    yield from ((f"without {', '.join(out)}", {"without": out}) for out in WITHOUT)
    yield "an overlay of four", {"overlays": [overlay]}


def test_reweighted_is_within_reach_of_refitted_or_not_served(tellers, tmp_path):
    """Of every change that is served from reweighted draws, in the mean over the seeds."""
    print("\n| what if | k-hat | effective | error of the change | reweighted | refitted | off | how |")
    print("| --- " * 8 + "|")
    far, served, ratios = [], 0, []
    for name, change in changes(tmp_path):
        told, fitted = [], []
        for teller in tellers:
            _, together = alternatives(teller.base.question, **change)
            told.append(teller.reweighted(together.question))
            fitted.append(teller.refitted(together.question, FULL))
        ours, theirs = (np.mean([t.outcomes for t in each], axis=0) for each in (told, fitted))
        off = float(np.abs(ours - theirs).max())
        holds = [serves(teller, t) for teller, t in zip(tellers, told, strict=True)]
        print(row(name, told, holds, ours[2], theirs[2], off), flush=True)
        if told[0].method != "exact":
            pairs = zip(told, fitted, strict=True)
            ratios += [(t.outcomes - f.outcomes) / np.hypot(t.mcse, f.mcse) for t, f in pairs]
        served += all(holds)
        if all(holds) and off > REACH:
            far.append((name, off))
    base = np.mean([t.base.weighed.outcomes for t in tellers], axis=0)
    claimed = np.sqrt(np.mean(np.square(ratios)))
    print(
        f"base {base[2]:.3f}; differences {claimed:.2f} of what the errors claim, {len(ratios)} answers"
    )
    assert served >= 20
    assert far == []
    assert claimed < HONEST


def row(name, told, holds, ours, theirs, off):
    """A row of the table: the worst of the seeds, and means over them."""
    error = max(t.change_mcse.max() for t in told)
    found = f"{error:.4f} | {ours:.3f} | {theirs:.3f} | {off:.3f}"
    if told[0].method == "exact":
        return f"| `{name}` |  |  | {found} | exact |"
    khat, ess = max(t.khat for t in told), min(t.ess for t in told)
    how = "reweighted" if all(holds) else "refitted of one seed" if any(holds) else "refitted"
    return f"| `{name}` | {khat:.2f} | {ess:,.0f} | {found} | {how} |"

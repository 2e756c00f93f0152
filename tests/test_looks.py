"""What to look for next: one decisive look, worthless ones, and every number by another road."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from cases import report, syria_with
from drawdown.answers.assess import ask
from drawdown.answers.imagined import Imagined, cells
from drawdown.answers.information import Joint, entropy
from drawdown.answers.looks import look_ahead, looks, standing, summary, together
from drawdown.answers.prospect import chance_within
from drawdown.answers.retell import Teller
from drawdown.answers.rumours import ANSWERS, Rumour, answer_chances, report_of, rumours
from drawdown.answers.stored import store
from drawdown.answers.variants import with_codes, with_reports
from drawdown.answers.weigh import weigh
from drawdown.cli import app
from drawdown.files.case import load_case
from drawdown.files.indicator import Look
from drawdown.files.priors import load_priors
from drawdown.model.noise import draw
from drawdown.model.politics import code_indicators
from drawdown.outcomes import OUTCOMES
from known import resampled

FULL = OUTCOMES.index("full_exit")
PRIORS = load_priors()
MODEL = Path(__file__).parents[1] / "model"
GATED_CASE = """\
name: One gate decides
force: Blue
host: Green
trigger: 2024-12-08
horizon: 2025-12-08
sites:
  base:
    name: The base
    kind: major
    share: {between: [96%, 98%], sure: 80%, why: Nearly all of the force}
    stock:
      jets: {between: [15, 35], unit: aircraft, leaves: air, why: Judgement}
  hill:
    name: The hill
    kind: outpost
    share: {between: [1%, 2%], sure: 80%, why: A few men}
    fate: {kept: 30%, thinned: 30%, closed: 40%, why: Whatever becomes of the base}
"""
QUICK_AND_BLIND = """\
clock:
  starts:
    full_exit: {between: [2, 10], sure: 80%, unit: days, why: All is over long before the date}
    partial_redeployment: {between: [2, 10], sure: 80%, unit: days, why: As above}
    retained: {between: [2, 10], sure: 80%, unit: days, why: As above}
  lasts:
    full_exit: {between: [5, 20], sure: 80%, unit: days, why: As above}
    partial_redeployment: {between: [5, 20], sure: 80%, unit: days, why: As above}
    retained: {between: [5, 20], sure: 80%, unit: days, why: As above}
gone:
  garrison:
    closed: {between: [99.9%, 99.99%], sure: 80%, why: Not a man stays behind}
indicators:
  combat_aircraft:
    visible: {between: [0.00001%, 0.0001%], sure: 80%, why: They never leave their shelters}
"""
SYRIA_ROWS = [
    report("2024-12-13", "hmeimim", "transports_on_apron", "2", origin="image"),
    report("2024-12-14", "hmeimim", "combat_aircraft", ">=15", origin="drone", grade="C3"),
    report("2024-12-15", "theatre", "official_statement_staying", "no", collector="A ministry"),
    report("2024-12-20", "tartus", "warships", "3", origin="radar"),
]


@pytest.fixture(scope="module")
def gated(tmp_path_factory):
    """One major base whose gate tells, and a stock that nobody can see."""
    folder = tmp_path_factory.mktemp("gated") / "gated"
    folder.mkdir()
    (folder / "case.yaml").write_text(GATED_CASE)
    overlay = folder.parent / "blind.yaml"
    overlay.write_text(QUICK_AND_BLIND)
    priors = load_priors([overlay])
    return resampled(ask(load_case(folder, priors), priors, date(2025, 11, 1), 1))


@pytest.fixture(scope="module")
def syria(tmp_path_factory):
    """The sites of Syria with four reports, as of the end of 2024."""
    case = syria_with(tmp_path_factory.mktemp("syria"), SYRIA_ROWS, PRIORS)
    return resampled(ask(case, PRIORS, date(2024, 12, 31), 1))


@pytest.fixture(scope="module")
def ahead(syria):
    """Its looks."""
    return look_ahead(syria)


def by_name(found, site, indicator):
    """One look of a list."""
    (look,) = [p for p in found if (p.site, p.indicator) == (site, indicator)]
    return look


def test_the_gate_decides_and_the_hidden_jets_do_not(gated):
    """A look at the gate settles whether all have left; jets in shelters and the hill settle nothing."""
    found = look_ahead(gated, grade="A1").looks
    gate = by_name(found, "base", "perimeter_held")
    assert found[0] is gate
    now = gate.joint.now[FULL]
    left_open = entropy(np.array([now, 1.0 - now]))
    # what remains is that a report may be wrong, that exits may be late, and the reserve
    assert 0.6 * left_open < gate.joint.information < left_open
    assert gate.not_seen.outcomes[FULL] > 0.8
    assert gate.seen.outcomes[FULL] < 0.1
    for site, name in (("base", "combat_aircraft"), ("hill", "perimeter_held")):
        worthless = by_name(found, site, name)
        assert worthless.joint.information < 0.002
        assert worthless.joint.information < 0.01 * gate.joint.information
        assert worthless.joint.move.max() < 0.02


def test_the_same_look_again_is_worth_less(gated, syria, ahead):
    """Twice by two origins: more than once, and less than twice as much."""
    for a, found, site, name in (
        (gated, look_ahead(gated).looks, "base", "perimeter_held"),
        (syria, ahead.looks, "hmeimim", "combat_aircraft"),
        (syria, ahead.looks, "qamishli", "perimeter_held"),
    ):
        once = by_name(found, site, name)
        twice = together(a, once, once).information
        assert once.joint.information < twice < 2.0 * once.joint.information


def test_what_cannot_be_otherwise(gated, syria, ahead):
    """Information, branches and pairs keep the laws that they must keep."""
    for a, outlook in ((gated, look_ahead(gated)), (syria, ahead)):
        now = a.weighed.outcomes
        assert len(outlook.looks) > 5
        for look in outlook.looks:
            assert look.joint.chance.sum() == pytest.approx(1.0, abs=1e-9)
            assert np.abs(look.joint.now - now).max() < 1e-9
            assert 0.0 <= look.joint.information <= entropy(now)
            two_sided = look.joint.split(look.joint.best_split).information
            assert two_sided <= look.joint.information + 1e-12
            sides = look.seen, look.not_seen
            assert sum(side.chance for side in sides) == pytest.approx(1.0, abs=1e-9)
            mixed = sum(side.chance * side.outcomes for side in sides)
            assert np.abs(mixed - now).max() < 1e-9
            assert np.abs(look.joint.then @ look.joint.answers - now).max() < 1e-9
        for pair in outlook.pairs:
            one, two = outlook.looks[pair.first], outlook.looks[pair.second]
            best = max(one.joint.information, two.joint.information)
            assert best - 1e-12 <= pair.information <= entropy(now)
            assert max(one.worth, two.worth) <= pair.worth + 1e-12
        worths = [look.worth for look in outlook.looks]
        assert worths == sorted(worths, reverse=True)


def test_more_that_still_stands_speaks_against_a_full_exit(ahead):
    """What is seen at a gate or on an apron lowers full exit and raises retained; its absence not."""
    for site, name in (("hmeimim", "perimeter_held"), ("hmeimim", "combat_aircraft")):
        look = by_name(ahead.looks, site, name)
        full = look.seen.outcomes[FULL], look.joint.now[FULL], look.not_seen.outcomes[FULL]
        assert list(full) == sorted(full)
        kept = look.seen.outcomes[0], look.joint.now[0], look.not_seen.outcomes[0]
        assert list(kept) == sorted(kept, reverse=True)


def test_what_it_becomes_is_what_the_report_makes_it(syria, ahead):
    """The numbers of each side against the same draws reweighted by the report itself."""
    teller = Teller(syria)
    tried = 0
    for look in ahead.looks:
        if not isinstance(look.source, Imagined):
            continue
        at = int(look.source.edges(standing(syria).sum(axis=1))[look.joint.best_split])
        for low, high, branch in ((at, None, look.seen), (0, at - 1, look.not_seen)):
            if branch.chance < 0.1:
                continue
            new = replace(look.source.report, lo=low, hi=high)
            told = teller.reweighted(with_reports(syria.question, [*syria.question.view.reports, new]))
            # both are Monte Carlo: fates are drawn once for the look, anew for the report
            assert np.abs(told.outcomes - branch.outcomes).max() < 2.0 * told.mcse.max()
            tried += 1
    assert tried > 20


def test_information_by_simulation(syria):
    """Simulate who is right, what is counted and what is then believed; count, and nothing else."""
    rng = np.random.default_rng(5)
    stands = standing(syria)
    found = looks(syria, stands, 7.0, "B2")
    number = 2_000_000
    pick = rng.choice(len(stands), number, p=stands.sum(axis=1))
    outcome = np.argmax(stands, axis=1)[pick]
    for site, name in (("hmeimim", "combat_aircraft"), ("hmeimim", "transports_on_apron")):
        look = by_name(found, site, name)
        source = look.source
        edges = source.edges(stands.sum(axis=1))
        right = rng.random(number) < source.right
        true = rng.poisson(source.mean[pick] * rng.gamma(source.size, 1.0 / source.size, number))
        count = np.where(right, true, draw(source.noise_middle, rng, (number,)))
        answer = np.searchsorted(edges, count, side="right") - 1
        joint = np.zeros((len(OUTCOMES), len(edges)))
        np.add.at(joint, (outcome, answer), 1.0 / number)
        simulated = Joint(joint, syria.question.besides)
        assert look.joint.information == pytest.approx(simulated.information, abs=5e-4)
        assert np.abs(look.joint.move - simulated.move).max() < 0.002
        assert np.abs(look.joint.answers - simulated.answers).max() < 0.002


def test_counts_told_together_lose_next_to_nothing(syria):
    """Answers are coarser than counts; the information of every single count is hardly more."""
    stands = standing(syria)
    for look in looks(syria, stands, 7.0, "B2"):
        source = look.source
        if isinstance(source, Imagined) and source.counted:
            coarse = source.edges(stands.sum(axis=1))
            fine = Joint((source.chance(np.arange(coarse[-1] + 1)) @ stands).T, syria.question.besides)
            lost = fine.information - look.joint.information
            assert -1e-12 <= lost < 0.01 * fine.information + 1e-5


def test_cells_are_the_mass_of_the_counts():
    """Cells against the distribution function of SciPy, which the model does not use."""
    from scipy.stats import nbinom

    edges = np.array([0, 1, 2, 5, 20, 100])
    mean = np.array([1e-9, 0.3, 4.0, 60.0, 900.0])
    for size in (0.7, 1.0, 8.0):
        below = np.stack([nbinom.cdf(e - 1, size, size / (size + mean)) for e in (*edges, np.inf)])
        assert np.abs(cells(mean, size, edges) - np.diff(below, axis=0)).max() < 1e-10


def test_a_word_is_weighed_as_a_new_report_would_be(syria, ahead):
    """After a yes or a no, the outcomes are those of the codes that the report makes."""
    q = syria.question
    found = [p for p in ahead.looks if isinstance(p.source, Rumour)]
    assert {p.indicator for p in found} == {c.indicator for c in q.codes} - set(q.view.context)
    for look in found:
        for answer, branch in (("yes", look.seen), ("no", look.not_seen)):
            new = report_of(q, look.indicator, answer, "B2")
            seen = replace(q.view, reports=(*q.view.reports, new))
            after = with_codes(q, code_indicators(seen, q.priors)).besides
            exact = weigh(syria.log_z, syria.table.chance, syria.prior_table.chance, after)
            assert np.abs(exact.outcomes - branch.outcomes).max() < 1e-9


def test_the_chance_of_a_word_by_simulation(tmp_path):
    """Where votes multiply: simulate presence and the report, given what has been said."""
    from scipy.special import expit

    rows = [report("2024-12-10", "theatre", "negotiations_ongoing", "yes", collector="A daily")]
    case = replace(syria_with(tmp_path, rows, PRIORS), context={})
    q = ask(case, PRIORS, date(2024, 12, 12), 1)
    names = [code.indicator for code in q.codes if code.known]
    assert names == ["negotiations_ongoing"]
    asked = [r for r in rumours(q, "C3") if r.now.indicator in (*names, "official_statement_staying")]
    told = answer_chances(q, asked)
    rng = np.random.default_rng(2)
    right = PRIORS.chance_right("", "C3")
    agree = right + (1.0 - right) / 2.0
    for o, outcome in enumerate(OUTCOMES):
        factor = rng.standard_normal(400_000)
        weight, answers = np.ones(len(factor)), []
        for rumour in asked:
            indicator = PRIORS.indicators[rumour.now.indicator]
            judgement = indicator.present[outcome]
            effect = judgement.mu + judgement.sd * rng.standard_normal(len(factor))
            present = rng.random(len(factor)) < expit(effect + indicator.shared * factor)
            weight *= np.where(present, rumour.now.said[1], rumour.now.said[0])
            answers.append(np.where(rng.random(len(factor)) < agree, present, ~present))
        for n, (first, second) in enumerate((a, b) for a in (0, 1) for b in (0, 1)):
            hit = (answers[0] == first) & (answers[1] == second)
            assert told[o, n] == pytest.approx((hit * weight).sum() / weight.sum(), abs=0.006)


@pytest.mark.parametrize("grade", ["A1", "B2", "D4"])
def test_words_add_up_to_what_is_known_without_them(tmp_path, grade):
    """A yes puts silence and an earlier no aside; both answers together still say what is said now."""
    rows = [
        report("2024-12-10", "theatre", "agreement_or_lease_terminated", "no", collector="A"),
        report("2024-12-11", "theatre", "negotiations_ongoing", "yes", collector="B"),
        report("2024-12-12", "theatre", "negotiations_ongoing", "no", collector="C"),
    ]
    q = ask(syria_with(tmp_path, rows, PRIORS), PRIORS, date(2025, 1, 31), 1)
    silent = {c.indicator for c in q.codes if c.why.startswith("no report in")}
    found = rumours(q, grade)
    assert silent & {r.now.indicator for r in found} or grade == "D4"
    assert {"agreement_or_lease_terminated", "negotiations_ongoing"} <= {r.now.indicator for r in found}
    for number in (1, 2):
        for asked in combinations(found, number):
            chances = answer_chances(q, asked)
            assert chances.min() >= 0.0
            assert np.abs(chances.sum(axis=1) - 1.0).max() < 1e-9


def test_a_word_from_a_poor_source_does_not_undo_a_sure_silence(tmp_path):
    """The rules would make such a report say less than silence does; it is not offered."""
    q = ask(syria_with(tmp_path, [], PRIORS), PRIORS, date(2025, 1, 31), 1)
    offered = {grade: {r.now.indicator for r in rumours(q, grade)} for grade in ("A1", "F6")}
    assert "agreement_or_lease_terminated" in offered["A1"] - offered["F6"]
    assert ANSWERS == ("no", "yes")


def test_a_shut_gate_makes_a_look_at_ships_worthless(tmp_path):
    """A gate that is shut on the date is taken to stay shut, and nothing can be seen to move."""
    case = syria_with(tmp_path, [], PRIORS)
    for day, worthless in ((date(2025, 1, 15), True), (date(2025, 2, 15), False)):
        a = resampled(ask(case, PRIORS, day, 1), draws=1000, proposals=4000)
        ships = by_name(look_ahead(a).looks, "tartus", "ships_loading")
        assert (ships.joint.information < 1e-9) is worthless


def test_nobody_counts_flights_at_a_port(ahead):
    """A flow whose routine the case states is looked for where it is stated."""
    where = {p.site for p in ahead.looks if p.indicator == "transport_flights"}
    assert where == {"hmeimim", "qamishli"}


def test_nothing_is_left_to_look_for_on_the_horizon(tmp_path):
    """The day before, a look of one day; on the day, none."""
    case = syria_with(tmp_path, [], PRIORS)
    last = case.horizon - timedelta(days=1)
    a = resampled(ask(case, PRIORS, last, 1), draws=400, proposals=2000)
    found = look_ahead(a).looks
    assert found
    physical = [p.source.report for p in found if isinstance(p.source, Imagined)]
    assert {r.until for r in physical} == {case.horizon}
    a = resampled(ask(case, PRIORS, case.horizon, 1), draws=400, proposals=2000)
    assert look_ahead(a).looks == []
    # the command says so before it fits anything
    told = CliRunner().invoke(app, ["next", str(tmp_path), "--as-of", str(case.horizon)])
    assert told.exit_code == 0
    assert told.stdout == f"The horizon has come on {case.horizon}: nothing is left to look for.\n"


def test_chance_of_a_look_by_time():
    """Looks at a steady rate: as said on the day said, and rising to one."""
    look = Look(0.5, 7.0)
    assert [chance_within(look, days) for days in (7.0, 14.0)] == pytest.approx([0.5, 0.75])
    assert (1.0 - chance_within(look, 3.5)) ** 2 == pytest.approx(0.5)


def test_every_look_has_a_chance():
    """No look of the shipped priors falls back on the chance of those that say none."""
    for indicator in PRIORS.indicators.values():
        assert (indicator.look is None) is (indicator.tracks == "nothing"), indicator.name


def test_json_says_what_the_looks_say(syria):
    """Whole, plain and in order."""
    outlook = look_ahead(syria, within=14.0)
    told = json.loads(json.dumps(summary(outlook), allow_nan=False))
    assert len(told["looks"]) == len(outlook.looks)
    for row, look in zip(told["looks"], outlook.looks, strict=True):
        assert row["within_days"] == 14.0
        assert row["worth_bits"] == pytest.approx(row["chance"] * row["information_bits"])
        assert row["what"] == row["if_seen"]["what"] == f"{look.what}: {look.told}"
        assert set(row["expected_move"]) == set(row["if_not"]["outcomes"]) == set(OUTCOMES)
    for row in told["look_pairs"]:
        one, two = (told["looks"][n] for n in row["looks"])
        assert row["what"] == [one["look"], two["look"]]
        alone = one["information_bits"] + two["information_bits"]
        assert row["beyond_sum_bits"] == pytest.approx(row["information_bits"] - alone)


def test_next_answers_from_stored_draws_without_the_sampler(tmp_path, syria, ahead):
    """The command reads the draws of a report folder, and imports no PyMC."""
    case = syria.question.case
    folder = tmp_path / "reports" / case.slug / "2024-12-31"
    folder.mkdir(parents=True)
    store(syria, folder, quick=False)
    place = tmp_path / case.slug
    syria_with(place, SYRIA_ROWS, PRIORS)
    code = (
        "import sys; from drawdown.cli import main\n"
        "slow = 'pymc', 'pytensor', 'nutpie'\n"
        "try: main()\n"
        "finally: print([m for m in slow if m in sys.modules], file=sys.stderr)"
    )
    words = ["next", str(place), "--as-of", "2024-12-31", "--json"]
    done = subprocess.run(
        [sys.executable, "-c", code, *words],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(MODEL)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr.strip() == "[]"
    assert done.returncode == 0
    assert json.loads(done.stdout) == json.loads(json.dumps(summary(ahead)))

"""Reports foreseen: against brute force over the prior, and identities that hold to the last digits."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from scipy.special import logsumexp
from scipy.stats import nbinom

from drawdown.answers.assess import ask, assemble
from drawdown.answers.prequential import LEAST_MEAN, last_counts, predict, repeated
from drawdown.answers.variants import physical_alone
from drawdown.files.view import view
from drawdown.inference.bridge import Evidence
from drawdown.inference.fitted import Fitted
from drawdown.model.likelihood import log_weight
from drawdown.model.observations import observe
from drawdown.outcomes import OUTCOMES

BEFORE, AFTER = date(2024, 12, 20), date(2024, 12, 27)
DRAWS = 40_000


def row(day, indicator, observed, **more):
    site = more.pop("site", "base")
    known = {"collector": "Maxar", "grade": "B2", "url": "https://example.org/a"}
    known["published"] = more.get("until", day)
    return known | {"date": day, "site": site, "indicator": indicator, "observed": observed} | more


OLD = [
    row("2024-12-12", "combat_aircraft", ">=10", origin="look_1"),
    row("2024-12-14", "transports_on_apron", "1", origin="look_2"),
]
NEW = [
    row("2024-12-23", "combat_aircraft", ">=8", origin="look_3"),
    row("2024-12-23", "transports_on_apron", "yes", origin="look_3"),
    row("2024-12-24", "transport_flights", "2", origin="flights"),
    row("2024-12-25", "posts_vacated", "yes", site="posts", origin="look_4", flow="out"),
]


def prior_draws(q, seed):
    """Draws of the prior of each hypothesis, and their log weight given the old reports."""
    rng = np.random.default_rng(seed)
    out = {}
    for h in OUTCOMES:
        z = rng.standard_normal((DRAWS, q.layout.n_parameters))
        out[h] = z, log_weight(z, q.hyper[h], q.observations.arrays, q.layout)
    return out


def assessed(q, seed=1):
    """An assessment from weighted draws of the prior, resampled: no sampler, and exact but for noise."""
    rng, fitted = np.random.default_rng(seed + 100), {}
    for h, (z, log) in prior_draws(q, seed).items():
        share = np.exp(log - logsumexp(log))
        picked = z[rng.choice(DRAWS, 4000, p=share)]
        evidence = Evidence(float(logsumexp(log) - np.log(DRAWS)), 0.02)
        fitted[h] = Fitted.independent(picked, evidence)
    return assemble(q, fitted)


def by_brute_force(a, after, seed=7):
    """Joint log chance of what is new: ratio of marginal likelihoods over fresh draws of the prior."""
    q, later = a.question, observe(after, a.question.priors, a.question.layout)
    known = {r.fact for r in q.observations.reports}
    new = np.array([r.fact not in known for r in later.reports])
    rng = np.random.default_rng(seed)
    both, old = [], []
    for i, h in enumerate(OUTCOMES):
        z = rng.standard_normal((DRAWS, q.layout.n_parameters))
        level = np.log(a.weighed.prior_hypotheses[i]) - a.prior_runs[h].log_region
        for out, obs in ((both, later), (old, later.without(new))):
            out.append(level + logsumexp(log_weight(z, q.hyper[h], obs.arrays, q.layout)))
    return logsumexp(both) - logsumexp(old)


@pytest.fixture
def asked(make_case, priors):
    """Ask of the small case with these reports, the politics left aside; and the later view."""

    def ask_of(rows, before=BEFORE, after=AFTER):
        case = make_case(rows)
        return physical_alone(ask(case, priors, before, 1)), view(case, after)

    return ask_of


def test_joint_log_score_is_that_of_brute_force(asked):
    q, after = asked(OLD + NEW)
    a = assessed(q)
    week = predict(a, after)
    assert {p.report.fact for p in week.each} == {r.fact for r in after.reports} - {
        r.fact for r in q.view.reports
    }
    assert week.khat < 0.8
    assert week.log_score == pytest.approx(by_brute_force(a, after), abs=0.12)
    # and it is not what the prior would say: the old reports count
    silent = assessed(asked(NEW)[0])
    assert abs(predict(silent, after_of(silent, after)).log_score - week.log_score) > 0.12


def after_of(a, after):
    """The later view of another case with the same new reports."""
    known = {r.fact for r in after.reports if r.published > BEFORE}
    return replace(
        after, case=a.question.case, reports=tuple(r for r in after.reports if r.fact in known)
    )


def test_a_gate_that_became_known_is_weighed_in_first(asked):
    """The old silence behind a closed gate says less once the gate is known."""
    rows = [
        row("2025-01-06", "transport_flights", "no", until="2025-01-09", origin="quiet", grade="A1"),
        row("2025-01-15", "combat_aircraft", "12", origin="look_5"),
    ]
    q, after = asked(rows, date(2025, 1, 10), date(2025, 1, 16))
    assert not q.view.gates
    assert after.gates
    a = assessed(q)
    week = predict(a, after)
    assert week.log_score == pytest.approx(by_brute_force(a, after), abs=0.1)


def test_one_report_alone_is_the_joint_of_one(asked):
    """Of a new origin, and of one that was heard before and shares its error."""
    for origin in ("look_9", "look_1"):
        q, after = asked([*OLD, row("2024-12-23", "combat_aircraft", "<=3", origin=origin)])
        week = predict(assessed(q), after)
        assert len(week.each) == 1
        assert week.each[0].log_score == pytest.approx(week.log_score, abs=1e-8)
        assert week.each[0].persistence == pytest.approx(week.persistence, abs=1e-12)


def test_chances_of_all_counts_sum_to_one(asked):
    """Each count and the tail; and the transform lies between the counts below and the count."""
    q, _ = asked(OLD)
    a = assessed(q)
    chance, pits = [], []
    for observed in [*map(str, range(6)), ">=6"]:
        later = asked([*OLD, row("2024-12-23", "combat_aircraft", observed, origin="look_9")])[1]
        found = predict(a, later).each[0]
        chance.append(np.exp(found.log_score))
        pits.append(found.pit)
    assert sum(chance) == pytest.approx(1.0, abs=1e-6)
    below = np.concatenate([[0.0], np.cumsum(chance)])
    assert pits[-1] is None
    for k, pit in enumerate(pits[:-1]):
        assert below[k] - 1e-9 <= pit <= below[k + 1] + 1e-9


def test_nothing_new_nothing_foreseen(asked):
    q, after = asked([*OLD, row("2024-12-24", "official_statement_staying", "yes", site="theatre")])
    assert predict(assessed(q), after) is None


@pytest.mark.parametrize(("count", "size"), [(7.0, 2.0), (0.0, 0.8), (3.5, 11.0)])
def test_persistence_repeats_the_count_as_a_negative_binomial(count, size):
    mean = max(count, LEAST_MEAN)
    law = nbinom(size, size / (size + mean))
    assert law.mean() == pytest.approx(mean)
    assert law.var() == pytest.approx(mean + mean**2 / size)
    for low, high in ((0, 0), (3, 3), (2, 6), (1, np.inf), (12, np.inf)):
        top = 4000 if np.isinf(high) else high
        assert repeated(count, size, low, high) == pytest.approx(law.pmf(np.arange(low, top + 1)).sum())


def test_last_counts(asked):
    """The newest of each site and indicator: the middle of an interval, the edge of a bound."""
    rows = [
        row("2024-12-10", "combat_aircraft", "9", origin="a"),
        row("2024-12-12", "combat_aircraft", "4..7", origin="b"),
        row("2024-12-11", "helicopters", ">=3", origin="c"),
        row("2024-12-13", "transport_flights", "no", origin="d"),
    ]
    q, _ = asked(rows)
    found = last_counts(q.observations.reports)
    assert found["base", "combat_aircraft"] == 5.5
    assert found["base", "transport_flights"] == 0.0


def test_persistence_of_a_week(asked):
    """An origin is right about all that it shows, or about none."""
    rows = [
        row("2024-12-23", "combat_aircraft", "9", origin="look_9"),
        row("2024-12-23", "transports_on_apron", "2", origin="look_9"),
    ]
    q, after = asked(OLD + rows)
    a = assessed(q)
    week = predict(a, after)
    obs = observe(after, q.priors, q.layout)
    at = [n for n, r in enumerate(obs.reports) if r.origin == "look_9"]
    right = q.priors.chance_right("Maxar", "B2")
    counts = {"combat_aircraft": 10.0, "transports_on_apron": 1.0}
    both, noise = right, 1.0 - right
    for n in at:
        k, size, mean = obs.low[n], obs.size[n], counts[obs.reports[n].indicator]
        both *= nbinom.pmf(k, size, size / (size + mean))
        middle = obs.noise_middle[n]
        noise *= 0.5 * (middle + 1.0) * (1.0 / (middle + k) - 1.0 / (middle + k + 1.0))
    assert week.persistence == pytest.approx(np.log(both + noise), rel=1e-9)
    assert [p.last for p in week.each] == [counts[p.report.indicator] for p in week.each]


def test_a_first_look_falls_back_on_the_prior(asked):
    """Persistence is then what the model says with no report at all."""
    first = row("2024-12-23", "transport_flights", "yes", origin="look_9")
    q, after = asked([*OLD, first])
    found = predict(assessed(q), after).each[0]
    assert found.last is None
    alone, later = asked([first])
    prior = predict(assessed(alone), later).each[0]
    assert found.persistence == pytest.approx(prior.persistence, abs=1e-9)
    assert found.persistence == pytest.approx(prior.log_score, abs=0.05)

"""The political strand against enumeration, and its rules of coding."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from scipy.special import expit

from cases import syria_with
from drawdown.files.priors import load_priors
from drawdown.files.view import view
from drawdown.model.politics import Code, code_indicators, political_log_likelihood
from drawdown.outcomes import OUTCOMES

PRIORS = load_priors()


def test_likelihood_by_brute_force():
    """Sum over presence, and integrate effects and factor by plain Monte Carlo."""
    names = ["official_statement_staying", "agreement_or_lease_terminated", "negotiations_ongoing"]
    said = [(0.3, 0.9), (0.8, 0.2), (0.1, 0.95)]
    codes = tuple(Code(n, s, (), "") for n, s in zip(names, said, strict=True))
    found = political_log_likelihood(codes, PRIORS, day=20)
    rng = np.random.default_rng(0)
    for outcome in OUTCOMES:
        factor = rng.standard_normal(400_000)
        chance = []
        for name in names:
            judgement = PRIORS.indicators[name].present[outcome]
            effect = judgement.mu + judgement.sd * rng.standard_normal(len(factor))
            chance.append(expit(effect + PRIORS.indicators[name].shared * factor))
        total = 0.0
        for present in product((0, 1), repeat=3):
            terms = [(p if x else 1 - p) * s[x] for p, x, s in zip(chance, present, said, strict=True)]
            total += np.prod(terms, axis=0).mean()
        assert found[outcome] == pytest.approx(np.log(total), abs=0.01)


def test_nothing_known_says_nothing():
    """Unknown codes have the same likelihood under every outcome."""
    codes = (Code("negotiations_ongoing", (1.0, 1.0), (), ""),)
    found = political_log_likelihood(codes, PRIORS, 20).values()
    assert list(found) == pytest.approx([0.0, 0.0, 0.0], abs=1e-12)


def test_old_codes_say_less():
    """Beyond day 40 effects drift, so that a code of day 200 separates less than one of day 27."""
    code = (Code("agreement_or_lease_terminated", (0.05, 0.95), (), ""),)

    def spread(day):
        log = political_log_likelihood(code, PRIORS, day)
        return log["full_exit"] - log["partial_redeployment"]

    assert 0 < spread(200) < spread(27)


def coded(tmp_path, rows):
    """Codes of a case that has these reports."""
    case = syria_with(tmp_path / "case", rows)
    return {c.indicator: c for c in code_indicators(view(case, case.horizon), PRIORS)}


ROW = {
    "date": "2024-12-10",
    "site": "theatre",
    "indicator": "official_statement_staying",
    "observed": "yes",
    "collector": "TASS",
    "grade": "B2",
    "url": "https://example.org/a",
}


def test_one_vote_a_collector(tmp_path):
    """The same collector saying it again moves nothing; another collector does."""
    again = ROW | {"date": "2024-12-12"}
    other = again | {"collector": "Reuters"}
    one = coded(tmp_path, [ROW])["official_statement_staying"]
    twice = coded(tmp_path, [ROW, again])["official_statement_staying"]
    two = coded(tmp_path, [ROW, other])["official_statement_staying"]
    assert one.said == twice.said
    assert two.chance_present > one.chance_present > 0.5


def test_a_yes_supersedes_an_earlier_no_as_far_as_it_is_believed(tmp_path):
    """The question is whether it has happened by now; a rumour does not undo what was said before."""
    no = ROW | {"observed": "no", "collector": "Reuters", "date": "2024-12-09"}
    alone = coded(tmp_path, [ROW])["official_statement_staying"]
    both = coded(tmp_path, [no, ROW])["official_statement_staying"]
    believed, right = PRIORS.chance_right("TASS", "B2"), PRIORS.chance_right("Reuters", "B2")
    for n, agrees in enumerate(((1 + right) / 2, (1 - right) / 2)):
        assert both.said[n] == pytest.approx(alone.said[n] * (believed + (1 - believed) * agrees))
    denied = coded(tmp_path, [no])["official_statement_staying"]
    rumour = coded(tmp_path, [no, ROW | {"grade": "F6"}])["official_statement_staying"]
    assert denied.chance_present < rumour.chance_present < denied.chance_present + 0.1
    later = coded(tmp_path, [no | {"date": "2024-12-11"}, ROW])["official_statement_staying"]
    assert later.chance_present < alone.chance_present


def test_scope_that_does_not_count(tmp_path):
    """A cancelled commercial contract is not the basing agreement."""
    row = ROW | {"indicator": "agreement_or_lease_terminated", "scope": "other"}
    assert not coded(tmp_path, [row])["agreement_or_lease_terminated"].reports
    basing = coded(tmp_path, [row | {"scope": "basing"}])["agreement_or_lease_terminated"]
    assert basing.state == "present"


def test_a_rumour_does_not_break_a_silence(tmp_path):
    """Nor does what is known put a vote aside; somebody who is believed ends the silence."""
    name = "official_withdrawal_announcement"
    case = syria_with(tmp_path / "silent", [])
    silent = {c.indicator: c for c in code_indicators(view(case, case.horizon), PRIORS)}[name]
    says = ROW | {"indicator": name}
    rumour = coded(tmp_path, [says | {"grade": "F6"}])[name]
    assert silent.chance_present < rumour.chance_present < silent.chance_present + 0.1
    assert coded(tmp_path, [says | {"grade": "A1"}])[name].chance_present > 0.8


def test_silence(tmp_path):
    """No word of a withdrawal is a weak no after two weeks, and nothing before."""
    case = syria_with(tmp_path / "case", [])
    early = {c.indicator: c for c in code_indicators(replace(view(case), day=10), PRIORS)}
    late = {c.indicator: c for c in code_indicators(replace(view(case), day=20), PRIORS)}
    assert early["official_withdrawal_announcement"].state == "unknown"
    assert late["official_withdrawal_announcement"].state == "absent"
    assert late["host_government_invites_stay"].state == "unknown"

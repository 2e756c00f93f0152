"""Words, whole percents and the confidence line."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drawdown.report.confidence import confidence, strand_shares
from drawdown.report.numerals import error_points, percent, points, rounded_percents
from drawdown.report.words import BANDS, headline, judgement, judgements, word_for
from test_report_synthetic import chances, synthetic_material, synthetic_summary


@pytest.mark.parametrize(
    ("probability", "word"),
    [
        (0.0, "almost no chance"),
        (0.0499, "almost no chance"),
        (0.05, "very unlikely"),
        (0.20, "unlikely"),
        (0.45, "roughly even"),
        (0.5499, "roughly even"),
        (0.55, "likely"),
        (0.80, "very likely"),
        (0.95, "almost certain"),
        (1.0, "almost certain"),
    ],
)
def test_lower_edges_are_inclusive(probability, word):
    assert word_for(probability) == word


@pytest.mark.parametrize("probability", [-0.1, 1.1, float("nan")])
def test_a_word_needs_a_probability(probability):
    with pytest.raises(ValueError, match="not a probability"):
        word_for(probability)


@given(st.lists(st.floats(0, 1), min_size=3, max_size=3).filter(lambda p: sum(p) > 1e-6))
def test_percents_add_to_100_and_are_within_one_of_the_truth(weights):
    parts = rounded_percents({str(n): w for n, w in enumerate(weights)})
    assert sum(parts.values()) == 100
    for n, weight in enumerate(weights):
        assert abs(parts[str(n)] - 100 * weight / sum(weights)) < 1 + 1e-9


def test_a_tie_goes_to_the_earlier():
    assert rounded_percents({"a": 1, "b": 1, "c": 1}) == {"a": 34, "b": 33, "c": 33}


def test_a_word_is_that_of_the_number_beside_it():
    for whole in range(101):
        sentence = judgement("full_exit", whole)
        word = next(w for edge, w in reversed(BANDS) if whole / 100 >= edge)
        assert word in sentence and f"({whole} %)" in sentence


def test_one_probability_is_never_rounded_to_certainty():
    assert [percent(p) for p in (0, 0.001, 0.014, 0.999, 1)] == ["0 %", "<1 %", "1 %", ">99 %", "100 %"]


def test_points_carry_a_sign():
    assert [points(d) for d in (0.004, -0.004, 0.05, -0.05)] == ["0", "0", "+5", "\N{MINUS SIGN}5"]


def test_the_error_is_rounded_up():
    summary = synthetic_summary()
    assert error_points(summary) == 1
    summary["outcomes"]["retained"]["mcse"] = 0.0101
    assert error_points(summary) == 2


def test_the_headline_is_four_lines():
    assert headline(synthetic_material()).splitlines()[:3] == [
        "A synthetic force in a synthetic country, as of 31 Dec 2024, on 8 Dec 2025:",
        "  full exit 24 %  partial redeployment 54 %  retained presence 22 %   "
        "(before any report 36/23/41)",
        "  The chance of a partial redeployment is roughly even (54 %). "
        "A full exit is unlikely (24 %). A retained presence is unlikely (22 %).",
    ]
    assert len(headline(synthetic_material()).splitlines()) == 4


def test_likelihood_and_confidence_share_no_sentence():
    words = [word for _, word in BANDS]
    sentence = confidence(synthetic_material()).sentence
    assert not any(word in sentence for word in words)
    assert not any("onfidence" in sentence for sentence in judgements(synthetic_summary()))


def test_confidence_is_read_off_its_parts():
    material = synthetic_material()
    said = confidence(material)
    assert said.level == "moderate"
    assert "30 origins, the best graded B1" in said.sentence
    assert "the strands lead to different outcomes" in said.sentence
    assert confidence(synthetic_material(passed=False)).level == "low"
    assert confidence(replace(material, evidence=material.evidence[:4])).level == "low"
    driven = synthetic_summary() | {"sensitivity": {"rows": [], "driven_by_prior": True}}
    assert confidence(replace(material, summary=driven)).level == "low"
    best = [replace(row, grade="A1") for row in material.evidence]
    agreed = material.strands | {"political strand alone": chances(0.2, 0.6, 0.2)}
    assert confidence(replace(material, evidence=best, strands=agreed)).level == "high"


def test_shares_of_the_strands_add_to_100():
    shares = strand_shares(synthetic_material().strands)
    assert shares is not None and sum(shares.values()) == 100
    assert strand_shares({}) is None
    still = dict.fromkeys(("base rates", "physical strand alone"), chances(0.3, 0.4, 0.3))
    assert strand_shares(still) is None

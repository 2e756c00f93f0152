"""Words, whole percents and the confidence line."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drawdown.outcomes import OUTCOMES
from drawdown.report.confidence import confidence, strand_shares
from drawdown.report.numerals import error_points, percent, points, rounded_percents, scaled
from drawdown.report.words import headline, judgements, word_for
from drawdown.report.yardsticks import ICD203, PHIA, YARDSTICKS
from test_report_synthetic import chances, full_material, synthetic_material, synthetic_summary


@pytest.mark.parametrize(
    ("percent", "word"),
    [
        (0, "almost no chance"),
        (4, "almost no chance"),
        (5, "very unlikely"),
        (20, "unlikely"),
        (45, "roughly even"),
        (54, "roughly even"),
        (55, "likely"),
        (80, "very likely"),
        (95, "almost certain"),
        (100, "almost certain"),
    ],
)
def test_lower_edges_are_inclusive(percent, word):
    assert ICD203.word(percent) == word
    assert word_for(percent / 100) == word


@pytest.mark.parametrize(
    ("percent", "word"),
    [
        (5, "a remote chance"),
        (7, "between a remote chance and highly unlikely"),
        (10, "highly unlikely"),
        (22, "between highly unlikely and unlikely"),
        (35, "unlikely"),
        (49, "a realistic possibility"),
        (50, "between a realistic possibility and likely"),
        (75, "likely"),
        (90, "highly likely"),
        (92, "between highly likely and almost certain"),
        (95, "almost certain"),
    ],
)
def test_the_other_yardstick_says_so_in_its_gaps(percent, word):
    assert PHIA.word(percent) == word
    assert word in PHIA.sentence("full exit", percent)
    assert f"({percent} %)" in PHIA.sentence("full exit", percent)


@pytest.mark.parametrize("yardstick", YARDSTICKS.values())
def test_a_yardstick_is_ordered_whole_and_dated(yardstick):
    edges = [edge for band in yardstick.bands for edge in (band.low, band.high)]
    assert edges == sorted(edges) and edges[0] == 0 and edges[-1] == 100
    assert yardstick.version.isdigit() and len({band.word for band in yardstick.bands}) == 7


def test_a_word_is_that_of_the_percent_printed_beside_it():
    # 4.6 % prints as 5 %, and 5 % is very unlikely
    assert word_for(0.046) == "very unlikely"


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


def test_a_sentence_holds_its_word_and_its_number():
    for yardstick in YARDSTICKS.values():
        for whole in range(101):
            sentence = yardstick.sentence("full exit", whole)
            assert yardstick.word(whole) in sentence and f"({whole} %)" in sentence


@given(st.lists(st.floats(-0.5, 0.5), min_size=1, max_size=9))
def test_printed_rows_add_up_to_the_printed_sum(numbers):
    *parts, total = [float(t.replace("\N{MINUS SIGN}", "-")) for t in scaled(numbers, 1)]
    assert sum(parts) == pytest.approx(total, abs=1e-9)
    assert total == pytest.approx(sum(numbers), abs=0.051)
    assert all(abs(p - n) < 0.1 + 1e-9 for p, n in zip(parts, numbers, strict=True))


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
        "(before any report 36/27/37)",
        "  The chance of a partial redeployment is roughly even (54 %). "
        "A full exit is unlikely (24 %). A retained presence is unlikely (22 %).",
    ]
    assert len(headline(synthetic_material()).splitlines()) == 4


def test_likelihood_and_confidence_share_no_sentence():
    words = [band.word for band in ICD203.bands]
    sentence = confidence(full_material()).sentence
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
    assert "none graded A on North air base or Port facility" in said.sentence
    driven = synthetic_summary() | {"sensitivity": {"rows": [], "driven_by_prior": True}}
    assert confidence(replace(material, summary=driven)).level == "low"
    best = [replace(row, grade="A1") for row in material.evidence]
    agreed = material.strands | {"political strand alone": chances(0.2, 0.6, 0.2)}
    tried = full_material()
    assert confidence(replace(tried, evidence=best, strands=agreed)).level == "high"
    # nobody tried other judgements: not high
    assert confidence(replace(material, evidence=best, strands=agreed)).level == "moderate"
    wide = tried.summary["sensitivity"] | {"range": dict.fromkeys(OUTCOMES, [0.1, 0.4])}
    summary = tried.summary | {"sensitivity": wide}
    again = confidence(replace(tried, summary=summary, evidence=best, strands=agreed))
    assert again.level == "moderate" and "from 10 to 40 %" in again.sentence
    assert "would move it by 9 points on average" in again.sentence


def test_shares_of_the_strands_add_to_100():
    shares = strand_shares(synthetic_material().strands)
    assert shares is not None and sum(shares.values()) == 100
    assert strand_shares({}) is None
    still = dict.fromkeys(("base rates", "physical strand alone"), chances(0.3, 0.4, 0.3))
    assert strand_shares(still) is None

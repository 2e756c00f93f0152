"""Each form of a judgement against exact quantiles, and what is refused."""

import math
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drawdown.files.fields import Reader
from drawdown.files.judgement import read_judgement
from drawdown.files.yamlmarks import load_yaml

Z90 = NormalDist().inv_cdf(0.9)


def read(tmp_path, text, family="log", unit=""):
    path = tmp_path / "a.yaml"
    path.write_text(f"a: {text}\n", encoding="utf-8")
    root, _, problems = load_yaml(path)
    reader = Reader()
    reader.problems += problems
    return read_judgement(reader, root.fields["a"], family, unit), [str(p) for p in reader.problems]


def test_between_is_equal_tailed(tmp_path):
    j, problems = read(tmp_path, "{between: [2, 60], sure: 80%, unit: days, why: x}", unit="days")
    assert problems == []
    assert (j.quantile(0.1), j.quantile(0.9)) == pytest.approx((2, 60))
    assert j.said == "80 % sure between 2 and 60 days"
    assert (j.unit, j.why) == ("days", "x")


def test_sure_is_80_percent_by_default(tmp_path):
    assert read(tmp_path, "{between: [2, 60], why: x}")[0].quantile(0.1) == pytest.approx(2)


def test_other_sure(tmp_path):
    j, _ = read(tmp_path, "{between: [40%, 90%], sure: 50%, why: x}", "logit")
    assert (j.quantile(0.25), j.quantile(0.75)) == pytest.approx((0.4, 0.9))


def test_about_is_a_factor(tmp_path):
    j, _ = read(tmp_path, "{about: 3, within_factor: 2, why: x}")
    assert (j.quantile(0.1), j.quantile(0.5), j.quantile(0.9)) == pytest.approx((1.5, 3, 6))


def test_about_a_share_is_a_factor_in_odds(tmp_path):
    j, _ = read(tmp_path, "{about: 20%, within_factor: 2, sure: 80%, why: x}", "logit")
    odds = [j.quantile(p) / (1 - j.quantile(p)) for p in (0.1, 0.5, 0.9)]
    assert odds == pytest.approx([0.125, 0.25, 0.5])


def test_quantiles_are_fitted(tmp_path):
    x = [math.exp(1 + 0.5 * z) for z in (-Z90, 0, Z90)]
    text = f"{{quantiles: {{10%: {x[0]}, 50%: {x[1]}, 90%: {x[2]}}}, why: x}}"
    j, problems = read(tmp_path, text)
    assert problems == []
    assert (j.mu, j.sd) == pytest.approx((1, 0.5))


def test_two_quantiles_are_met(tmp_path):
    j, _ = read(tmp_path, "{quantiles: {25%: 30%, 95%: 80%}, why: x}", "logit")
    assert (j.quantile(0.25), j.quantile(0.95)) == pytest.approx((0.3, 0.8))


def test_quantiles_far_from_any_distribution_are_refused(tmp_path):
    _, problems = read(tmp_path, "{quantiles: {10%: 1, 50%: 90, 90%: 100}, why: x}")
    assert "no lognormal distribution" in problems[0]


@pytest.mark.parametrize("family", ["log", "logit", "normal"])
def test_distribution_as_given(tmp_path, family):
    name = {"log": "lognormal", "logit": "logitnormal", "normal": "normal"}[family]
    j, problems = read(tmp_path, f"{{distribution: {{{name}: [0.5, 0.25]}}, why: x}}", family)
    assert problems == []
    assert (j.mu, j.sd) == (0.5, 0.25)


def test_normal_family_is_symmetric(tmp_path):
    j, _ = read(tmp_path, "{between: [30%, 60%], why: x}", "normal")
    assert (j.mu, j.quantile(0.1)) == pytest.approx((0.45, 0.3))


@given(low=st.floats(1e-3, 1e3), ratio=st.floats(1.01, 1e3), sure=st.floats(0.4, 0.99))
def test_between_meets_its_ends(tmp_path_factory, low, ratio, sure):
    text = f"{{between: [{low!r}, {low * ratio!r}], sure: {sure!r}, why: x}}"
    j, problems = read(tmp_path_factory.getbasetemp(), text)
    assert problems == []
    ends = j.quantile((1 - sure) / 2), j.quantile((1 + sure) / 2)
    assert ends == pytest.approx((low, low * ratio), rel=1e-6)


@pytest.mark.parametrize(
    ("text", "family", "said"),
    [
        ("{between: [2, 60]}", "log", "`why` is missing"),
        ("{between: [2, 60], why: ''}", "log", "nothing; expected text"),
        ("{why: x}", "log", "a judgement without a value"),
        ("{between: [2, 60], about: 3, within_factor: 2, why: x}", "log", "`between` and `about`"),
        ("{between: [60, 2], why: x}", "log", "low below high"),
        ("{between: [2], why: x}", "log", "1 values"),
        ("{between: [0, 2], why: x}", "log", "a number above 0"),
        ("{between: [30%, 60%], why: x}", "log", "`30%`; expected a number"),
        ("{between: [40, 90], why: x}", "logit", "did you mean `40%`"),
        ("{between: [40%, 100%], why: x}", "logit", "more than 0% and less than 100%"),
        ("{between: ['2', 60], why: x}", "log", "`2` without quotation marks"),
        ("{between: [2, 60], sure: 80, why: x}", "log", "did you mean `80%`"),
        ("{between: [2, 60], sure: 100%, why: x}", "log", "from 1% to 99.99%"),
        ("{between: [2, 60], unit: weeks, why: x}", "log", "unit `weeks`; expected `days`"),
        ("{beetween: [2, 60], why: x}", "log", "did you mean `between`"),
        ("{about: 3, why: x}", "log", "`about` without `within_factor`"),
        ("{about: 3, within_factor: 1, why: x}", "log", "a factor above 1"),
        ("{between: [2, 60], within_factor: 2, why: x}", "log", "`within_factor` without `about`"),
        ("{distribution: {lognormal: [0, 1]}, sure: 80%, why: x}", "log", "`sure` without"),
        ("{distribution: {normal: [0, 1]}, why: x}", "log", "expected {lognormal: [mu, sd]}"),
        ("{distribution: {lognormal: [0, 0]}, why: x}", "log", "sd above 0"),
        ("{quantiles: {50%: 3}, why: x}", "log", "at least two quantiles"),
        ("{quantiles: {10%: 5, 90%: 3}, why: x}", "log", "rising"),
        ("{quantiles: {low: 5, 90%: 9}, why: x}", "log", "between 0% and 100%"),
        ("{about: 30%, within_factor: 2, why: x}", "normal", "`about` for a share"),
        ("12", "log", "`12`; expected keys"),
    ],
)
def test_refused(tmp_path, text, family, said):
    _, problems = read(tmp_path, text, family, "days" if "weeks" in text else "")
    assert said in "\n".join(problems)

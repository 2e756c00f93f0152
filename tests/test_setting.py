"""PATH=VALUE: what each form of a value does to each kind of block, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drawdown.errors import InputError
from drawdown.files.fields import Reader
from drawdown.files.priors import build_priors, read_tree
from drawdown.files.setting import put, read_setting
from drawdown.outcomes import OUTCOMES

TREE = read_tree(Reader())
BASE = build_priors(Reader(), TREE)
KNOWN = [path for path, _, _ in BASE.said] + ["sources.HUR"]


def set_all(*texts):
    """The priors with settings put in, in this order, and the last note."""
    reader, root, held, note = Reader(), TREE.root, [], ""
    for text in texts:
        placed = put(reader, root, read_setting(text), KNOWN, held)
        root, note = placed.root, placed.note
        held += placed.paths
    if reader.problems:
        raise InputError(reader.problems)
    return build_priors(reader, type(TREE)(root, (), "", ())), note


def refusal(text):
    with pytest.raises(InputError) as raised:
        set_all(text)
    return str(raised.value)


def quantiles(judgement):
    return judgement.quantile(0.1), judgement.quantile(0.9)


def test_an_interval_is_as_sure_as_before():
    priors, _ = set_all("clock.starts.full_exit=6..16")
    assert quantiles(priors.starts["full_exit"]) == pytest.approx((6, 16))
    assert priors.starts["retained"] == BASE.starts["retained"]
    assert priors.starts["full_exit"].said == "80 % sure between 6 and 16 days"


def test_yaml_as_a_forecaster_writes_it_needs_no_reason():
    priors, _ = set_all("clock.starts.full_exit={between: [4, 12], sure: 90%}")
    found = priors.starts["full_exit"]
    assert (found.quantile(0.05), found.quantile(0.95)) == pytest.approx((4, 12))
    assert found.unit == "days"


@pytest.mark.parametrize(
    ("path", "find"),
    [
        ("clock.lasts.full_exit", lambda p: p.lasts["full_exit"]),
        ("lift", lambda p: p.lift),
        ("indicators.transport_flights.lifts.equipment", lambda p: _flights(p).lifts["equipment"]),
        ("crisis", lambda p: p.crisis),
    ],
)
@given(factor=st.sampled_from([0.5, 0.7, 1.5, 3.0]))
def test_a_factor_moves_the_median_and_leaves_the_spread(path, find, factor):
    priors, _ = set_all(f"{path}=x{factor:g}")
    old, new = find(BASE), find(priors)
    assert new.quantile(0.5) == pytest.approx(old.quantile(0.5) * factor, rel=1e-6)
    assert new.sd == pytest.approx(old.sd, rel=1e-6)


def _flights(priors):
    return priors.indicators["transport_flights"]


def test_a_factor_on_shares_scales_both_ends_and_stops_at_one():
    priors, _ = set_all("indicators.combat_aircraft.visible=x0.5")
    assert quantiles(priors.indicators["combat_aircraft"].visible) == pytest.approx((0.2, 0.45))
    said = refusal("indicators.combat_aircraft.visible=x1.5")
    assert "135%" in said
    assert "less than 100%" in said


@pytest.mark.parametrize(
    ("text", "find", "value"),
    [
        ("reserve=5%", lambda p: p.reserve, 0.05),
        ("reserve=x2", lambda p: p.reserve, 0.06),
        ("late.starts=0.2%", lambda p: p.late_starts, 0.002),
        ("gone.together=0.3", lambda p: p.together, 0.3),
        ("lift=2", lambda p: p.lift.quantile(0.5), 2.0),
        ("grades.letters.B=90%", lambda p: p.letters["B"], 0.90),
        ("grades.digits.*=x0.9", lambda p: p.digits["6"], 0.225),
        ("indicators.warships.spread=4", lambda p: p.indicators["warships"].spread, 4.0),
        ("indicators.warships.look.chance=50%", lambda p: p.indicators["warships"].look.chance, 0.5),
        ("indicators.negotiations_ongoing.shared=0.2", lambda p: _talks(p).shared, 0.2),
    ],
)
def test_plain_values(text, find, value):
    assert find(set_all(text)[0]) == pytest.approx(value)


def _talks(priors):
    return priors.indicators["negotiations_ongoing"]


def test_a_collector_is_graded_everywhere():
    assert set_all("sources.HUR=D4")[0].sources == {"HUR": "D4"}
    assert "a grade from A1 to F6" in refusal("sources.HUR=G9")


def test_one_chance_rescales_the_others_in_proportion_and_says_so():
    priors, note = set_all("outcomes.chance.full_exit=20%")
    new, old = priors.outcome_chance, BASE.outcome_chance
    assert new["full_exit"] == pytest.approx(0.2)
    assert sum(new.values()) == pytest.approx(1.0)
    ratio = old["retained"] / old["partial_redeployment"]
    assert new["retained"] / new["partial_redeployment"] == pytest.approx(ratio)
    assert note.startswith("the others in proportion: retained 51.2 %")


def test_a_chance_that_was_set_is_not_rescaled():
    priors, _ = set_all("outcomes.chance.full_exit=20%", "outcomes.chance.retained=50%")
    assert [priors.outcome_chance[o] for o in OUTCOMES] == pytest.approx([0.5, 0.3, 0.2])


def test_chances_of_fates():
    priors, _ = set_all("fates.partial_redeployment.major.closed=30%")
    found = priors.fates["partial_redeployment"]["major"]
    assert found == pytest.approx({"closed": 0.3, "kept": 0.7 * 50 / 85, "thinned": 0.7 * 35 / 85})
    assert "leaves 5% for the others" in refusal("fates.full_exit.major.closed=95%")


def test_whole_chances():
    priors, note = set_all("outcomes.chance={retained: 30%, partial_redeployment: 30%, full_exit: 40%}")
    assert priors.outcome_chance["full_exit"] == pytest.approx(0.4)
    assert note == ""
    assert "sum to 90%" in refusal(
        "outcomes.chance={retained: 30%, partial_redeployment: 30%, full_exit: 30%}"
    )


def test_a_star_is_any_one_part():
    priors, _ = set_all("clock.lasts.*=x2")
    for outcome in OUTCOMES:
        assert priors.lasts[outcome].mu > BASE.lasts[outcome].mu
    priors, _ = set_all("gone.*.thinned=20%..60%")
    assert priors.gone_garrison["thinned"].said == priors.gone_stock["thinned"].said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("lift", "`lift`; expected PATH=VALUE"),
        ("=5", "expected PATH=VALUE"),
        ("lift=", "expected PATH=VALUE"),
        ("resrve=5%", "did you mean `reserve`"),
        ("indicators.combat_aircrft.visible=40%..60%", "`indicators.combat_aircraft.visible`"),
        ("outcomes.chance.ful_exit=20%", "did you mean `outcomes.chance.full_exit`"),
        ("clock.lasts=x2", "did you mean `clock.lasts.*`"),
        ("indicators.combat_aircraft.tracks=pace", "unknown path"),
        ("indicators.combat_aircraft.visible.why=x", "unknown path"),
        ("clock.starts.full_exit=12..4", "low below high"),
        ("clock.starts.full_exit=12", "`6..16`, `x1.5`"),
        ("clock.starts.full_exit={between: [1, 2], unit: hours}", "unit `hours`"),
        ("clock.starts.full_exit=x0", "`x0`"),
        ("reserve=abc", "a percentage"),
        ("reserve=150%", "from 0% to 100%"),
        ("reserve=6..16", "one value"),
        ("lift=[1", "not valid YAML"),
        ("lift={about: 2}", "`within_factor"),
        ("grades.letters.B=99%", "`B` is above `A`"),
        ("grades.letters=90%", "one of its values"),
    ],
)
def test_refused(text, said):
    assert said in refusal(text)

"""The shipped priors, overlays, and what is wrong with bad ones."""

import shutil

import pytest

from drawdown.errors import InputError
from drawdown.files.priors import DIRECTORY, load_priors
from drawdown.outcomes import FATES, OUTCOMES


def overlaid(tmp_path, text, name="mine.yaml"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return load_priors([path])


def problems_of(tmp_path, text, name="mine.yaml"):
    with pytest.raises(InputError) as raised:
        overlaid(tmp_path, text, name)
    return "\n".join(map(str, raised.value.problems))


def test_shipped_priors_are_whole(priors):
    assert sum(priors.outcome_chance.values()) == pytest.approx(1)
    for outcome in OUTCOMES:
        for fates in priors.fates[outcome].values():
            assert list(fates) == list(FATES)
            assert sum(fates.values()) == pytest.approx(1)
    for indicator in priors.indicators.values():
        if indicator.tracks == "intent":
            assert set(indicator.present) == set(OUTCOMES)
            assert indicator.shared > 0
        if indicator.tracks in ("remaining", "pace"):
            assert (indicator.visible is None) == (indicator.tracks == "pace")
            assert (indicator.seen is None) == (indicator.tracks == "remaining")
    assert all(why for _, _, why in priors.said)
    assert len({path for path, _, _ in priors.said}) == len(priors.said)


def test_resolved_text_gives_the_same_priors(tmp_path, priors):
    (tmp_path / "defaults.yaml").write_text(priors.resolved_yaml(), encoding="utf-8")
    again = load_priors(directory=tmp_path)
    assert again.sha256 == priors.sha256
    assert again.said == priors.said
    assert again.indicators == priors.indicators
    assert again.resolved_yaml().split("\n\n", 1)[1] == priors.resolved_yaml().split("\n\n", 1)[1]


def test_overlay_replaces_a_judgement_whole(tmp_path, priors):
    mine = overlaid(
        tmp_path, "clock:\n  lasts:\n    full_exit: {between: [10, 20], sure: 50%, why: Fast}\n"
    )
    assert mine.names == ("mine",)
    assert mine.lasts["full_exit"].quantile(0.25) == pytest.approx(10)
    assert mine.lasts["full_exit"].unit == "days"
    assert mine.lasts["retained"] == priors.lasts["retained"]
    assert mine.sha256 != priors.sha256
    assert ("clock.lasts.full_exit", "50 % sure between 10 and 20 days", "Fast") in mine.said


def test_later_overlays_win(tmp_path):
    for name, share in (("one", "5%"), ("two", "7%")):
        (tmp_path / f"{name}.yaml").write_text(f"reserve: {{share: {share}, why: x}}\n")
    assert load_priors([tmp_path / "one.yaml", tmp_path / "two.yaml"]).reserve == 0.07
    assert load_priors([tmp_path / "two.yaml", tmp_path / "one.yaml"]).reserve == 0.05


def test_bare_name_is_a_file_beside_the_defaults(tmp_path):
    for file in ("defaults.yaml", "learned.yaml"):
        shutil.copy(DIRECTORY / file, tmp_path)
    (tmp_path / "sceptic.yaml").write_text("reserve: {share: 9%, why: x}\n")
    assert load_priors(["sceptic"], directory=tmp_path).reserve == 0.09
    with pytest.raises(InputError, match="did you mean `sceptic`"):
        load_priors(["sceptik"], directory=tmp_path)


def test_reasons_do_not_change_the_hash(tmp_path, priors):
    assert overlaid(tmp_path, "reserve: {share: 3%, why: Another reason}\n").sha256 == priors.sha256


def test_regraded_source(tmp_path, priors):
    mine = overlaid(tmp_path, "sources:\n  HUR: {grade: D4, why: Party to a war}\n")
    assert (
        mine.chance_right("HUR", "A1") == mine.chance_right("", "D4") < priors.chance_right("HUR", "A1")
    )
    assert priors.chance_right("x", "") == priors.chance_right("x", "F6")
    assert priors.chance_right("x", "B2") == pytest.approx(priors.letters["B"] * priors.digits["2"])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("reserve: {share: 5%}\n", "mine.yaml:1:1: `why` is missing"),
        ("reserv: {share: 5%, why: x}\n", "unknown `reserv`"),
        (
            "clock: {lasts: {ful_exit: {about: 1, within_factor: 2, why: x}}}\n",
            "did you mean `full_exit`",
        ),
        (
            "indicators: {tanks: {tracks: nothing}}\n",
            "unknown indicator `tanks`, and no new one without `label`",
        ),
        ("indicators: {combat_aircraft: {tracks: pace}}\n", "says what the indicator is"),
        ("indicators: {combat_aircraft: 3}\n", "`3`; expected keys"),
        (
            "outcomes: {chance: {retained: 50%, full_exit: 20%}, why: x}\n",
            "`partial_redeployment` is missing",
        ),
        (
            "outcomes: {chance: {retained: 50%, partial_redeployment: 30%, full_exit: 30%}, why: x}\n",
            "sum to 110%; expected 100%",
        ),
        ("reserve: {share: 130%, why: x}\n", "`130%`; expected from 0% to 100%"),
        ("reserve: {share: 3, why: x}\n", "did you mean `3%`"),
        ("late: {starts: {share: 1%, per: year, why: x}}\n", "`year`; expected one of `month`"),
        ("clock: {lasts: {full_exit: {between: [2, 9], unit: weeks, why: x}}}\n", "unit `weeks`"),
        (
            "grades: {letters: {A: 50%, B: 60%, C: 5%, D: 5%, E: 5%, F: 5%, why: x}}\n",
            "`B` is above `A`",
        ),
        ("sources: {HUR: {grade: D7, why: x}}\n", "`D7`; expected a grade from A1 to F6"),
        ("sources: {HUR: {grade: D4}}\n", "`why` is missing"),
        (
            "indicators: {combat_aircraft: {look: {chance: 5%, within: 7, why: x}}}\n",
            "did you mean `7 days`",
        ),
        ("reserve: {share: 5%, why: '=1+1'}\n", "begins with `=`"),
        ("reserve: {share: 5%, why: a, b}\n", "text with a comma in quotation marks"),
        ("reserve: {share: 5%, why: x, why: y}\n", "`why` stands here twice"),
    ],
)
def test_refused(tmp_path, text, said):
    assert said in problems_of(tmp_path, text)


def test_all_problems_of_all_files_at_once(tmp_path):
    (tmp_path / "a.yaml").write_text("reserve: {share: 500%, why: x}\nlift: 3\n")
    (tmp_path / "b.yaml").write_text("crisis: {about: 1}\n")
    with pytest.raises(InputError) as raised:
        load_priors([tmp_path / "a.yaml", tmp_path / "b.yaml", tmp_path / "c.yaml"])
    files = [problem.file.rsplit("/")[-1] for problem in raised.value.problems]
    assert set(files) == {"a.yaml", "b.yaml", "c.yaml"}
    assert len(files) >= 5


def test_names_of_overlays(tmp_path):
    assert "file name" in problems_of(tmp_path, "{}\n", "My View.yaml")
    path = tmp_path / "mine.yaml"
    path.write_text("{}\n")
    with pytest.raises(InputError, match="a second overlay named `mine`"):
        load_priors([path, path])


def test_learned_adds_politics_only(tmp_path):
    shutil.copy(DIRECTORY / "defaults.yaml", tmp_path)
    (tmp_path / "learned.yaml").write_text(
        "reference: {sha256: ab}\nindicators:\n  combat_aircraft: {present: 1, shared: 2}\n  x: {}\n"
    )
    with pytest.raises(InputError) as raised:
        load_priors(directory=tmp_path)
    text = str(raised.value)
    assert "`combat_aircraft` is no political indicator" in text
    assert "unknown indicator `x`" in text
    assert "`present` is missing" in text

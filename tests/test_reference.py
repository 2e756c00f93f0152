"""Past episodes: how they are read, refused and weighed."""

import csv

import numpy as np
import pytest

from cases import REFERENCE
from drawdown.errors import InputError
from drawdown.files.learning import load_learning
from drawdown.files.reference import load_reference
from drawdown.model.episodes import case_weights, code

CASES = """\
case_id,name,outcome,cluster,near_settled,outcome_confidence,first_sign_date,outcome_date
A,First,full_exit,one,true,high,2020-01-01,2020-04-10
B,Second,retained,one,false,low,2020-01-01,
C,Third,retained,,false,,,
"""
CODES = "case_id,indicator,coded\nA,demand,1\nA,invite,NA\nB,demand,0\nC,invite,1\n"


def written(folder, cases=CASES, codes=CODES):
    folder.mkdir(exist_ok=True)
    (folder / "cases.csv").write_text(cases)
    (folder / "indicators.csv").write_text(codes)
    return folder


def test_the_shipped_class_holds_every_row():
    """42 cases of 20 collected indicators, 525 coded, and the scope of 28 announcements beside them."""
    found = load_reference(REFERENCE)
    assert len(found.episodes) == 42
    assert len(found.indicators) == 21
    assert sum(len(e.codes) for e in found.episodes) == 525 + 28
    assert [sum(e.outcome == o for e in found.episodes) for o in ("full_exit", "retained")] == [19, 11]
    assert sum(e.near_settled for e in found.episodes) == 11
    scope = [e.codes.get("full_exit_announced") for e in found.episodes]
    announced = [e.codes["official_withdrawal_announcement"] for e in found.episodes]
    assert all(a == 1 for a, s in zip(announced, scope, strict=True) if s is not None)


def test_missing_codes_stay_missing(tmp_path):
    found = load_reference(written(tmp_path))
    coded = code(found.episodes, found.indicators)
    assert coded.known.tolist() == [[1, 0], [1, 0], [0, 1]]
    assert coded.present.tolist() == [[1, 0], [0, 0], [0, 1]]
    assert found.episodes[2].cluster == "C"
    assert code(found.episodes, ("other",)).known.sum() == 0


def test_every_problem_at_once(tmp_path):
    cases = CASES.replace("full_exit", "exit").replace("true", "yes").replace("2020-04-10", "10.4.2020")
    codes = CODES.replace("A,demand,1", "D,demand,2") + "B,demand,1\nB,Big Thing,1\n"
    with pytest.raises(InputError) as raised:
        load_reference(written(tmp_path, cases + "A,Again,,x,false,high,,\n", codes))
    text = str(raised.value)
    for wrong in (
        *("`exit`", "`yes`", "a spreadsheet rewrote this date", "`A` stands on line 2 already"),
        *("unknown case `D`", "`2`; expected `1`, `0` or `NA`", "`B demand` stands on line 4 already"),
        *("indicator `Big Thing`", "a blank; expected one of `retained`"),
    ):
        assert wrong in text
    assert "cases.csv:2:" in text


def test_weights_follow_the_settings(tmp_path):
    """Near-settled half, low confidence half, and a cluster at most two cases."""
    found, learning = load_reference(REFERENCE), load_learning()
    everything = np.ones(42, dtype=bool)
    weight = case_weights(found, learning, everything)
    for name in {e.cluster for e in found.episodes}:
        assert weight[[e.cluster == name for e in found.episodes]].sum() <= 2 + 1e-12
    alone = {e.name: w for e, w in zip(found.episodes, weight, strict=True)}
    assert alone["SU_HUN_1990"] == pytest.approx(0.5)
    assert alone["US_TCD_2024"] < alone["FR_NER_2023"]
    # without its neighbours a case of the Sahel counts for itself again
    kept = np.array([e.cluster != "sahel" or e.name == "FR_NER_2023" for e in found.episodes])
    again = dict(zip(alone, case_weights(found, learning, kept), strict=True))
    assert again["FR_NER_2023"] == 1.0
    assert again["FR_MLI_2022"] == 0.0


def test_settings_are_strict(tmp_path):
    from drawdown.files.priors import DIRECTORY

    text = (DIRECTORY / "learning.yaml").read_text()
    wrong = text.replace("at_most: 2", "at_most: -1").replace("near_settled:", "near_setled:")
    (tmp_path / "learning.yaml").write_text(wrong)
    with pytest.raises(InputError) as raised:
        load_learning(tmp_path / "learning.yaml")
    assert "`near_settled` is missing" in str(raised.value)
    assert "did you mean `near_settled`" in str(raised.value)
    assert "a number above 0" in str(raised.value)


def test_a_shared_folder_is_read_as_it_is(tmp_path):
    """Columns that only describe a case are welcome, and unknown ones are not."""
    rows = list(csv.reader(CASES.splitlines()))
    wide = "\n".join(",".join([*row, "x"]) for row in rows).replace(",x\n", ",publisher\n", 1)
    assert len(load_reference(written(tmp_path / "a", wide)).episodes) == 3
    with pytest.raises(InputError, match="unknown column `publishr`"):
        load_reference(written(tmp_path / "b", wide.replace("publisher", "publishr")))

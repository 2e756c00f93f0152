"""What earlier runs left, damaged: it is made again or passed over, and never taken for what it was."""

import json
import random
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from drawdown.answers.base import _read
from drawdown.answers.replay import Kept, Plan
from drawdown.answers.since import read_run
from drawdown.answers.so_far import so_far
from drawdown.answers.stored import FITS, identity, rows_seen
from drawdown.inference.bridge import Evidence
from drawdown.inference.fitted import Fitted
from drawdown.inference.store import load_facts, load_fits, write_fits
from drawdown.outcomes import OUTCOMES
from drawdown.report.index import entries
from drawdown.report.store import REPLAY, REPORT, may_replace
from small import PRIORS, ROWS, small_case, small_question

CORPUS = sorted((Path(__file__).parent / "corpus" / "assessment").glob("*.json"))


@pytest.fixture
def q(tmp_path):
    return small_question(tmp_path, ROWS)


def written(path: Path, q, **facts: object) -> Path:
    rng, number = np.random.default_rng(1), q.layout.n_parameters
    fit = Fitted.independent(rng.standard_normal((200, number)), Evidence(-1.0, 0.01))
    path.parent.mkdir(exist_ok=True)
    write_fits(path, dict.fromkeys(OUTCOMES, fit), q.layout, identity(q) | facts)
    return path


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_draws_with_a_wrong_bit_are_no_draws(tmp_path, q):
    file = written(tmp_path / FITS, q, rows=["a"])
    whole, facts = load_fits(file)
    raw, rng = file.read_bytes(), random.Random(1)
    refused = 0
    for _ in range(150):
        damaged = bytearray(raw)
        damaged[rng.randrange(len(raw))] ^= 1 << rng.randrange(8)
        file.write_bytes(damaged)
        try:
            found, said = load_fits(file)
        except OSError:
            refused += 1
            continue
        # where the bit did not matter, everything is as it was
        assert sorted(found) == sorted(whole)
        assert all(np.array_equal(found[h].draws, whole[h].draws) for h in OUTCOMES)
        assert all(found[h].evidence == whole[h].evidence for h in OUTCOMES)
        assert said == facts or json.dumps(said) != json.dumps(facts)
    assert refused > 75


@pytest.mark.parametrize("raw", [b"", b"\0" * 5000, b"CDF\x01", b"{}", None])
def test_a_file_that_holds_no_draws(tmp_path, q, raw):
    file = written(tmp_path / FITS, q, rows=["a"])
    file.write_bytes(file.read_bytes()[:7000] if raw is None else raw)
    for read in (load_fits, load_facts):
        with pytest.raises(OSError):
            read(file)
    assert rows_seen(tmp_path) is None
    assert _read(q, file) is None


def test_facts_that_are_no_facts(tmp_path, q):
    file = tmp_path / FITS
    written(file, q)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("drawdown.inference.store.json.dumps", lambda *_, **__: "[1]")
        written(file, q)
    with pytest.raises(OSError, match="damaged"):
        load_facts(file)
    assert rows_seen(tmp_path) is None


@pytest.mark.parametrize("file", CORPUS, ids=lambda p: p.name)
def test_a_damaged_assessment_is_passed_over(tmp_path, file):
    """By the run that is compared with it, by the one that replaces it, and by the list of all."""
    run = tmp_path / "run"
    run.mkdir()
    (run / "assessment.json").write_bytes(file.read_bytes())
    (run / "brief.html").write_text("")
    assert read_run(run, "tiny") is None
    assert may_replace(run, passed=True)
    assert isinstance(entries(tmp_path, "tiny"), list)
    assert REPLAY.read(run) is None and (REPORT.read(run) is None or "case" in REPORT.read(run))


@pytest.mark.parametrize("file", CORPUS, ids=lambda p: p.name)
def test_a_damaged_series_is_none(tmp_path, monkeypatch, q, file):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "reports" / "small" / "replay"
    folder.mkdir(parents=True)
    (folder / "replay.json").write_bytes(file.read_bytes())
    assert so_far(q) == {}


@pytest.mark.parametrize("file", CORPUS, ids=lambda p: p.name)
def test_a_damaged_date_is_made_again(tmp_path, file):
    plan = Plan(small_case(tmp_path, ROWS), PRIORS, (date(2024, 12, 15), date(2024, 12, 22)), 1, True)
    kept = Kept(tmp_path / "kept", plan)
    kept.write(0, {"date": {"as_of": "2024-12-15"}})
    assert kept.read(0)["date"] == {"as_of": "2024-12-15"}
    kept.path(0).write_bytes(file.read_bytes())
    assert kept.read(0) is None
    kept.path(0).unlink()
    kept.path(0).mkdir()
    assert kept.read(0) is None
    assert replace(plan, seed=2).key(0) != plan.key(0)

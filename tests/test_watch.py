"""`watch`: the answer after a save, by weights where they hold and by a fit elsewhere."""

import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from conftest import CASE, write_reports
from drawdown.answers.retell import Teller
from drawdown.answers.watching import UNCHANGED, Watched
from drawdown.cli import app
from drawdown.errors import InputError
from drawdown.files.saved import marks, wait_for_save
from small import ROWS, row, small_assessment

NEW = row("2024-12-26", "base", "combat_aircraft", "4", "image_c")
LATE = row("2024-12-31", "base", "transport_flights", "2", "tracker_b")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The small case in a place of its own, with an overlay."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "small"
    folder.mkdir()
    (folder / "case.yaml").write_text(CASE, encoding="utf-8")
    write_reports(folder, [*ROWS, LATE])
    return folder


@pytest.fixture
def mine(tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text("reserve: {share: 3%, why: As before}\n", encoding="utf-8")
    return file


def test_each_save_is_answered_and_a_wrong_file_keeps_the_answer(folder, mine):
    watched = Watched(folder, [mine])
    first = watched.outcomes
    fit = watched.teller
    assert watched.update().method == UNCHANGED
    # a reserve: exact, and from the same fit
    mine.write_text("reserve: {share: 20%, why: Doubt}\n", encoding="utf-8")
    told = watched.update()
    assert told.method == "exact" and watched.teller is fit
    assert np.array_equal(told.before, first)
    rates = fit.base.question.besides.base_rates
    bare = (first - 0.03 * rates) / 0.97
    assert told.after == pytest.approx(0.8 * bare + 0.2 * rates)
    # a wrong file: told with its place, and the answer before stands
    (folder / "case.yaml").write_text(CASE.replace("kind: major", "kind: mayor"), encoding="utf-8")
    with pytest.raises(InputError, match=r"case\.yaml:.*mayor"):
        watched.update()
    assert np.array_equal(watched.outcomes, told.after)
    (folder / "case.yaml").write_text(CASE, encoding="utf-8")
    assert watched.update().method == UNCHANGED
    # where sites end is always fitted again; the next answers start from that fit
    mine.write_text("gone: {stock: {kept: {between: [40%, 95%], why: Bold}}}\n", encoding="utf-8")
    again = watched.update()
    assert again.method == "refitted"
    assert (watched.teller is not fit) == again.passed
    assert again.after.sum() == pytest.approx(1.0)


def test_new_rows_are_weighed_as_the_teller_weighs_them(folder):
    watched = Watched(folder)
    base = watched.teller.base
    write_reports(folder, [*ROWS, LATE, NEW])
    told = watched.update()
    assert watched.question.view.as_of == base.question.view.as_of
    assert len(watched.question.observations.reports) == len(base.question.observations.reports) + 1
    if told.method == "reweighted":
        expected = Teller(base).reweighted(watched.question)
        assert told.after == pytest.approx(expected.outcomes)
        assert watched.teller.base is base
    else:
        expected = small_assessment(watched.question)
        assert np.abs(told.after - expected.weighed.outcomes).max() < 0.06
    # taken back: the answer of the start, from the draws of the start or of another fit
    write_reports(folder, [*ROWS, LATE])
    back = watched.update()
    assert np.abs(back.after - base.weighed.outcomes).max() < 0.06


def test_a_save_is_seen_once_it_is_over(tmp_path):
    file, other = tmp_path / "a.yaml", tmp_path / "b.yaml"
    file.write_text("a", encoding="utf-8")
    before = marks(lambda: [file, other])
    assert set(before) == {file}

    def save():
        time.sleep(0.3)
        file.write_text("much longer", encoding="utf-8")
        other.write_text("b", encoding="utf-8")

    thread = threading.Thread(target=save)
    thread.start()
    after, changed = wait_for_save(lambda: [file, other], before)
    thread.join()
    # one save or two, by where the looks fell; in the end both are seen
    while other not in after or file not in changed and after[file] == before[file]:
        after, changed = wait_for_save(lambda: [file, other], after)
    assert after[file] != before[file] and other in after


def test_the_command_prints_before_and_after(folder, mine):
    """Saves from outside, the first of them wrong; it stops after the third."""
    code = "from drawdown.cli import main; main()"
    words = ["watch", "small", "--priors", "mine.yaml", "--saves", "3"]
    process = subprocess.Popen(
        [sys.executable, "-c", code, *words],
        stdout=subprocess.PIPE,
        text=True,
        env={"PYTHONPATH": ":".join(p for p in sys.path if p), "PATH": "/usr/bin:/bin"},
    )
    assert process.stdout is not None
    try:
        texts = (
            "reserve: {share: 300%, why: Too much}\n",
            "reserve: {share: 20%, why: Doubt}\n",
            "# a remark\nreserve: {share: 20%, why: Doubt}\n",
        )
        seen = _until(process.stdout, "Ctrl-C stops")
        for text, sign in zip(
            texts, ("last answer stands", "Exact", "Nothing that counts"), strict=True
        ):
            mine.write_text(text, encoding="utf-8")
            seen += _until(process.stdout, sign)
        assert process.wait(timeout=60) == 0
    finally:
        process.kill()
    told = "".join(seen)
    assert "A small case, as of 2 Jan 2025" in told
    assert "mine.yaml:1:" in told and "300%" in told
    assert "% -> " in told and " points" in told


def _until(lines, sign):
    seen = []
    for line in lines:
        seen.append(line)
        if sign in line:
            return seen
    raise AssertionError("".join(seen))


def test_bad_input_at_the_start_stops_it(tmp_path):
    result = CliRunner().invoke(app, ["watch", str(Path(tmp_path) / "nowhere")])
    assert result.exit_code == 2

"""What is written stands whole or not at all: killed runs, runs at once, full disks, closed folders."""

import json
import multiprocessing
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from drawdown import whole
from drawdown.answers.replay import _end_with
from drawdown.report.store import settle
from drawdown.whole import STAGED, apart, check_writable, exchange, put, staging, write_whole
from small import ROWS, small_case

PACKAGE = Path(__file__).parents[1] / "model"
COMMAND = "import sys; from drawdown.cli import main; main()"
# Python itself keeps compiled modules that a full disk cut short, and stumbles over them next time
ENVIRONMENT = os.environ | {"PYTHONPATH": str(PACKAGE), "PYTHONDONTWRITEBYTECODE": "1"}
SPAWN = multiprocessing.get_context("spawn")


def names(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir())


def left_over(folder: Path) -> list[str]:
    return [name for name in names(folder) if name.startswith(".")]


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path):
    file = tmp_path / "a" / "file.txt"
    write_whole("old\n", file)
    with pytest.raises(ZeroDivisionError), apart(file) as new:
        new.write_text("half of the n")
        raise ZeroDivisionError
    assert file.read_text() == "old\n"
    write_whole("new\n", file)
    assert file.read_text() == "new\n"
    assert left_over(file.parent) == []


def test_a_staging_folder_may_be_staged_in(tmp_path):
    """The draws of a report are written whole into the folder of a report that is written whole."""
    with staging(tmp_path) as staged:
        write_whole("x", staged / "inner.txt")
        assert names(staged) == ["inner.txt"]
        put(staged, tmp_path / "done")
    assert names(tmp_path) == ["done"]


def _stage_and_wait(place: str, started) -> None:
    with staging(Path(place)) as staged:
        (staged / "half").write_text("x")
        started.set()
        time.sleep(600)


def test_what_a_killed_run_left_is_cleared_and_what_a_living_one_writes_is_not(tmp_path):
    begun = [SPAWN.Event(), SPAWN.Event()]
    runs = [SPAWN.Process(target=_stage_and_wait, args=(str(tmp_path), event)) for event in begun]
    for run in runs:
        run.start()
    try:
        assert all(event.wait(60) for event in begun)
        assert len(left_over(tmp_path)) == 2
        runs[0].kill()
        runs[0].join()
        write_whole("x", tmp_path / "file.txt")
        (living,) = left_over(tmp_path)
        assert names(tmp_path / living / "new") == ["half"]
    finally:
        for run in runs:
            run.kill()
            run.join()
    write_whole("y", tmp_path / "file.txt")
    assert left_over(tmp_path) == []


def folder_of(path: Path, text: str) -> Path:
    path.mkdir(parents=True)
    (path / "file").write_text(text)
    return path


def test_two_folders_are_exchanged_in_one_step(tmp_path):
    one, two = folder_of(tmp_path / "one", "1"), folder_of(tmp_path / "two", "2")
    if not exchange(one, two):
        pytest.skip("this file system cannot exchange folders")
    assert (one / "file").read_text() + (two / "file").read_text() == "21"
    with pytest.raises(FileNotFoundError):
        exchange(one, tmp_path / "three")


@pytest.mark.parametrize("moved_in", [False, True])
def test_the_next_run_mends_a_replacement_that_was_killed_between_its_steps(tmp_path, moved_in):
    folder_of(tmp_path / ".run.abc" / whole.ASIDE, "old")
    if moved_in:
        folder_of(tmp_path / "run", "new")
    write_whole("x", tmp_path / "index.html")
    assert (tmp_path / "run" / "file").read_text() == ("new" if moved_in else "old")
    assert left_over(tmp_path) == []


def test_without_an_exchange_a_folder_is_replaced_all_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr(whole, "exchange", lambda one, two: False)
    target = folder_of(tmp_path / "run", "old")
    with staging(tmp_path) as staged:
        (staged / "file").write_text("new")
        put(staged, target)
    assert (target / "file").read_text() == "new"
    assert left_over(tmp_path) == []


PAGES = ("assessment.json", "brief.md", "brief.html", "hub.csv", "posterior.csv", "priors.yaml")


def _settle_many(place: str, tag: str, passed: bool, times: int) -> None:
    record = {"case": "c", "as_of": tag, "outcomes": {}, "diagnostics": {"passed": passed}}
    for _ in range(times):
        with staging(Path(place)) as staged:
            for page in PAGES:
                (staged / page).write_text(json.dumps(record) if page.endswith("json") else tag)
            settle(staged, Path(place) / "run", passed=passed)


def _tags(folder: Path) -> set[str]:
    """What the pages of one folder say, whatever stands at its path a moment later."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        found = set()
        for page in PAGES:
            file = os.open(page, os.O_RDONLY, dir_fd=handle)
            text = os.read(file, 10_000).decode()
            os.close(file)
            found.add(json.loads(text)["as_of"] if page.endswith("json") else text)
        return found
    finally:
        os.close(handle)


def test_runs_at_once_do_not_mix_and_a_failed_one_takes_no_passed_ones_place(tmp_path):
    tellers = [
        SPAWN.Process(target=_settle_many, args=(str(tmp_path), tag, tag != "failed", 60))
        for tag in ("one", "two", "failed")
    ]
    _settle_many(str(tmp_path), "one", True, 1)
    for teller in tellers:
        teller.start()
    looks = 0
    while any(teller.is_alive() for teller in tellers):
        assert (tmp_path / "run").is_dir()
        try:
            seen = _tags(tmp_path / "run")
        except FileNotFoundError:
            # replaced while it was read; what stands there now is whole
            continue
        assert seen in ({"one"}, {"two"}), seen
        looks += 1
    assert [teller.exitcode for teller in tellers] == [0, 0, 0]
    assert looks > 20
    assert _tags(tmp_path / "run+failed") == {"failed"}
    assert names(tmp_path) == ["run", "run+failed"]


def run(folder: Path, *arguments: str, file_size: int | None = None):
    """Run the command with no file allowed to be larger than so many bytes."""

    def limit() -> None:
        if file_size is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (file_size, file_size))

    return subprocess.run(
        [sys.executable, "-c", COMMAND, *arguments],
        cwd=folder,
        env=ENVIRONMENT,
        preexec_fn=limit,
        capture_output=True,
        text=True,
    )


def files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 2, done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr


@pytest.mark.parametrize("kilobytes", [2, 400])
def test_a_full_disk_is_one_line_and_the_last_report_stands(tmp_path, kilobytes):
    """It fills up before anything is fitted, and while the draws are written."""
    small_case(tmp_path, ROWS)
    old = tmp_path / "reports" / "small" / "2024-12-31+quick"
    old.mkdir(parents=True)
    record = {"case": "small", "as_of": "2024-12-31", "outcomes": {}, "diagnostics": {"passed": True}}
    (old / "assessment.json").write_text(json.dumps(record))
    before = files(tmp_path)
    arguments = ("assess", "small", "--as-of", "2024-12-31", "--quick")
    said = one_line(run(tmp_path, *arguments, file_size=1000 * kilobytes))
    assert said.startswith("reports/small: file too large")
    assert files(tmp_path) == before
    assert left_over(tmp_path / "reports" / "small") == []


@pytest.mark.parametrize(
    ("arguments", "place"),
    [
        (["new", "mali"], "mali"),
        (["issue", "small", "--by", "desk", "--say", "full=1,partial=0,retained=0"], "issued.csv"),
        (["learn", "--out", "here/learned.yaml"], "here"),
        (["replay", "small", "--quick", "--out", "here/replay"], "here"),
        (["assess", "small", "--quick", "--out", "here/run"], "here"),
    ],
)
def test_a_full_disk_at_once(tmp_path, arguments, place):
    small_case(tmp_path, ROWS)
    (tmp_path / "evidence").symlink_to(PACKAGE.parent / "evidence")
    before = files(tmp_path / "small")
    said = one_line(run(tmp_path, *arguments, file_size=0))
    assert place in said and "file too large" in said.lower()
    assert files(tmp_path / "small") == before
    assert not any((tmp_path / "here").rglob("*")) and not (tmp_path / "mali").exists()
    assert files(tmp_path / "reports") in ({}, {"small/issued.csv": b""})


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_an_output_that_takes_nothing(tmp_path):
    small_case(tmp_path, ROWS)
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-c", COMMAND, "check", "small"],
            cwd=tmp_path,
            env=ENVIRONMENT,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert one_line(done).startswith("output: no space left on device")


CLOSED = Path("/sys")
"""Where nobody may make a folder, root included."""


@pytest.mark.skipif(not CLOSED.is_dir(), reason="needs a folder that nobody may write in")
@pytest.mark.parametrize(
    "arguments",
    [
        ["new", "/sys/mali"],
        ["learn", "--out", "/sys/learned.yaml"],
        ["replay", "small", "--quick", "--out", "/sys/replay"],
        ["assess", "small", "--quick", "--out", "/sys/run"],
    ],
)
def test_a_folder_that_may_not_be_written_in_is_told_before_the_work(tmp_path, arguments):
    small_case(tmp_path, ROWS)
    (tmp_path / "evidence").symlink_to(PACKAGE.parent / "evidence")
    started = time.perf_counter()
    assert one_line(run(tmp_path, *arguments)).startswith("/sys")
    assert time.perf_counter() - started < 60
    with pytest.raises(OSError):
        check_writable(CLOSED)


def _parent(started) -> None:
    SPAWN.Process(target=_worker, args=(started,)).start()
    time.sleep(600)


def _worker(started) -> None:
    threading.Thread(target=_end_with, args=(multiprocessing.parent_process(),), daemon=True).start()
    started.send(os.getpid())
    time.sleep(600)


def test_workers_end_with_a_parent_that_is_killed():
    here, there = SPAWN.Pipe()
    parent = SPAWN.Process(target=_parent, args=(there,))
    parent.start()
    assert here.poll(120)
    worker = here.recv()
    os.kill(worker, 0)
    parent.kill()
    parent.join()
    for _ in range(100):
        try:
            os.kill(worker, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    os.kill(worker, signal.SIGKILL)
    pytest.fail("the worker waits for ever")


def test_names_of_staging_folders_are_not_tracked():
    ignored = (PACKAGE.parent / ".gitignore").read_text(encoding="utf-8")
    assert f"{STAGED}*/" in ignored

"""Broken files, each with every problem that it is refused with; nothing is written, and it is soon.

The files stand in `corpus`, a folder a reader; what is too large or no plain file is made here.
"""

import os
import re
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from conftest import CASE, ROW, write_reports
from drawdown.cli import app
from drawdown.errors import InputError
from drawdown.files.case import load_case
from drawdown.files.issued import read_issued
from drawdown.files.learning import load_learning
from drawdown.files.priors import DIRECTORY, load_priors
from drawdown.files.reference import load_reference
from drawdown.files.run import read_run

CORPUS = Path(__file__).parent / "corpus"
FILES = sorted(p for p in CORPUS.glob("*/*") if p.name != "expected.txt")
CASES = "case_id,name,outcome,cluster,near_settled,first_sign_date,outcome_date,outcome_confidence\n"
CODES = "case_id,indicator,coded,date,note,url\n"
PRIORS = load_priors()
SECONDS = 20.0
"""For the largest files, on a machine that does other things too."""


def expected() -> dict[str, str]:
    """What each file is refused with, by its name within the corpus."""
    found = {}
    for file in sorted(CORPUS.glob("*/expected.txt")):
        for part in file.read_text(encoding="utf-8").split("## ")[1:]:
            name, _, said = part.partition("\n")
            found[f"{file.parent.name}/{name}"] = said.strip()
    return found


EXPECTED = expected()


def places(home: Path) -> dict[str, tuple[Path, Callable[[], object]]]:
    """Where a file of each kind goes, beside files that are right, and what reads it there."""
    (home / "tiny").mkdir()
    (home / "tiny" / "case.yaml").write_text(CASE, encoding="utf-8")
    (home / "past").mkdir()
    (home / "past" / "cases.csv").write_text(
        f"{CASES}A_1,First,full_exit,A,false,2020-01-01,2020-06-01,high\n"
        "B_1,Second,retained,B,false,2021-01-01,2021-06-01,high\n"
    )
    (home / "past" / "indicators.csv").write_text(f"{CODES}A_1,host_demand,1,,,\n")
    (home / "run").mkdir()
    case, past, overlay = home / "tiny", home / "past", home / "mine.yaml"
    return {
        "case": (case / "case.yaml", lambda: load_case(case, PRIORS)),
        "reports": (case / "reports.csv", lambda: load_case(case, PRIORS)),
        "overlay": (overlay, lambda: load_priors([overlay])),
        "issued": (home / "issued.csv", lambda: read_issued(home / "issued.csv")),
        "cases": (past / "cases.csv", lambda: load_reference(past)),
        "codes": (past / "indicators.csv", lambda: load_reference(past)),
        "assessment": (home / "run" / "assessment.json", lambda: read_run(home / "run", "tiny")),
    }


def refusal(read: Callable[[], object]) -> str:
    """The problems that a reader raises, a line each."""
    with pytest.raises(InputError) as raised:
        read()
    return "\n".join(map(str, raised.value.problems))


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_file_of_the_corpus_has_its_message():
    assert {f"{p.parent.name}/{p.name}" for p in FILES} == set(EXPECTED)
    assert all(EXPECTED.values())


@pytest.mark.parametrize("file", FILES, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_corpus(home, file):
    place, read = places(home)[file.parent.name]
    place.write_bytes(file.read_bytes())
    before = {p: p.stat().st_mtime_ns for p in home.rglob("*")}
    assert refusal(read) == EXPECTED[f"{file.parent.name}/{file.name}"]
    assert {p: p.stat().st_mtime_ns for p in home.rglob("*")} == before


def test_a_message_is_one_line_that_cannot_drive_a_terminal():
    for said in EXPECTED.values():
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", said)
        assert max(map(len, said.split("\n"))) <= 2100


D, L, S = "defaults.yaml", "learned.yaml", "learning.yaml"


def edited(name: str, old: str, new: str, folder: Path) -> Callable[[], object]:
    """Read the shipped priors with one edit in one of their files."""
    for file in (D, L, S):
        text = (DIRECTORY / file).read_text(encoding="utf-8")
        if file == name:
            assert old in text
            text = text.replace(old, new, 1)
        (folder / file).write_bytes(text.encode("utf-8", "surrogatepass"))
    if name == S:
        return lambda: load_learning(folder / name)
    return lambda: load_priors(directory=folder)


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        (D, "reserve:", "reserves:", "unknown key `reserves`"),
        (D, "  combat_aircraft:", '  "=combat":', "indicator name `=combat`"),
        (D, "  combat_aircraft:", '  "a\\nb":', "indicator name `a<U+000A>b`"),
        (D, "scopes: {full:", "scopes: {Full:", "scope name `Full`"),
        (D, "tracks: remaining", "tracks: [remaining]", "a list; expected one of `remaining`"),
        (L, "  sha256: ", '  sha256: "a\\nreserve: {}" # ', "a hash of 64 digits"),
        (L, "indicators:", "indicators: 3\nx:", "unknown key `x`"),
        (L, "clock:", "clock: [1]\nclocks:", "a list; expected keys (`lasts`)"),
        (L, "sure: 80%", "sure: 0%", "`0%`; expected from 1% to 99.99%"),
        (S, "at_most: ", "at_most: -", "a number above 0"),
        (S, "retained_times: [", "retained_times: [.inf, ", "`.inf`; expected a number above 0"),
        (S, "weights:", "weights: 1\nweight:", "unknown key `weight`"),
    ],
)
def test_files_of_the_priors(home, name, old, new, said):
    assert said in refusal(edited(name, old, new, home))


def test_what_is_no_plain_file(home):
    found = places(home)
    for kind, (place, read) in found.items():
        place.unlink(missing_ok=True)
        place.mkdir()
        said = refusal(read)
        place.rmdir()
        os.mkfifo(place)
        # opened, it would wait for ever
        again = refusal(read)
        place.unlink()
        if kind != "assessment":
            assert f"{place.name}: " in said and "folder" in said, (kind, said)
            assert "plain file" in again, (kind, again)


def test_links(home):
    found = places(home)
    for name in ("case.yaml", "reports.csv"):
        place, read = home / "tiny" / name, found["case"][1]
        place.unlink(missing_ok=True)
        for target in ("/etc/passwd", "../tiny-too/case.yaml", "/dev/zero"):
            place.symlink_to(target)
            assert f"tiny/{name}: a link that leads out of the folder" in refusal(read)
            place.unlink()
        for target in (name, "gone.csv"):
            place.symlink_to(target)
            assert f"tiny/{name}: " in refusal(read)
            place.unlink()
        (home / "tiny" / "case.yaml").write_text(CASE, encoding="utf-8")


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs a file that fails when read")
def test_a_file_that_fails_when_read(home):
    (home / "mine.yaml").symlink_to("/proc/self/mem")
    assert refusal(lambda: load_priors([home / "mine.yaml"])).startswith("mine.yaml: input/output error")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(home):
    for place, read in places(home).values():
        place.touch()
        place.chmod(0)
        assert f"{place.name}: permission denied" in refusal(read)
        place.chmod(0o600)


def test_a_name_that_no_file_can_have(home):
    assert "no such folder" in refusal(lambda: load_case(home / ("a" * 5000), PRIORS))
    assert "no such file" in refusal(lambda: load_priors([home / ("a" * 5000 + ".yaml")]))
    assert "file name too long" in refusal(lambda: load_reference(home / ("a" * 300)))


REPORTS, YAML = "tiny/reports.csv", "tiny/case.yaml"
LARGE: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "a cell of 50 MB": (REPORTS, lambda: _rows("x" * 50_000_000), "50.0 MB; expected at most 20"),
    "a cell of 15 MB": (REPORTS, lambda: _rows("x" * 15_000_000), "2:1: a row of 15,0"),
    "an open quote": (REPORTS, lambda: _rows('"') + b"a,b\n" * 150_000, "1,000 problems"),
    "commas": (REPORTS, lambda: b"," * 15_000_000, "1:1: a row of 15,000,000 characters"),
    "line ends": (REPORTS, lambda: b"\n" * 19_000_000, "1:1: no header"),
    "many wrong rows": (REPORTS, lambda: _rows("") + b"a\n" * 150_000, "1,000 problems above"),
    "many rows": (REPORTS, lambda: _short(250_000), "250,002 lines; expected at most 200,000"),
    "2 MB of YAML": (YAML, lambda: b"a: b\n" * 400_000, "2.0 MB; expected at most 1 MB"),
    "many keys": (YAML, lambda: b"".join(b"k%d: 1\n" % n for n in range(90_000)), "20,000 values"),
    "many anchors": (YAML, lambda: b"a: [" + b"&a b," * 190_000 + b"]", "20,000 values"),
    "brackets": (YAML, lambda: b"a: " + b"[" * 900_000, "more than 20 levels"),
    "a long line of YAML": (YAML, lambda: b"name: " + b"x" * 900_000, "900,000 characters; expected"),
    "an endless number": (YAML, lambda: b"trigger: " + b"9" * 900_000, "1:10: "),
}
"""Name of what is large, to its place, its bytes and what it is refused with."""
COMMAND = "import sys; from drawdown.cli import main; main()"


def _rows(note: str) -> bytes:
    row = f"2024-12-13,base,combat_aircraft,15,Maxar,{note},https://example.org/a\n"
    return b"date,site,indicator,observed,collector,note,url\n" + row.encode()


def _short(count: int) -> bytes:
    return b"date,site,indicator,observed,collector,url\n" + b"2024-12-13,base,,1,M,http://a\n" * count


@pytest.mark.parametrize("what", LARGE)
def test_large_files_take_bounded_time_and_memory(home, what):
    places(home)
    name, raw, said = LARGE[what]
    (home / name).write_bytes(raw())
    before = sorted(home.rglob("*"))
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, "check", "tiny"],
        env={"PYTHONPATH": str(Path(__file__).parents[1] / "model"), "PATH": ""},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (1_500_000_000,) * 2),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2, done.stderr[-2000:]
    assert said in done.stderr, done.stderr[:2000]
    assert "Traceback" not in done.stderr
    assert time.perf_counter() - started < SECONDS
    assert sorted(home.rglob("*")) == before


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "tiny"],
        ["assess", "tiny"],
        ["assess", "tiny", "--out", "new"],
        ["replay", "tiny"],
        ["whatif", "tiny", "--set", "reserve=5%"],
        ["next", "tiny"],
        ["issue", "tiny"],
        ["score", "tiny"],
        ["priors", "tiny"],
        ["learn", "--reference", "past", "--out", "learned.yaml"],
        ["score", "--reference", "past"],
        ["score", "--reference", "good", "--holdout", "past"],
    ],
)
def test_every_command_refuses_a_broken_file_and_writes_nothing(home, arguments):
    places(home)
    shutil.copytree(home / "past", home / "good")
    (home / "tiny" / "case.yaml").write_bytes(b"name: \xff\n")
    (home / "past" / "cases.csv").write_bytes(b"\xff")
    before = sorted(home.rglob("*"))
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 2, done.stderr
    assert re.search(r"^(tiny/case\.yaml|past/cases\.csv):1:\d+: not UTF-8", done.stderr, re.MULTILINE)
    assert sorted(home.rglob("*")) == before


def test_what_spreadsheets_do_without_harm_is_read(home):
    """A byte-order mark, CRLF, blank rows and columns in another order."""
    case = places(home)["case"][0].parent
    write_reports(case, [ROW])
    file = case / "reports.csv"
    head, row, _ = file.read_text(encoding="utf-8").split("\n")
    plain = load_case(case, PRIORS).reports
    turned = [",".join(reversed(line.split(","))) for line in (head, row)]
    file.write_bytes(("\ufeff" + "\r\n".join([*turned, "", ",,,,"])).encode())
    (case / "case.yaml").write_bytes(("\ufeff" + CASE.replace("\n", "\r\n")).encode())
    (again,) = load_case(case, PRIORS).reports
    assert again == plain[0]

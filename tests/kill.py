"""Kill runs at random moments, and look whether what they leave behind is whole.

    python tests/kill.py --kills 50

Each of `assess`, `replay`, `learn` and `calibrate` is killed (with all its processes) so many times as
its share of the kills says. After each kill every file must be readable and every tracked folder the old
one or a new one in whole; at the end the same command must go through, and clear up what the killed ones
left.
"""

import argparse
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "model")]

from drawdown.inference.store import load_fits  # noqa: E402
from drawdown.report.store import PAGES  # noqa: E402
from small import ROWS, small_case  # noqa: E402

COMMAND = "import sys; from drawdown.cli import main; main()"
ENVIRONMENT = os.environ | {"PYTHONPATH": str(HERE.parent / "model"), "PYTHONDONTWRITEBYTECODE": "1"}
UNTRACKED = ("fits.nc", "run.json")
SPARE = ".staged-"
MOST_TRIES = 3
"""Runs for each kill: some end before their moment comes."""


@dataclass
class Victim:
    """A command that is killed.

    Attributes
    ----------
    name : str
    turns : list of list of str
        Arguments of runs that take turns, so that a new result differs from the old one.
    outputs : list of str
        Files and folders that must be an old or a new one in whole.
    """

    name: str
    turns: list[list[str]]
    outputs: list[str]


VICTIMS = (
    Victim(
        "assess",
        [["assess", "small", "--quick", "--out", "out/run", "--seed", str(n)] for n in (1, 2)],
        ["out/run"],
    ),
    Victim(
        "replay",
        [
            ["replay", "small", "--quick", "--to", "2025-01-20", "--every", "7", "--out", "out/series"]
            + ["--seed", str(n)]
            for n in (1, 2)
        ],
        ["out/series"],
    ),
    Victim(
        "learn",
        [
            ["learn", "--reference", "past", "--out", "out/learned.yaml", "--seed", str(n)]
            for n in (1, 2)
        ],
        ["out/learned.yaml"],
    ),
    Victim(
        "calibrate",
        [
            ["calibrate", "small", "--simulations", "10", "--out", "out/calibration", "--seed", str(n)]
            for n in (1, 2)
        ],
        ["out/calibration"],
    ),
)
CASES = """\
case_id,name,outcome,cluster,near_settled,first_sign_date,outcome_date,outcome_confidence
A_1,First,full_exit,A,false,2020-01-01,2020-06-01,high
B_1,Second,retained,B,false,2021-01-01,2021-06-01,high
"""
CODES = "case_id,indicator,coded,date,note,url\nA_1,host_demand,1,,,\nB_1,host_demand,0,,,\n"


def start(home: Path, arguments: list[str]) -> subprocess.Popen[str]:
    """Start a command as the leader of a group of processes."""
    return subprocess.Popen(
        [sys.executable, "-c", COMMAND, *arguments],
        cwd=home,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def finish(home: Path, arguments: list[str]) -> float:
    """Run a command to its end; seconds that it took."""
    began = time.perf_counter()
    done = start(home, arguments)
    said = done.communicate()[0]
    # a gate that fails on so small a case writes its report all the same
    if done.returncode not in (0, 3):
        raise SystemExit(f"{' '.join(arguments)} ended with {done.returncode}:\n{said}")
    return time.perf_counter() - began


def state(home: Path, output: str) -> str:
    """Hash of the tracked bytes of an output."""
    path, found = home / output, hashlib.sha256()
    for file in [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file()):
        if file.name not in UNTRACKED:
            found.update(f"{file.relative_to(home)}".encode() + b"\0" + file.read_bytes())
    return found.hexdigest()


def check(home: Path) -> list[str]:
    """What is not whole in a folder; staging folders, which nothing reads, are not looked into."""
    wrong = []
    for file in home.rglob("*"):
        inside = file.relative_to(home).parts
        if not file.is_file() or any(part.startswith(SPARE) for part in inside):
            continue
        try:
            if file.suffix == ".json":
                json.loads(file.read_text(encoding="utf-8"))
            elif file.suffix == ".nc":
                load_fits(file)
            elif file.suffix == ".yaml" and file.parent.name != "small":
                text = file.read_text(encoding="utf-8")
                assert text.endswith("\n")
        except Exception as error:
            wrong.append(f"{file}: {type(error).__name__}: {error}")
    for folder in home.rglob("assessment.json"):
        missing = [page for page in PAGES if not (folder.parent / page).exists()]
        if missing and SPARE not in str(folder):
            wrong.append(f"{folder.parent}: without {', '.join(missing)}")
    return wrong


def kill_some(home: Path, victim: Victim, kills: int, rng: random.Random) -> tuple[int, list[str]]:
    """Kill a command at random moments; how often it was still running, and what was wrong."""
    whole: dict[str, set[str]] = {output: set() for output in victim.outputs}
    usual = float("inf")
    # what may stand is what both turns give in peace; that of the second is the last good one
    for turn in victim.turns:
        usual = min(usual, finish(home, turn))
        for output in victim.outputs:
            whole[output].add(state(home, output))
        forget(home)
    wrong: list[str] = []
    cut = 0
    n = 0
    while cut < kills and n < MOST_TRIES * kills:
        n += 1
        running = start(home, victim.turns[n % len(victim.turns)])
        began = time.perf_counter()
        # more often towards the end, where files are written
        with suppress(subprocess.TimeoutExpired):
            running.communicate(timeout=usual * rng.betavariate(1.5, 1.0))
            # it was done before: kept dates and a machine with less to do make runs shorter
            usual = min(usual, time.perf_counter() - began)
        cut += running.poll() is None
        with suppress(ProcessLookupError):
            os.killpg(running.pid, signal.SIGKILL)
        running.communicate()
        wrong += [f"kill {n}: {said}" for said in check(home)]
        for output in victim.outputs:
            if state(home, output) not in whole[output]:
                wrong.append(f"kill {n}: {output} is neither the old one nor the new one")
        if rng.random() < 0.5:
            forget(home)
    for turn in victim.turns:
        finish(home, turn)
        for output in victim.outputs:
            if state(home, output) not in whole[output]:
                wrong.append(f"at the end: {output} is not what a run in peace gives")
    left = [str(p.relative_to(home)) for p in (home / "out").glob(f"{SPARE}*")]
    wrong += [f"at the end: {name} was not cleared away" for name in left]
    return cut, wrong


def forget(home: Path) -> None:
    """Throw away finished dates and episodes, so that there is something to do again."""
    for kept in (".series*", ".calibration*"):
        for folder in (home / "out").glob(kept):
            shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    """Kill, report, and fail where anything was not whole."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--kills", type=int, default=50, help="in all, shared out over the commands")
    parser.add_argument("--only", choices=[v.name for v in VICTIMS], action="append")
    parser.add_argument("--seed", type=int, default=None)
    chosen = parser.parse_args()
    victims = [v for v in VICTIMS if not chosen.only or v.name in chosen.only]
    seed = chosen.seed if chosen.seed is not None else random.SystemRandom().randrange(10**6)
    rng = random.Random(seed)
    print(f"seed {seed}", flush=True)
    broken = 0
    for n, victim in enumerate(victims):
        share = chosen.kills // len(victims) + (n < chosen.kills % len(victims))
        with tempfile.TemporaryDirectory() as folder:
            home = Path(folder)
            small_case(home, ROWS)
            (home / "past").mkdir()
            (home / "past" / "cases.csv").write_text(CASES)
            (home / "past" / "indicators.csv").write_text(CODES)
            (home / "out").mkdir()
            cut, wrong = kill_some(home, victim, share, rng)
        for said in wrong:
            print(f"  {said}")
        broken += len(wrong)
        told = f"killed {cut} times while running, {len(wrong)} problems"
        print(f"{victim.name}: {told}", flush=True)
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()

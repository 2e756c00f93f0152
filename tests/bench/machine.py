"""What a benchmark needs of the machine: its name, its clock, and commands timed from outside."""

import json
import os
import platform
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
DAY = date(2024, 12, 31)
ENDING, ANSWER = "how it ends", "where it stands on the horizon"
"""What P(full exit) is asked of; the plain script knows the first alone."""
LIBRARIES = ("numpy", "scipy", "numba", "nutpie", "pymc", "pytensor", "arviz-stats", "numpyro", "jax")


@dataclass(frozen=True)
class Timed:
    """A process: seconds by the clock and of a processor, and what it printed."""

    wall: float
    processor: float
    memory: float
    text: str


def seconds(call: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds by the clock that a call takes, and what it gave."""
    began = time.perf_counter()
    out = call()
    return time.perf_counter() - began, out


def processor_seconds(call: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds of a processor that a call takes in all threads, and what it gave."""
    began = time.process_time()
    out = call()
    return time.process_time() - began, out


def run(*words: str, more: Mapping[str, str] | None = None, limit: float | None = None) -> Timed:
    """Run Python with words behind it, with the package of this tree; memory in GiB.

    Raises
    ------
    subprocess.TimeoutExpired
        After `limit` seconds; nothing of it is left running.
    """
    # what the caller has besides, such as samplers to compare with, stays in reach
    path = os.pathsep.join(filter(None, [str(ROOT / "model"), os.environ.get("PYTHONPATH")]))
    env = os.environ | {"PYTHONPATH": path} | dict(more or {})
    # a child of its own: the greatest memory of children is kept over all of them
    watch = (
        "import resource, subprocess, sys, time; t = time.perf_counter();"
        "d = subprocess.run(sys.argv[1:], stdout=sys.stderr);"
        "u = resource.getrusage(resource.RUSAGE_CHILDREN);"
        "print(time.perf_counter() - t, u.ru_utime + u.ru_stime, u.ru_maxrss); sys.exit(d.returncode)"
    )
    begun = subprocess.Popen(
        [sys.executable, "-c", watch, sys.executable, *words],
        cwd=ROOT,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        out, said = begun.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        os.killpg(begun.pid, signal.SIGKILL)
        begun.communicate()
        raise
    if begun.returncode not in (0, 3):
        raise RuntimeError(said)
    wall, processor, memory = map(float, out.split())
    return Timed(wall, processor, memory / 2**20, said)


def result(timed: Timed) -> dict[str, Any]:
    """What a script printed behind `RESULT`."""
    found: dict[str, Any] = json.loads(timed.text.partition("RESULT ")[2].splitlines()[0])
    return found


def drawdown(*words: str, more: Mapping[str, str] | None = None) -> Timed:
    """Run the command line."""
    return run("-c", "from drawdown.cli import main; main()", *words, more=more)


def described() -> str:
    """The machine, how busy it is, and the versions."""
    model = platform.processor() or platform.machine()
    for line in Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else ():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    found = []
    for name in LIBRARIES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(f"{name} not installed")
    busy = os.getloadavg()[0]
    return (
        f"{model}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}; "
        f"{', '.join(found)}; load average {busy:.1f} when the run began"
    )


def few_draws(q, number: int):
    """Draws near the middle of the prior, where a fit may be."""
    import numpy as np

    return 0.7 * np.random.default_rng(0).standard_normal((number, q.layout.n_parameters))


def syria(day: date):
    """Ask of the shipped case as of a day."""
    from drawdown.answers.assess import ask
    from drawdown.files.case import load_case
    from drawdown.files.priors import load_priors

    priors = load_priors()
    return ask(load_case(ROOT / "evidence" / "syria-2024", priors), priors, day, 1)

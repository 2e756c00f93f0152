"""A command in a process of its own, to see what it imports."""

import subprocess
import sys
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "model"
SAMPLER = ("pymc", "pytensor", "nutpie", "matplotlib")


def imports(words: list[str], names: tuple[str, ...] = SAMPLER) -> list[str]:
    """Which of some modules a command has imported when it ends well, with nothing said of trouble."""
    code = (
        "import sys\nfrom drawdown.cli import app\n"
        "try:\n    app(sys.argv[1:])\nexcept SystemExit as stop:\n    assert not stop.code\n"
        f"print('imported', *[name for name in {names!r} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *words],
        env={"PYTHONPATH": str(PACKAGE), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    first, *found = done.stdout.splitlines()[-1].split()
    assert first == "imported"
    return found

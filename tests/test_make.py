"""The Makefile, tried in a small copy of the tree with stubs for every program that it starts."""

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAKE = shutil.which("gmake") or shutil.which("make")
TOOLS = ("sh", "awk", "cat", "find", "mkdir", "mv", "rm", "touch", "cp", "printf", "sleep")
HEADLINE = "A partial redeployment is likely."

pytestmark = pytest.mark.skipif(MAKE is None, reason="needs make")

DRAWDOWN = f"""#!/bin/sh
echo "$@" >> calls
if [ -f edit ]; then sleep 0.05; touch evidence/demo/reports.csv; fi
echo "{HEADLINE} ($*)"
if [ -f fail ]; then exit 3; fi
"""
# A Python that passes for 3.12 or newer unless a file beside it says `old`, and writes down its calls.
PYTHON = """#!/bin/sh
echo "$0 $*" >> "$CALLS"
case "$1 $2" in
  "-c "*) [ ! -f "$0.old" ] ;;
  "-m venv") rm -rf .venv; mkdir -p .venv/bin; cp "$0" .venv/bin/python ;;
esac
"""


class Tree:
    """A small copy of the project: a Makefile, one case, one overlay, nothing installed."""

    def __init__(self, folder: Path):
        self.folder = folder / "project"
        self.tools = folder / "tools"
        self.python_calls = folder / "python-calls"
        self.tools.mkdir(parents=True)
        (folder / "home").mkdir()
        for tool in TOOLS:
            (self.tools / tool).symlink_to(shutil.which(tool))
        texts = {
            "Makefile": (ROOT / "Makefile").read_text(encoding="utf-8"),
            "pyproject.toml": "",
            "requirements.lock": "",
            "evidence/demo/case.yaml": "",
            "evidence/demo/reports.csv": "",
            "model/priors/defaults.yaml": "",
            "model/priors/learned.yaml": "",
            "model/priors/sceptic.yaml": "",
            "model/drawdown/cli/__init__.py": "",
        }
        for name, text in texts.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            os.utime(path, (1_000_000_000, 1_000_000_000))

    def make(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run make with nothing of this process's own run of make, and with no program but the stubs."""
        env = {
            "PATH": str(self.tools),
            "HOME": str(self.folder.parent / "home"),
            "CALLS": str(self.python_calls),
        }
        command = [str(MAKE), "CASE=evidence/demo", *words]
        return subprocess.run(command, cwd=self.folder, env=env, capture_output=True, text=True)

    def install(self) -> None:
        """Put a stub where `make setup` would have put the command."""
        self.program(self.folder / ".venv" / "bin" / "drawdown", DRAWDOWN)
        ready = self.folder / ".venv" / "ready"
        ready.touch()
        os.utime(ready, (1_100_000_000, 1_100_000_000))

    def program(self, path: Path, text: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(0o755)

    def touch(self, name: str) -> None:
        """Change a file, later than what is there by more than a tick of the clock of file times."""
        time.sleep(0.05)
        (self.folder / name).touch()

    @property
    def calls(self) -> list[str]:
        """What the stub was asked to do, oldest first."""
        path = self.folder / "calls"
        return path.read_text(encoding="utf-8").splitlines() if path.exists() else []

    @property
    def pythons(self) -> str:
        return self.python_calls.read_text(encoding="utf-8") if self.python_calls.exists() else ""

    def stamp(self, run: str = "latest") -> Path:
        return self.folder / "reports" / "demo" / ".done" / run


@pytest.fixture
def bare(tmp_path) -> Tree:
    return Tree(tmp_path)


@pytest.fixture
def tree(bare) -> Tree:
    bare.install()
    return bare


def test_bare_make_helps_and_starts_nothing(bare):
    for name in ("python", "python3", "python3.12", "python3.13", "python3.14"):
        bare.program(bare.tools / name, PYTHON)
    for words in ((), ("help",)):
        shown = bare.make(*words)
        assert shown.returncode == 0, shown.stderr
        assert "No assessment of demo yet" in shown.stdout
        for target in ("help", "setup", "check", "priors", "assess", "test", "lint", "calibrate"):
            assert f"make {target} " in shown.stdout
    assert not (bare.folder / ".venv").exists()
    assert not (bare.folder / "reports").exists()
    assert bare.pythons == ""


def test_help_shows_the_last_headline(tree):
    tree.make("assess")
    assert HEADLINE in tree.make().stdout
    assert len(tree.calls) == 1


def test_dry_run_lists_the_command(tree):
    shown = tree.make("-n", "assess", "AS_OF=2024-12-15", "PRIORS=sceptic", "SEED=7", "QUICK=1")
    said = "assess evidence/demo --as-of 2024-12-15 --priors model/priors/sceptic.yaml --seed 7 --quick"
    assert said in shown.stdout
    assert "reports/demo/.done/2024-12-15+sceptic+seed7+quick" in shown.stdout
    assert tree.calls == []


def test_new_passes_the_folder_and_the_trigger(tree):
    assert tree.make("new", "DIR=evidence/mali-2022").returncode == 0
    assert tree.make("new", "DIR=evidence/mali-2022", "TRIGGER=2022-02-17").returncode == 0
    assert tree.calls == [
        "new evidence/mali-2022",
        "new evidence/mali-2022 --trigger 2022-02-17",
    ]


def test_check_and_priors_pass_the_overlays(tree):
    assert tree.make("check", "PRIORS=sceptic mine/other.yaml").returncode == 0
    assert tree.make("priors", "AS_OF=2024-12-15").returncode == 0
    assert tree.calls == [
        "check evidence/demo --priors model/priors/sceptic.yaml --priors mine/other.yaml",
        "priors evidence/demo",
    ]


def test_whatif_passes_what_is_changed(tree):
    tree.make("whatif", "SET=lift={about: 2, within_factor: 5}", "WITHOUT=a b", "PRIORS=sceptic")
    tree.make("whatif", "SET=reports.a.observed=>=20", "AS_OF=2024-12-16", "SEED=7")
    assert tree.calls == [
        "whatif evidence/demo --priors model/priors/sceptic.yaml --without a --without b"
        " --set lift={about: 2, within_factor: 5}",
        "whatif evidence/demo --as-of 2024-12-16 --seed 7 --set reports.a.observed=>=20",
    ]


def test_forecasters_are_compared_and_pooled(tree):
    tree.make("compare", "PRIORS=sceptic defaults", "AS_OF=2024-12-31", "QUICK=1")
    tree.make("pool")
    tree.make("pool", "OF=reports/demo/latest reports/demo/issued.csv:3", "METHOD=median")
    assert tree.calls == [
        "compare evidence/demo --as-of 2024-12-31 --priors model/priors/sceptic.yaml"
        " --priors model/priors/defaults.yaml --quick",
        "pool evidence/demo",
        "pool reports/demo/latest reports/demo/issued.csv:3 --method median",
    ]


def test_an_export_is_imported(tree):
    tree.make("import", "FILE=a.csv", "MAP=b.yaml")
    tree.make("import", "FILE=a.csv", "MAP=b.yaml", "WRITE=1", "PRIORS=sceptic")
    assert tree.calls == [
        "import evidence/demo a.csv --mapping b.yaml",
        "import evidence/demo a.csv --mapping b.yaml --priors model/priors/sceptic.yaml --write",
    ]


def test_an_indicator_is_named(tree):
    tree.make("indicators", "PRIORS=sceptic", "NAMED=convoys")
    assert tree.calls == ["indicators evidence/demo --priors model/priors/sceptic.yaml --name convoys"]


def test_calibrate_takes_every_case_unless_one_is_named(tree):
    tree.make("calibrate", "SIMULATIONS=20", "SCHEDULER=tcp://host:8786", "SEED=7", "OUT=here")
    assert tree.calls == [
        "calibrate evidence/demo --simulations 20 --scheduler tcp://host:8786 --seed 7 --out here"
    ]
    bare = [str(MAKE), "calibrate"]
    env = {"PATH": str(tree.tools)}
    assert subprocess.run(bare, cwd=tree.folder, env=env, capture_output=True).returncode == 0
    assert tree.calls[1:] == ["calibrate"]


def test_watch_passes_date_overlays_and_seed(tree):
    tree.make("watch", "AS_OF=2024-12-16", "PRIORS=sceptic", "SEED=7")
    assert tree.calls == [
        "watch evidence/demo --as-of 2024-12-16 --priors model/priors/sceptic.yaml --seed 7"
    ]


def test_unchanged_inputs_print_the_answer_and_run_nothing(tree):
    first, second = tree.make("assess"), tree.make("assess")
    assert first.stdout == second.stdout
    assert HEADLINE in first.stdout
    assert tree.calls == ["assess evidence/demo"]
    assert tree.make("-q", str(tree.stamp().relative_to(tree.folder))).returncode == 0


@pytest.mark.parametrize(
    "name",
    [
        "evidence/demo/reports.csv",
        "evidence/demo/case.yaml",
        "model/priors/defaults.yaml",
        "model/priors/learned.yaml",
        "model/drawdown/cli/__init__.py",
        ".venv/ready",
    ],
)
def test_a_changed_input_runs_again(tree, name):
    tree.make("assess")
    tree.touch(name)
    tree.make("assess")
    assert len(tree.calls) == 2


def test_an_input_changed_during_the_fit_runs_again(tree):
    tree.touch("edit")
    tree.make("assess")
    (tree.folder / "edit").unlink()
    tree.make("assess")
    tree.make("assess")
    assert len(tree.calls) == 2


def test_a_failed_fit_leaves_the_old_stamp(tree):
    tree.make("assess")
    before = tree.stamp().read_text(encoding="utf-8"), tree.stamp().stat().st_mtime_ns
    tree.touch("evidence/demo/reports.csv")
    tree.touch("fail")
    failed = tree.make("assess")
    assert failed.returncode != 0
    assert HEADLINE in failed.stdout
    assert "Error 3" in failed.stderr
    assert (tree.stamp().read_text(encoding="utf-8"), tree.stamp().stat().st_mtime_ns) == before
    assert [path.name for path in tree.stamp().parent.iterdir()] == ["latest"]
    (tree.folder / "fail").unlink()
    assert tree.make("assess").returncode == 0
    assert len(tree.calls) == 3


def test_each_run_has_its_own_stamp(tree):
    for words in ((), ("PRIORS=sceptic",), ("AS_OF=2024-12-15",), ("SEED=7",), ("QUICK=1",)):
        assert tree.make("assess", *words).returncode == 0
    made = {path.name for path in tree.stamp().parent.iterdir()}
    assert made == {"latest", "latest+sceptic", "2024-12-15", "latest+seed7", "latest+quick"}
    tree.touch("model/priors/sceptic.yaml")
    tree.make("assess")
    assert len(tree.calls) == 5
    tree.make("assess", "PRIORS=sceptic")
    assert tree.calls[5:] == ["assess evidence/demo --priors model/priors/sceptic.yaml"]


def test_two_overlays_of_one_name_are_two_runs(tree):
    (tree.folder / "mine").mkdir()
    for name in ("model/priors/sceptic.yaml", "mine/sceptic.yaml"):
        tree.touch(name)
        tree.make("assess", f"PRIORS={name}")
    assert len(tree.calls) == 2


def test_two_cases_of_one_name_are_two_runs(tree):
    shutil.copytree(tree.folder / "evidence" / "demo", tree.folder / "trial" / "demo")
    tree.make("assess")
    tree.make("assess", "CASE=trial/demo/")
    assert len(tree.calls) == 2


@pytest.mark.parametrize("name", ["model/priors/sceptic.yaml", "evidence/demo/case.yaml"])
def test_a_missing_file_is_never_answered_from_the_stamp(tree, name):
    tree.make("assess", "PRIORS=sceptic")
    (tree.folder / name).unlink()
    tree.make("assess", "PRIORS=sceptic")
    assert len(tree.calls) == 2


def test_out_always_runs_and_leaves_no_stamp(tree):
    for _ in range(2):
        assert HEADLINE in tree.make("assess", "OUT=elsewhere", "QUICK=1").stdout
    assert tree.calls == ["assess evidence/demo --quick --out elsewhere"] * 2
    assert not tree.stamp().parent.exists()


def test_what_was_issued_is_asked_for_by_name(tree):
    tree.make("issue")
    tree.make("issue", "AS_OF=2024-12-16", "BY=night desk", "SAY=full=20%,partial=55%,retained=25%")
    tree.make("issue", "PRIORS=sceptic", "SEED=1", "QUICK=1")
    tree.make("issue", "OUT=elsewhere")
    tree.make("score")
    tree.make("score", "ISSUED=1")
    assert tree.calls == [
        "issue evidence/demo",
        "issue evidence/demo --as-of 2024-12-16 --by night desk --say full=20%,partial=55%,retained=25%",
        "issue evidence/demo --run latest+sceptic+quick",
        "issue evidence/demo --run elsewhere",
        "score --out reports/reference-class/score.json",
        "score evidence/demo",
    ]


def test_setup_takes_the_first_python_that_runs(bare):
    bare.program(bare.tools / "python3.13", "#!/bin/sh\nexit 127\n")
    bare.program(bare.tools / "python3.12", PYTHON)
    done = bare.make("setup")
    assert done.returncode == 0, done.stderr
    assert "-m venv --clear .venv" in bare.pythons
    assert "-r requirements.lock" in bare.pythons
    assert "--no-deps --no-build-isolation -e ." in bare.pythons
    assert (bare.folder / ".venv" / "ready").exists()


def test_setup_finds_a_python_that_is_not_on_the_path(bare):
    home = bare.folder.parent / "home"
    bare.program(home / ".pyenv" / "versions" / "3.12.1" / "bin" / "python", PYTHON)
    assert bare.make("setup").returncode == 0
    assert "3.12.1/bin/python -m venv" in bare.pythons


def test_setup_keeps_an_environment_that_works(bare):
    bare.program(bare.folder / ".venv" / "bin" / "python", PYTHON)
    assert bare.make("setup").returncode == 0
    assert "-m venv" not in bare.pythons
    assert "-r requirements.lock" in bare.pythons


def test_setup_makes_an_old_environment_anew(bare):
    old = bare.folder / ".venv" / "bin" / "python"
    bare.program(old, PYTHON)
    old.with_name("python.old").touch()
    bare.program(bare.tools / "python3.12", PYTHON)
    done = bare.make("setup")
    assert done.returncode == 0, done.stderr
    assert "-m venv" in bare.pythons
    assert "making it anew" in done.stderr


def test_setup_without_a_python_says_what_to_install(bare):
    bare.program(bare.tools / "python3", PYTHON)
    bare.touch("../tools/python3.old")
    failed = bare.make("setup")
    assert failed.returncode != 0
    assert "Install one" in failed.stderr
    assert not (bare.folder / ".venv").exists()


def test_setup_refuses_a_named_python_that_is_too_old(bare):
    bare.program(bare.tools / "python3.12", PYTHON)
    bare.program(bare.tools / "mine", PYTHON)
    bare.touch("../tools/mine.old")
    failed = bare.make("setup", "PYTHON=mine")
    assert failed.returncode != 0
    assert "PYTHON=mine" in failed.stderr
    assert not (bare.folder / ".venv").exists()

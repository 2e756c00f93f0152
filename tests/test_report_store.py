"""The folder of a report is replaced whole, only if it is ours, and never by a worse one."""

import json
import os
import stat
from pathlib import Path

import pytest

from drawdown import whole
from drawdown.errors import InputError
from drawdown.report.store import may_replace, replace_folder
from test_report_synthetic import synthetic_summary


def report(folder: Path, passed: bool = True, text: str = "old") -> Path:
    (folder / "figures").mkdir(parents=True)
    summary = synthetic_summary(passed)
    summary["diagnostics"]["max_khat"] = None
    (folder / "assessment.json").write_text(json.dumps(summary))
    (folder / "brief.md").write_text(text)
    return folder


@pytest.fixture
def staged(tmp_path) -> Path:
    return report(tmp_path / "staged", text="new")


def left_over(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir() if p.name.startswith("."))


def test_an_absent_target_is_made_with_its_parents(staged, tmp_path):
    replace_folder(staged, tmp_path / "reports" / "case" / "run")
    assert (tmp_path / "reports" / "case" / "run" / "brief.md").read_text() == "new"
    assert not staged.exists()


def test_an_empty_target_is_filled(staged, tmp_path):
    (tmp_path / "run").mkdir()
    replace_folder(staged, tmp_path / "run")
    assert (tmp_path / "run" / "brief.md").read_text() == "new"


def test_nothing_of_the_old_report_is_kept(staged, tmp_path):
    target = report(tmp_path / "run")
    (target / "fits.nc").write_text("old")
    replace_folder(staged, target)
    assert (target / "brief.md").read_text() == "new"
    assert not (target / "fits.nc").exists()
    assert left_over(tmp_path) == []


def test_a_report_is_as_open_as_a_new_folder(staged, tmp_path):
    staged.chmod(0o700)
    replace_folder(staged, tmp_path / "run")
    (tmp_path / "plain").mkdir()
    modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("run", "plain")]
    assert modes[0] == modes[1]


@pytest.mark.parametrize("held", ["letter.txt", "assessment.json"])
def test_a_folder_that_is_not_ours_is_refused(staged, tmp_path, held):
    target = tmp_path / "documents"
    target.mkdir()
    (target / held).write_text('{"case": "of wine"}')
    with pytest.raises(InputError, match="holds no report of ours"):
        replace_folder(staged, target)
    assert (target / held).read_text() == '{"case": "of wine"}'
    assert staged.exists() and left_over(tmp_path) == []


def test_a_report_with_a_strangers_file_in_it_is_refused(staged, tmp_path):
    target = report(tmp_path / "run")
    (target / "my notes.md").write_text("mine")
    with pytest.raises(InputError, match=r"no assessment wrote: my notes\.md"):
        replace_folder(staged, target)
    assert (target / "my notes.md").read_text() == "mine"
    assert (target / "brief.md").read_text() == "old"


def test_a_file_is_refused(staged, tmp_path):
    (tmp_path / "run").write_text("a file")
    with pytest.raises(InputError, match="is a file"):
        replace_folder(staged, tmp_path / "run")


def test_a_link_is_followed_and_stays(staged, tmp_path):
    real = report(tmp_path / "real")
    (tmp_path / "link").symlink_to(real)
    replace_folder(staged, tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert (real / "brief.md").read_text() == "new"


def test_the_old_report_comes_back_if_the_move_fails(tmp_path):
    target = report(tmp_path / "run")
    broken = tmp_path / "broken"
    broken.mkdir()
    original = Path.rename

    def rename(self, other):
        if self == broken:
            raise OSError("synthetic")
        return original(self, other)

    with pytest.MonkeyPatch.context() as patch:
        # as on a file system that cannot exchange two folders
        patch.setattr(whole, "exchange", lambda one, two: False)
        patch.setattr(Path, "rename", rename)
        with pytest.raises(OSError, match="synthetic"):
            replace_folder(broken, target)
    assert (target / "brief.md").read_text() == "old"
    assert left_over(tmp_path) == []


@pytest.mark.parametrize(
    ("there", "passed", "may"),
    [
        (None, True, True),
        (None, False, True),
        (True, True, True),
        (True, False, False),
        (False, True, True),
        (False, False, True),
    ],
)
def test_a_failed_run_never_replaces_a_passed_one(tmp_path, there, passed, may):
    if there is not None:
        report(tmp_path / "run", passed=there)
    assert may_replace(tmp_path / "run", passed) is may


def test_the_umask_is_left_as_it_was(staged, tmp_path):
    before = os.umask(0o027)
    try:
        replace_folder(staged, tmp_path / "run")
        assert os.umask(0o027) == 0o027
        assert stat.S_IMODE((tmp_path / "run").stat().st_mode) == 0o750
    finally:
        os.umask(before)

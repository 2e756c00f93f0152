"""A new case: it loads at once, explains every key, knows nothing, and never writes over anything."""

import csv
import re
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from cases import report
from drawdown.answers.assess import ask, assess, prior_run
from drawdown.answers.weigh import tabulate, weigh
from drawdown.cli import app
from drawdown.files import case as case_file
from drawdown.files.blank import TEMPLATES, placeholders
from drawdown.files.case import load_case
from drawdown.files.indicator import FIELDS
from drawdown.files.judgement import KEYS
from drawdown.files.priors import load_priors
from drawdown.files.reports import OPTIONAL, REQUIRED
from drawdown.outcomes import OUTCOMES

PRIORS = load_priors()
TRIGGER = "2022-02-17"


def run(*arguments):
    return CliRunner().invoke(app, [str(a) for a in arguments])


@pytest.fixture
def made(tmp_path) -> Path:
    result = run("new", tmp_path / "mali-2022", "--trigger", TRIGGER)
    assert result.exit_code == 0, result.stderr
    return tmp_path / "mali-2022"


def tree(folder: Path) -> dict[str, bytes | None]:
    """Everything below a folder, by path."""
    return {
        str(p.relative_to(folder)): p.read_bytes() if p.is_file() else None for p in folder.rglob("*")
    }


def uncommented(text: str) -> str:
    """The template with its optional keys put in force; prose stays a comment."""
    return re.sub(r"^( *)#(\S|  )", r"\1\2", text, flags=re.MULTILINE)


# ---------------------------------------------------------------------------------- what is made
def test_a_new_case_passes_check(made):
    result = run("check", made)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("Mali 2022: 2 sites, 2022-02-17 to 2023-02-17\n0 rows, 0 facts")


def test_it_names_its_files_and_what_comes_next(tmp_path):
    result = run("new", tmp_path / "a-case", "--name", "A case", "--trigger", TRIGGER)
    assert sorted(tree(tmp_path / "a-case")) == ["NOTES.md", "case.yaml", "reports.csv"]
    assert result.stdout.splitlines() == [
        *(str(tmp_path / "a-case" / name) for name in ("case.yaml", "reports.csv", "NOTES.md")),
        f"Next: edit case.yaml, add rows to reports.csv, then drawdown check {tmp_path / 'a-case'}",
    ]
    assert load_case(tmp_path / "a-case", PRIORS).name == "A case"


def test_day_0_is_today_unless_said_otherwise(tmp_path):
    before = date.today()
    assert run("new", tmp_path / "now").exit_code == 0
    assert before <= load_case(tmp_path / "now", PRIORS).trigger <= date.today()


@pytest.mark.parametrize(
    "name", ['"Quotes": # and {braces}', "$$trigger and $name", "O'Brien, 50%", "Ναύσταθμος"]
)
def test_a_title_is_text_whatever_it_holds(tmp_path, name):
    assert run("new", tmp_path / "odd", "--name", name, "--trigger", TRIGGER).exit_code == 0
    assert load_case(tmp_path / "odd", PRIORS).name == name


def test_an_empty_folder_is_filled(tmp_path):
    (tmp_path / "empty").mkdir()
    assert run("new", tmp_path / "empty", "--trigger", TRIGGER).exit_code == 0
    assert len(tree(tmp_path / "empty")) == 3
    assert [p.name for p in tmp_path.iterdir()] == ["empty"], "nothing is left beside it"


def test_files_are_as_git_and_spreadsheets_want_them(made):
    for name in ("case.yaml", "reports.csv", "NOTES.md"):
        raw = (made / name).read_bytes()
        assert b"\r" not in raw and raw.endswith(b"\n") and not raw.startswith(b"\xef\xbb\xbf")
    with (made / "reports.csv").open(newline="") as file:
        (header,) = list(csv.reader(file))
    assert set(header) == {*REQUIRED, *OPTIONAL, "x_id"}


# ---------------------------------------------------------------------------------- what it says
def test_every_placeholder_is_marked_and_listed(made):
    case = load_case(made, PRIORS)
    judged = [site.share for site in case.sites.values()]
    judged += [stock.baseline for site in case.sites.values() for stock in site.stock.values()]
    judged += [flow for site in case.sites.values() for flow in site.routine.values()]
    listed = placeholders(case)
    assert len(listed) == len(judged) == 9
    shown = run("check", made).stdout
    assert all(f"  {path}\n" in shown for path in listed)
    text = (made / "case.yaml").read_text()
    share = text.replace('why: "PLACEHOLDER: most of the force; judgement"', "why: Counted", 1)
    (made / "case.yaml").write_text(share)
    assert placeholders(load_case(made, PRIORS)) == listed[1:]


def test_the_template_has_every_key_that_a_case_may_have():
    text = (TEMPLATES / "case.yaml").read_text()
    keys = {*case_file.REQUIRED, *case_file.OPTIONAL, "kind", "share", "fate", "stock", "routine"}
    keys |= {
        "behaves",
        "leaves",
        "gathers",
        "from",
        "to",
        "published",
        "observed",
        "outcome",
        "known",
        "near",
    }
    keys |= {"between", "sure", "unit", "why", "url"} & set(KEYS)
    assert [key for key in sorted(keys) if not re.search(rf"\b{key}:", text)] == []


def test_the_optional_keys_are_right_as_they_stand(made):
    """Taking the comment sign away is all that a forecaster has to do."""
    text = uncommented((made / "case.yaml").read_text())
    (made / "case.yaml").write_text(text)
    case = load_case(made, PRIORS)
    assert case.horizon == date(2023, 2, 17)
    assert [(gate.site, gate.leaves) for gate in case.blocked] == [("base", "air")]
    assert case.sites["posts"].fate == {"kept": 0.05, "thinned": 0.1, "closed": 0.85}
    assert case.sites["base"].stock["vehicles"].gathers == "posts"
    assert case.sites["base"].stock["warships"].behaves == "mobile"
    assert list(case.context) == ["regime_change_in_host"]
    assert case.resolved is not None and case.resolved["outcome"] == "partial_redeployment"
    more = ["sites.posts.fate", "blocked, from 2022-02-17", "context.regime_change_in_host", "resolved"]
    assert set(more) < set(placeholders(case))


def test_the_stocks_of_the_template_can_be_seen():
    """Each is tracked or lifted by an indicator that counts it, so that a first row has a place."""
    stocks = {stock for i in PRIORS.indicators.values() for stock in i.stocks}
    text = (TEMPLATES / "case.yaml").read_text()
    assert {"jets", "helicopters", "equipment", "posts", "warships", "vehicles"} <= stocks
    assert all(f"{stock}: {{" in text for stock in ("jets", "helicopters", "equipment", "posts"))
    assert "remaining" in FIELDS


def test_nothing_known_gives_the_base_rates_back(made):
    """The prior alone, simulated to the horizon and weighed: no sampler is needed for that."""
    question = ask(load_case(made, PRIORS), PRIORS, None, 1)
    assert question.view.day == 0
    assert not any(code.known for code in question.codes)
    assert len(question.observations.reports) == 0
    runs = [prior_run(question, h) for h in OUTCOMES]
    table = tabulate([r.outcome for r in runs], [r.weights for r in runs])
    answer = weigh(np.zeros(3), table.chance, table.chance, question.besides)
    rates = [PRIORS.outcome_chance[o] for o in OUTCOMES]
    assert answer.outcomes == pytest.approx(rates)
    # each hypothesis must be reached from its own draws, or the solution would be an accident
    assert np.diag(table.chance).min() > 0.5
    assert answer.prior_hypotheses.min() > 0.1


def test_an_assessment_gives_the_base_rates_back(made):
    """The same through the sampler: one real fit of each hypothesis, without a report."""
    a = assess(ask(load_case(made, PRIORS), PRIORS, None, 1), quick=True)
    assert a.passed
    off = np.abs(a.weighed.outcomes - a.question.besides.base_rates)
    assert (off < 4 * a.mcse + 0.005).all()


def test_ten_rows_have_a_place(made):
    looks = [
        ("base", "combat_aircraft", ">=8"),
        ("base", "helicopters", "4"),
        ("base", "perimeter_held", "yes"),
        ("base", "transport_flights", "3"),
        ("base", "transports_on_apron", "no"),
        ("posts", "convoys", "yes"),
        ("posts", "posts_vacated", "2"),
        ("posts", "perimeter_held", "no"),
        ("theatre", "official_withdrawal_announcement", "yes"),
        ("theatre", "host_government_demands_exit", "no"),
    ]
    with (made / "reports.csv").open("a", newline="") as file:
        header = (made / "reports.csv").read_text().strip().split(",")
        writer = csv.DictWriter(file, header, restval="", lineterminator="\n")
        writer.writerows(report("2022-02-20", *look) for look in looks)
    case = load_case(made, PRIORS)
    assert [r.reason for r in case.reports] == [""] * len(looks)


# ---------------------------------------------------------------------------------- what it refuses
@pytest.mark.parametrize("there", ["case.yaml", ".hidden", "notes/a.txt"])
def test_a_folder_that_holds_anything_is_left_as_it_is(tmp_path, there):
    (tmp_path / "mine" / there).parent.mkdir(parents=True)
    (tmp_path / "mine" / there).write_text("mine")
    before = tree(tmp_path)
    result = run("new", tmp_path / "mine", "--trigger", TRIGGER)
    assert result.exit_code == 2
    assert "is not empty; expected a folder that is absent or empty" in result.stderr
    assert tree(tmp_path) == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["Mali"], "folder name `Mali`"),
        (["2022"], "folder name `2022`"),
        (["mali", "--name", "=1+1"], "--name: text begins with `=`"),
        (["mali", "--name", "two\nlines"], "--name: a line break"),
        (["mali", "--trigger", "17/02/2022"], "17/02/2022"),
        (["mali", "--trigger", "1800-01-01"], "--trigger: `1800-01-01`"),
        (["mali", "--trigger", "9999-12-31"], "--trigger: `9999-12-31`"),
    ],
)
def test_bad_words_write_nothing(tmp_path, monkeypatch, arguments, said):
    monkeypatch.chdir(tmp_path)
    result = run("new", *arguments)
    assert result.exit_code == 2
    assert said in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_not_a_folder(tmp_path):
    (tmp_path / "taken").write_text("mine")
    result = run("new", tmp_path / "taken")
    assert result.exit_code == 2
    assert "is a file" in result.stderr
    assert (tmp_path / "taken").read_text() == "mine"


def test_a_place_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("mine")
    result = run("new", tmp_path / "file" / "case", "--trigger", TRIGGER)
    assert result.exit_code == 2
    assert "expected a folder to write in" in result.stderr
    assert list(tmp_path.iterdir()) == [tmp_path / "file"]

"""What-ifs: against fresh draws under the changed question, and the command that prints them."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from conftest import CASE, ROW, write_reports
from drawdown.answers.alternatives import alternatives
from drawdown.answers.assess import ask, prior_run
from drawdown.answers.base import _spare, base_assessment
from drawdown.answers.retell import Teller
from drawdown.answers.stored import keep
from drawdown.answers.whatif import record, what_if
from drawdown.cli import app
from drawdown.errors import InputError
from drawdown.files.case import load_case
from drawdown.files.priors import load_priors
from drawdown.files.setting import read_setting
from drawdown.outcomes import OUTCOMES
from fresh import imports
from known import resampled

AS_OF = date(2024, 12, 31)
PRIORS = load_priors()
ROWS = [
    ROW | {"origin": "apron", "grade": "C3", "x_id": "jets_1"},
    ROW
    | {"date": "2024-12-14", "indicator": "transport_flights", "observed": "2..4"}
    | {"origin": "tracker", "grade": "B2"},
    ROW
    | {"date": "2024-12-15", "indicator": "perimeter_held", "observed": "yes", "origin": "apron"}
    | {"grade": "C3"},
    ROW
    | {"date": "2024-12-16", "until": "2024-12-20", "site": "posts", "indicator": "posts_vacated"}
    | {"observed": ">=8", "origin": "monitor", "grade": "C3"},
    ROW
    | {"date": "2024-12-20", "indicator": "negotiations_ongoing", "observed": "yes"}
    | {"origin": "minister", "collector": "Ministry", "grade": "B2"},
    ROW | {"date": "2025-03-01", "observed": "no", "origin": "spring"},
]
NOISE = 4.0
"""Standard errors within which two independent estimates must agree."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cases") / "tiny"
    folder.mkdir()
    (folder / "case.yaml").write_text(CASE, encoding="utf-8")
    write_reports(folder, ROWS)
    return folder


@pytest.fixture(scope="module")
def base(folder):
    """The small case, from draws that need no sampler."""
    return resampled(ask(load_case(folder, PRIORS), PRIORS, AS_OF, 1), 4000, 40_000)


@pytest.fixture(scope="module")
def teller(base):
    return Teller(base)


def wondered(base, *texts, overlays=(), without=()):
    return alternatives(base.question, overlays, [read_setting(text) for text in texts], without)


def refusal(base, *texts, **more):
    with pytest.raises(InputError) as raised:
        wondered(base, *texts, **more)
    return str(raised.value)


SETTINGS = [
    "lift=x1.5",
    "crisis=x0.7",
    "clock.lasts.*=x1.5",
    "clock.starts.*=x0.7",
    "indicators.combat_aircraft.visible=50%..80%",
    "sites.base.routine.transport_flights=x2",
    "sites.base.stock.jets=20..30",
    "sites.base.share=60%..70%",
    "reports.jets_1.observed=>=20",
    "reports.apron.grade=A1",
    "indicators.negotiations_ongoing.present.full_exit=70%..90%",
    "grades.digits.*=x0.8",
    "late.starts=0.3%",
    "reserve=10%",
    "outcomes.chance.full_exit=20%",
]


@pytest.mark.parametrize("text", SETTINGS)
def test_the_same_draws_say_what_fresh_draws_say(base, teller, text):
    """Reweighted answers agree with answers from the prior of the changed question."""
    (alone,), together = wondered(base, text)
    assert together is alone
    told = teller.reweighted(alone.question)
    fresh = resampled(alone.question, 4000, 40_000)
    assert told.ess >= 400
    error = np.hypot(told.mcse, fresh.mcse)
    assert np.all(np.abs(told.outcomes - fresh.weighed.outcomes) < NOISE * error + 1e-12)
    assert told.outcomes.sum() == pytest.approx(1.0)


def test_exact_where_nothing_sampled_changed(base, teller):
    (alone,), _ = wondered(base, "reserve=10%")
    told = teller.answer(alone.question)
    plain = (base.weighed.outcomes - 0.03 * base.question.besides.base_rates) / 0.97
    assert told.method == "exact"
    assert told.outcomes == pytest.approx(0.9 * plain + 0.1 * base.question.besides.base_rates)
    # both answers are of the same draws: what is uncertain is far less than either
    assert told.change_mcse.max() < 0.1 * told.mcse.max()


def test_what_changes_nothing_changes_nothing(base, teller):
    """The base asked again is the base, and a factor of one changes nothing."""
    (alone,), _ = wondered(base, "reports.jets_1.observed=>=15")
    assert teller.answer(alone.question).outcomes == pytest.approx(base.weighed.outcomes)
    (alone,), _ = wondered(base, "lift=x1")
    told = teller.answer(alone.question)
    assert told.method == "exact"
    assert told.outcomes == pytest.approx(base.weighed.outcomes)


@pytest.mark.parametrize("text", ["sites.posts.fate.closed=50%", "gone.together=20%"])
def test_where_a_site_ends_is_fitted_again(base, teller, text):
    """However well the weights look; see docs/reweighting.md."""
    (alone,), _ = wondered(base, text)
    assert not teller.holds(teller.reweighted(alone.question))


def test_a_prior_run_serves_where_it_would_be_the_same(base, teller):
    """By values: what is seen or lifted has no say in where the force stands without reports."""
    for text, same in [("lift=x2", True), ("sites.base.stock.jets=x2", True), ("crisis=x2", True)] + [
        ("clock.site_lasts=x2", False),
        ("sites.base.share=60%..70%", False),
        ("late.starts=0.3%", False),
    ]:
        (alone,), _ = wondered(base, text)
        q = alone.question
        for h in OUTCOMES:
            found, fresh = teller._prior_run(q, h), prior_run(q, h)
            assert (found is base.prior_runs[h]) == same, text
            assert np.array_equal(found.outcome, fresh.outcome)
            assert found.log_region == fresh.log_region


def test_each_alone_and_all_together(base, teller):
    alone, together = wondered(base, "lift=x2", "reserve=10%", without=["apron"])
    found = what_if(teller, alone, together)
    told = record(found, 1.0)
    assert {row["what"] for row in told["changes"]} == {"prior", "origin"}
    moves = [max(map(abs, row["delta"].values())) for row in told["changes"]]
    assert moves == sorted(moves, reverse=True)
    for key in ("before", "after"):
        assert sum(told[key].values()) == pytest.approx(1.0)
    for row in [*told["changes"], told["together"]]:
        assert sum(row["delta"].values()) == pytest.approx(0.0, abs=1e-12)
        for o in OUTCOMES:
            assert row["outcomes"][o] - told["before"][o] == pytest.approx(row["delta"][o])
    assert told["after"] == told["together"]["outcomes"]
    json.dumps(told, allow_nan=False)


def test_an_overlay_is_a_change_for_each_of_its_values(base, tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(
        "lift: {about: 2, within_factor: 5, why: x}\n"
        "reserve: {share: 3%, why: The same value for another reason}\n"
        "sources: {Maxar: {grade: A1, why: x}}\n"
        "indicators: {combat_aircraft: {visible: {between: [50%, 80%], why: x}}}\n"
    )
    alone, together = wondered(base, overlays=[path])
    assert [a.path for a in alone] == ["lift", "sources.Maxar", "indicators.combat_aircraft.visible"]
    assert alone[0].said == "about 1, 80 % sure within a factor of 5"
    assert alone[0].becomes == "about 2, 80 % sure within a factor of 5"
    assert alone[1].said == "as graded row by row"
    whole = ask(base.question.case, load_priors([path]), AS_OF, 1)
    for h in OUTCOMES:
        for name, value in whole.hyper[h].items():
            assert np.array_equal(value, together.question.hyper[h][name]), name
    assert np.array_equal(whole.log_politics, together.question.log_politics)


def test_grades_of_an_origin_reach_all_its_reports(base):
    (alone,), _ = wondered(base, "reports.apron.grade=A1")
    grades = {r.indicator: r.grade for r in alone.question.view.reports if r.origin == "apron"}
    assert grades == {"combat_aircraft": "A1", "perimeter_held": "A1"}
    assert (alone.said, alone.becomes) == ("C3", "A1 (2 reports)")


def test_what_a_change_says(base):
    (alone,), _ = wondered(base, "outcomes.chance.full_exit=20%")
    assert "full exit 20 %" in alone.becomes
    assert alone.note.startswith("the others in proportion")
    (alone,), _ = wondered(base, "sites.*.share=x1.1")
    assert alone.said == "2 values"
    assert "sites.posts.share: 80 % sure between 10 % and 40 %" in alone.note
    (alone,), _ = wondered(base, "reports.minister.observed=no")
    assert (alone.what, alone.said, alone.becomes) == ("report", "yes", "no")
    (alone,), _ = wondered(base, without=["monitor"])
    assert (alone.what, alone.path, alone.said) == ("origin", "monitor", "1 report")


@pytest.mark.parametrize(
    ("texts", "without", "said"),
    [
        ([], [], "nothing is changed"),
        (["sites.bse.share=x2"], [], "did you mean `sites.base.share`"),
        (["sites.base.kind=outpost"], [], "unknown path"),
        (["sites.base.share=x3"], [], "less than 100%"),
        (["reports.jets.observed=3"], [], "no report `jets`"),
        (["reports.jets_1.observed=three"], [], "expected `4`"),
        (["reports.apron.observed=3"], [], "has 2 reports: line 2 (base, combat_aircraft"),
        (["reports.minister.observed=3"], [], "`yes` or `no`"),
        (["reports.spring.grade=A1"], [], "not known yet on the date"),
        (["reports.apron.grade=G1"], [], "A1 to F6"),
        (["reports.apron.graed=B2"], [], "did you mean `grade`"),
        ([], ["aporn"], "did you mean `apron`"),
        ([], ["spring"], "not known yet on the date"),
    ],
)
def test_refused(base, texts, without, said):
    assert said in refusal(base, *texts, without=without)


def test_all_problems_at_once(base):
    said = refusal(base, "resrve=5%", "lift=6..2", "reports.x.grade=B2", without=["aporn"])
    assert len(said.splitlines()) == 4


def test_priors_under_which_the_base_rates_cannot_be_had(base, teller):
    alone, together = wondered(base, "late.starts=20%")
    with pytest.raises(InputError, match="late.starts"):
        what_if(teller, alone, together)


def run(folder, *words):
    return CliRunner().invoke(app, ["whatif", folder.name, "--as-of", str(AS_OF), *words])


@pytest.fixture
def kept(folder, base, monkeypatch):
    """The folder of the case, its draws kept beside its reports."""
    monkeypatch.chdir(folder.parent)
    keep(base, _spare(base.question, False), quick=False)
    return folder


def test_the_command_prints_before_and_after(kept):
    done = run(kept, "--set", "reserve=10%")
    assert done.exit_code == 0, done.output
    assert "reserve: 3 % -> 10 %" in done.output
    assert "Exact given the draws" in done.output
    rows = [line.split(" %") for line in done.output.splitlines() if line.endswith(" points ")]
    for column in (0, 1):
        assert sum(int(row[column].split()[-1]) for row in rows) == 100
    done = run(kept, "--set", "reserve=10%", "--set", "lift=x2", "--without", "apron")
    assert "Each change alone, largest move first" in done.output
    assert "reweighted, k-hat" in done.output


def test_the_command_prints_json(kept, base):
    done = run(kept, "--set", "lift=x2", "--json")
    told = json.loads(done.stdout)
    assert list(told)[:3] == ["case", "as_of", "before"]
    assert (told["case"], told["as_of"]) == ("tiny", str(AS_OF))
    assert list(told["before"].values()) == pytest.approx(list(base.weighed.outcomes))
    (row,) = told["changes"]
    assert row["path"] == "lift"
    assert row["method"] == "reweighted"
    assert row["khat"] <= 0.7
    assert row["ess"] >= 400
    assert told["seconds"] > 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--set", "lft=x2"], "did you mean `lift`"),
        (["--set", "lift"], "expected PATH=VALUE"),
        (["--without", "aporn"], "did you mean `apron`"),
        (["--priors", "nobody"], "no such file"),
        ([], "nothing is changed"),
    ],
)
def test_bad_changes_exit_2_before_anything_is_fitted(folder, monkeypatch, tmp_path, words, said):
    """In a place without draws, where a fit would come first."""
    (tmp_path / "tiny").symlink_to(folder)
    monkeypatch.chdir(tmp_path)
    done = run(folder, *words)
    assert done.exit_code == 2
    assert said in done.stderr
    assert "fitting" not in done.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["tiny"]


def test_the_command_imports_no_sampler(kept):
    words = ["whatif", "tiny", "--as-of", str(AS_OF), "--set", "lift=x2", "--without", "apron"]
    assert imports(words) == []


def test_without_draws_the_base_is_fitted_once(folder, monkeypatch, tmp_path):
    """By the real sampler: the first what-if says so and waits, the next does not."""
    (tmp_path / "tiny").symlink_to(folder)
    monkeypatch.chdir(tmp_path)
    first = run(folder, "--set", "reserve=10%", "--json")
    assert first.exit_code == 0, first.stderr
    assert first.stderr.count("fitting the base once") == 1
    again = run(folder, "--set", "reserve=10%", "--json")
    assert again.stderr == ""
    one, two = json.loads(first.stdout), json.loads(again.stdout)
    one.pop("seconds"), two.pop("seconds")
    assert one == two


def test_a_refit_answers_as_an_assessment_would(base, kept):
    """By the real sampler, where weights may not be used: within error of fresh draws of the prior."""
    done = run(kept, "--set", "sites.posts.fate.closed=50%", "--json")
    assert done.exit_code == 0, done.stderr
    (row,) = json.loads(done.stdout)["changes"]
    assert row["method"] == "refitted"
    assert row["khat"] is None
    (alone,), _ = wondered(base, "sites.posts.fate.closed=50%")
    fresh = resampled(alone.question, 4000, 40_000)
    error = np.hypot([row["mcse"][o] for o in OUTCOMES], fresh.mcse)
    found = np.array([row["outcomes"][o] for o in OUTCOMES])
    assert np.all(np.abs(found - fresh.weighed.outcomes) < NOISE * error)


class TestBase:
    """Where draws are found and kept."""

    def test_draws_beside_the_reports_serve_again(self, kept, base):
        told = []
        found = base_assessment(base.question, AS_OF, fitting=lambda: told.append("fit"))
        assert told == []
        assert np.array_equal(found.weighed.outcomes, base.weighed.outcomes)

    @pytest.mark.parametrize("change", ["evidence", "priors", "seed"])
    def test_draws_of_other_inputs_do_not_serve(self, kept, base, monkeypatch, change):
        """Another case, judgement or seed is fitted once, said so, and its draws are kept.

        Draws of the prior stand in for those of the sampler, with which `whatif` is run above.
        """
        monkeypatch.setattr("drawdown.answers.base.assess", lambda q, **more: resampled(q, 4000, 40_000))
        q, told = base.question, []
        if change == "evidence":
            rows = [row | {"observed": ">=16"} if "x_id" in row else row for row in ROWS]
            write_reports(kept, rows)
            q = ask(load_case(kept, PRIORS), PRIORS, AS_OF, 1)
            write_reports(kept, ROWS)
        elif change == "priors":
            q = ask(q.case, replace(PRIORS, sha256="other"), AS_OF, 1)
        else:
            q = ask(q.case, PRIORS, AS_OF, 2)
        base_assessment(q, AS_OF, fitting=lambda: told.append("fit"))
        assert told == ["fit"]
        again = base_assessment(q, AS_OF, fitting=lambda: told.append("fit"))
        assert told == ["fit"]
        assert again.question is q
        names = sorted(p.name for p in Path("reports/tiny/.draws").iterdir())
        assert ("2024-12-31+seed2.nc" in names) == (change == "seed")
        assert all(name.endswith(".nc") for name in names)

    def test_a_file_cut_short_is_no_file(self, kept, base, monkeypatch):
        monkeypatch.setattr("drawdown.answers.base.assess", lambda q, **more: base)
        path = _spare(base.question, False)
        path.write_bytes(path.read_bytes()[:5000])
        told = []
        base_assessment(base.question, AS_OF, fitting=lambda: told.append("fit"))
        assert told == ["fit"]
        base_assessment(base.question, AS_OF, fitting=lambda: told.append("fit"))
        assert told == ["fit"]

    def test_beside_a_report_only_if_it_is_of_these_inputs(self, folder, base, monkeypatch, tmp_path):
        from drawdown.answers.stored import identity

        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr("drawdown.answers.base.assess", lambda q, **more: base)
        report = Path("reports/tiny/2024-12-31")
        report.mkdir(parents=True)
        (report / "assessment.json").write_text(json.dumps({"provenance": {"seed": 9}}))
        base_assessment(base.question, AS_OF)
        assert not (report / "fits.nc").exists()
        assert Path("reports/tiny/.draws/2024-12-31.nc").is_file()
        Path("reports/tiny/.draws/2024-12-31.nc").unlink()
        (report / "assessment.json").write_text(json.dumps({"provenance": identity(base.question)}))
        base_assessment(base.question, AS_OF)
        assert (report / "fits.nc").is_file()
        assert not Path("reports/tiny/.draws/2024-12-31.nc").exists()

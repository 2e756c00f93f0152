"""Indicators by YAML alone, and what each would tell before it has told anything."""

import json
from dataclasses import replace

import numpy as np
import pytest
from typer.testing import CliRunner

from conftest import CASE, ROW, write_reports
from drawdown.answers.alternatives import alternatives, swaps
from drawdown.answers.assess import ask
from drawdown.answers.diagnosis import Diagnosis, diagnose, record
from drawdown.answers.unreported import unreported
from drawdown.answers.variants import physical_alone, with_reports
from drawdown.answers.weigh import weigh
from drawdown.cli import app
from drawdown.errors import InputError
from drawdown.files.case import load_case
from drawdown.files.priors import load_priors
from fresh import imports
from known import resampled
from test_whatif import AS_OF, NOISE

SHIPPED = load_priors()
ADDED = """\
indicators:
  tankers_parked:
    label: Tanker aircraft on the apron
    tracks: remaining
    of: jets
    unit: aircraft
    family: remaining stock
    visible: {between: [5%, 20%], why: One in ten of the aircraft is a tanker}
    spread: {size: 3, why: Judgement}
    look: {chance: 50%, within: 7 days, why: As for combat aircraft}
  parliament_votes_exit:
    label: The parliament of the force votes for an exit
    tracks: intent
    present:
      retained: {between: [0.5%, 2%], why: Hardly ever}
      partial_redeployment: {between: [0.5%, 2%], why: Hardly ever}
      full_exit: {between: [98%, 99.5%], why: Always}
    shared: {loading: 0.01, why: Depends on nothing else}
    look: {chance: 5%, within: 7 days, why: Votes are rare}
  weather_fair:
    label: The weather is fair
    tracks: intent
    present:
      retained: {between: [30%, 70%], why: Weather}
      partial_redeployment: {between: [30%, 70%], why: Weather}
      full_exit: {between: [30%, 70%], why: Weather}
    shared: {loading: 0.01, why: Depends on nothing else}
  camels: {tracks: nothing, label: Camels seen}
"""
NAMES = ("tankers_parked", "parliament_votes_exit", "weather_fair", "camels")


@pytest.fixture(scope="module")
def overlay(tmp_path_factory):
    file = tmp_path_factory.mktemp("overlay") / "more.yaml"
    file.write_text(ADDED, encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def priors(overlay):
    return load_priors([overlay])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The small case with a report on two of the new indicators."""
    folder = tmp_path_factory.mktemp("cases") / "tiny"
    folder.mkdir()
    (folder / "case.yaml").write_text(CASE, encoding="utf-8")
    rows = [
        ROW | {"indicator": "tankers_parked", "observed": "2", "grade": "B2"},
        ROW | {"indicator": "weather_fair", "observed": "yes", "site": "theatre"},
        ROW | {"indicator": "camels", "observed": "4"},
    ]
    write_reports(folder, rows)
    return folder


@pytest.fixture(scope="module")
def case(folder, priors):
    return load_case(folder, priors)


@pytest.fixture(scope="module")
def found(case, priors):
    return diagnose(case, priors, SHIPPED.indicators)


def one(found, name: str) -> Diagnosis:
    return next(d for d in found.found if d.indicator.name == name)


def test_an_overlay_alone_adds_indicators(priors):
    assert set(NAMES) == set(priors.indicators) - set(SHIPPED.indicators)
    tankers = priors.indicators["tankers_parked"]
    assert (tankers.tracks, tankers.of, tankers.unit, tankers.spread) == (
        "remaining",
        "jets",
        "aircraft",
        3,
    )
    assert "indicators.tankers_parked.visible" in priors.judgements
    assert "tankers_parked" in priors.resolved_yaml()
    assert priors.sha256 != SHIPPED.sha256


def refusal(tmp_path, text: str) -> str:
    (tmp_path / "mine.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as raised:
        load_priors([tmp_path / "mine.yaml"])
    return str(raised.value)


@pytest.mark.parametrize(
    ("block", "said"),
    [
        (
            "transport_flight: {seen: {between: [10%, 30%], why: x}}",
            "unknown indicator `transport_flight`, and no new one without `tracks` (remaining, pace,"
            " intent, nothing); expected one of defaults.yaml, or a whole indicator; did you mean"
            " `transport_flights`?",
        ),
        ("combat_aircrafts: {tracks: remaining, of: jets}", "without `label`, `unit`, `family`"),
        ("camels: {tracks: nothingg, label: Camels}", "without `tracks` (remaining"),
        ("camels: {tracks: nothing, label: Camels, look: {chance: 5%}}", "unknown key `look`"),
        ("camels: yes", "no new one without `tracks`"),
        ("camels: {tracks: nothing, label: [1]}", "a list; expected text"),
    ],
)
def test_a_mistyped_name_is_no_new_indicator(tmp_path, block, said):
    told = refusal(tmp_path, f"indicators:\n  {block}\n")
    assert said in told
    assert "mine.yaml:2:" in told


def test_what_an_added_indicator_is_stays_what_it_is(tmp_path, overlay):
    """A second overlay may judge it otherwise and not make another thing of it."""
    (tmp_path / "then.yaml").write_text("indicators: {tankers_parked: {of: helicopters}}\n")
    with pytest.raises(InputError, match="says what the indicator is"):
        load_priors([overlay, tmp_path / "then.yaml"])


def test_nobody_has_reported_anything_yet(case, priors):
    """The prior as an assessment gives the stated base rates back, but for silence and context."""
    a = unreported(case, priors, 1)
    assert a.question.view.reports == ()
    alone = physical_alone(a.question)
    told = weigh(a.log_z, a.table.chance, a.prior_table.chance, alone.besides).outcomes
    assert np.abs(told - alone.besides.base_rates).max() < NOISE * a.mcse.max()
    assert a.log_z == pytest.approx([0.0, 0.0, 0.0], abs=1e-9)


def test_bits_by_hand(found):
    """An indicator that is there under full exit alone, said by a source that is right so often."""
    a = found.assessment
    now = a.weighed.joint.sum(axis=0)
    decisive, worthless = one(found, "parliament_votes_exit"), one(found, "weather_fair")
    right = a.question.priors.chance_right("", found.grade)
    # who is mistaken says yes or no at even odds
    present = np.array([0.0108, 0.0108, 0.9892])
    yes = right * present + (1 - right) / 2
    joint = np.stack([now * (1 - yes), now * yes])
    reserve, rates = 0.03, a.question.besides.base_rates
    printed = 0.97 * joint / joint.sum(axis=1, keepdims=True) + reserve * rates
    before = 0.97 * now + reserve * rates
    bits = joint.sum(axis=1) @ (printed * np.log2(printed / before)).sum(axis=1)
    assert decisive.bits == pytest.approx(bits, rel=0.02)
    assert decisive.bits > 20 * max(worthless.bits, 0.001)
    assert worthless.bits == pytest.approx(0.0, abs=1e-6)


def test_what_is_seen_better_tells_more(case, tmp_path, found):
    """The same stock, one aircraft in ten counted, or nearly all of them."""
    assert one(found, "combat_aircraft").bits > one(found, "tankers_parked").bits > 0.0


def test_readings_add_up_to_what_is_known_without_them(found):
    now = found.assessment.weighed.outcomes
    counted = 0
    for diagnosis in found.found:
        for site in diagnosis.sites:
            no, yes, *counts = site.readings
            assert (no.observed, yes.observed) == ("no", "yes")
            for parts in filter(None, ([no, yes], [no, *counts] if counts else [])):
                assert sum(r.chance for r in parts) == pytest.approx(1.0)
                assert sum(r.chance * r.outcomes for r in parts) == pytest.approx(now, abs=1e-9)
            counted += bool(counts)
    assert counted >= 4


def test_a_reading_does_what_the_report_would_do(found, case, priors):
    """`no` and a count, against assessments of the same case with that one report."""
    site = one(found, "combat_aircraft").sites[0]
    q = found.assessment.question
    report = site.prospect.source.report
    for reading in (site.readings[0], site.readings[-1]):
        lo, hi = (0, 0) if reading.observed == "no" else (int(reading.observed[2:]), None)
        said = replace(report, observed=reading.observed, lo=lo, hi=hi, published=q.view.as_of)
        fresh = resampled(with_reports(q, [said]), 4000, 40_000)
        error = np.hypot(fresh.mcse, found.assessment.mcse)
        assert np.all(np.abs(reading.outcomes - fresh.weighed.outcomes) < NOISE * error + 0.002)


def test_rows_and_notes(found):
    told = {row["name"]: row for row in record(found)["indicators"]}
    assert list(told) == list(found.assessment.question.priors.indicators)
    assert (told["tankers_parked"]["reports"], told["tankers_parked"]["modelled"]) == (1, 1)
    assert told["tankers_parked"]["added"]
    assert not told["combat_aircraft"]["added"]
    assert told["camels"]["note"] == "kept and shown, without likelihood"
    assert told["warships"]["note"] == "no site of the case has `warships`"
    assert told["regime_change_in_host"]["note"] == "a fact that defines the case"
    assert told["weather_fair"]["weak"]
    assert not told["parliament_votes_exit"]["weak"]
    json.dumps(record(found), allow_nan=False)


def test_what_if_of_an_overlay_that_adds_one(folder, overlay, tmp_path):
    """The whole indicator is one change; one that reads another's scopes cannot come without it."""
    empty = tmp_path / "tiny"
    empty.mkdir()
    (empty / "case.yaml").write_text(CASE, encoding="utf-8")
    q = ask(load_case(empty, SHIPPED), SHIPPED, AS_OF, 1)
    alone, _ = alternatives(q, [overlay])
    assert [a.path for a in alone] == [f"indicators.{name}" for name in NAMES]
    assert "not there" in alone[0].note
    text = ADDED.replace(
        "    look: {chance: 5%", "    scopes: {whole: counts}\n    look: {chance: 5%", 1
    )
    part, whole = ("{between: [1%, 2%], why: x}", "{between: [50%, 60%], why: x}")
    text += (
        "  whole_exit:\n    label: Voted for all of it\n    tracks: intent\n"
        f"    present: {{retained: {part}, partial_redeployment: {part}, full_exit: {whole}}}\n"
        "    shared: {loading: 0.1, why: x}\n"
        "    scope_of: {indicator: parliament_votes_exit, scope: whole, why: x}\n"
    )
    (tmp_path / "scoped.yaml").write_text(text)
    found = swaps(q, [], [tmp_path / "scoped.yaml"])
    assert found["indicators.whole_exit"] is None
    assert found["indicators.parliament_votes_exit"] is not None


def run(*words: object):
    return CliRunner().invoke(app, [str(word) for word in words])


def test_check_reads_added_indicators_back(folder, overlay, tmp_path):
    done = run("check", folder, "--priors", overlay)
    assert done.exit_code == 0, done.output
    assert "tankers_parked: Tanker aircraft on the apron; remaining of jets" in done.stdout
    assert "2 tanker aircraft on the apron" in done.stdout
    odd = tmp_path / "odd.yaml"
    odd.write_text(ADDED.replace("of: jets", "of: jetts"))
    write_reports(folder, [])
    told = run("check", folder, "--priors", odd)
    assert "no site of the case has `jetts`; did you mean `jets`?" in told.stdout


def test_the_command_lists_and_details(folder, overlay):
    done = run("indicators", folder, "--priors", overlay)
    assert done.exit_code == 0, done.output
    assert "tankers_parked (added)" in done.stdout
    assert "on day 30 (2025-01-07)" in done.stdout
    assert "camels" in done.stdout.split("without likelihood:")[1]
    told = run("indicators", folder, "--priors", overlay, "--name", "tankers_parked")
    assert "Tanker aircraft on the apron (tankers_parked), added by an overlay" in told.stdout
    assert ">=" in told.stdout
    said = run("indicators", folder, "--name", "tankers_parkd", "--priors", overlay)
    assert said.exit_code == 2
    assert "did you mean `tankers_parked`" in said.stderr
    assert run("indicators", folder, "--day", "365").exit_code == 2
    listed = json.loads(run("indicators", folder, "--json", "--day", "90").stdout)
    assert listed["as_of"] == "2025-03-08"


def test_the_command_imports_no_sampler(folder):
    assert imports(["indicators", str(folder)]) == []


def test_an_assessment_counts_it(tmp_path, overlay, monkeypatch):
    """By the real sampler: its report enters the answer and the page, with no change of code."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tiny").mkdir()
    (tmp_path / "tiny" / "case.yaml").write_text(CASE, encoding="utf-8")
    rows = [ROW | {"indicator": "tankers_parked", "observed": "2", "grade": "B2", "origin": "image"}]
    write_reports(tmp_path / "tiny", rows)
    done = run("assess", "tiny", "--priors", overlay, "--quick")
    assert done.exit_code == 0, done.output
    (report,) = (tmp_path / "reports" / "tiny").glob("latest+more+quick")
    told = json.loads((report / "assessment.json").read_text())
    (origin,) = told["contributions"]
    assert origin["origin"] == "image"
    assert any(abs(v) > 1e-4 for v in origin["delta_probability"].values())
    assert "tanker aircraft on the apron" in (report / "brief.md").read_text().lower()


def test_a_report_on_an_indicator_that_nobody_added_is_an_error(folder, overlay):
    write_reports(folder, [ROW | {"indicator": "tankers_parked", "observed": "2"}])
    done = run("check", folder)
    assert done.exit_code == 2
    assert "tankers_parked" in done.stderr

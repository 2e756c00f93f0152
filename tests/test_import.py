"""Exports of collectors become rows of the log: counted by hand, and every line accounted for.

The exports in `data/formats` are samples of formats, made up for these tests.
"""

import json
import os
import re
import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from conftest import ROW, write_reports
from drawdown.cli import app
from drawdown.errors import InputError
from drawdown.files.case import load_case
from drawdown.files.export import read_export
from drawdown.files.logbook import add, write
from drawdown.files.mapping import load_mapping
from drawdown.files.priors import load_priors

FORMATS = Path(__file__).parent / "data" / "formats"
PRIORS = load_priors()
FLIGHTS, CALLS = FORMATS / "adsb_flights.csv", FORMATS / "ais_port_calls.csv"


@pytest.fixture
def case(tiny_case):
    """The small case with one report, its base a port as well."""
    text = (tiny_case / "case.yaml").read_text()
    (tiny_case / "case.yaml").write_text(
        text.replace("unit: thousand t, leaves: air", "unit: thousand t, leaves: sea")
    )
    write_reports(tiny_case, [ROW])
    return load_case(tiny_case, PRIORS)


def mapped(tmp_path, name, *edits):
    """A mapping of the samples with something else in it."""
    text = (FORMATS / name).read_text(encoding="utf-8")
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path / name


def taken(case, file, mapping):
    return read_export(file, load_mapping(mapping, case, PRIORS), case)


def run(*words: object):
    return CliRunner().invoke(app, ["import", *(str(word) for word in words)])


def brief(made):
    return [(m.cells["date"], m.cells["until"], m.cells["observed"]) for m in made]


def test_flights_by_the_week_counted_by_hand(case):
    """Weeks from the trigger; two rows of one flight are one; a covered week without any is a no."""
    found = taken(case, FLIGHTS, FORMATS / "adsb.yaml")
    assert brief(found.made) == [
        ("2024-12-08", "2024-12-14", "2"),
        ("2024-12-15", "2024-12-21", "1"),
        ("2024-12-22", "2024-12-28", "1"),
        ("2024-12-29", "2024-12-31", "no"),
    ]
    first = found.made[0]
    assert first.lines == (3, 4)
    assert first.cells["note"] == "2 heavy transports by transponder: SAMPLE01, SAMPLE02"
    assert first.cells["origin"] == "sample_tracker_flights_2024-12-08"
    assert (first.cells["flow"], first.cells["grade"], first.cells["site"]) == ("out", "B3", "base")
    why = {s.line: s.reason for s in found.skipped}
    assert why == {
        2: "origin is `UUXX`, no site by the mapping",
        5: "the same icao24 and first_seen as an earlier line of its window",
        6: "type is `B738`, not among those kept",
        7: "callsign is `TEST0001`, which is dropped",
        8: "origin is `LTAC`, no site by the mapping",
        9: "first_seen is not written as `%Y-%m-%d %H:%M`",
        11: "4 cells under 7 columns",
        13: "outside of the days covered, 2024-12-08 to 2024-12-31",
    }
    counted = {line for made in found.made for line in made.lines}
    assert counted | set(why) == set(range(2, 14))
    assert found.rows == 12


def test_at_least_so_many_says_nothing_of_a_week_without_any(case, tmp_path):
    """Nor beyond the last day of the export."""
    mapping = mapped(tmp_path, "adsb.yaml", ("says: exact", "says: at least"))
    text = mapping.read_text().replace("covers: {from: 2024-12-08, to: 2024-12-31}\n", "")
    mapping.write_text(text)
    assert brief(taken(case, FLIGHTS, mapping).made) == [
        ("2024-12-08", "2024-12-14", ">=2"),
        ("2024-12-15", "2024-12-21", ">=1"),
        ("2024-12-22", "2024-12-28", ">=1"),
        ("2025-01-19", "2025-01-20", ">=1"),
    ]


def test_port_calls_are_stays_and_counted_by_day(case):
    """18 to 20 December, and from the 19th to the end of the export; seconds since 1970."""
    found = taken(case, CALLS, FORMATS / "ais.yaml")
    assert brief(found.made) == [
        ("2024-12-18", "", ">=1"),
        ("2024-12-19", "", ">=2"),
        ("2024-12-20", "", ">=2"),
    ]
    assert found.made[1].cells["note"] == "Alongside by AIS: SAMPLE RORO, SAMPLE LST"
    assert [(s.line, s.reason) for s in found.skipped] == [
        (4, "kind is `tanker`, not among those kept"),
        (5, "port is `LBBEY`, no site by the mapping"),
        (6, "left is before arrived"),
    ]


def test_a_stay_is_looked_at_on_the_days_that_are_looked_at(case, tmp_path):
    """Every second day from the trigger: the 18th and the 20th."""
    mapping = mapped(tmp_path, "ais.yaml", ("every: 1 day", "every: 2 days"))
    assert [m.cells["date"] for m in taken(case, CALLS, mapping).made] == ["2024-12-18", "2024-12-20"]
    never = mapped(tmp_path, "ais.yaml", ("every: 1 day", "every: 30 days"))
    found = taken(case, CALLS, never)
    assert found.made == ()
    assert {s.reason for s in found.skipped if s.line in (2, 3)} == {"there on no day that is looked at"}


def test_line_ends_and_marks_of_other_systems(case, tmp_path):
    raw = FLIGHTS.read_bytes()
    file = tmp_path / "other.csv"
    file.write_bytes(b"\xef\xbb\xbf" + raw.replace(b"\n", b"\r\n"))
    mapping = FORMATS / "adsb.yaml"
    assert taken(case, file, mapping) == taken(case, FLIGHTS, mapping)


def test_flow_by_a_column_has_an_origin_each(case, tmp_path):
    file = tmp_path / "flights.csv"
    file.write_text(
        "seen,where,way\n2024-12-10,X,dep\n2024-12-10,X,arr\n2024-12-10,X,dep\n2024-12-11,X,over\n"
    )
    mapping = tmp_path / "m.yaml"
    mapping.write_text(
        "indicator: transport_flights\ncollector: T\ngrade: C3\nurl: https://example.org/x\n"
        "date: {column: seen, format: '%Y-%m-%d'}\nsite: {column: where, names: {x: base}}\n"
        "flow: {column: way, names: {dep: out, arr: in}}\ncount: {every: 1 day, says: at least}\n"
        "published: {column: seen, format: '%Y-%m-%d'}\n"
    )
    found = taken(case, file, mapping)
    assert [(m.cells["flow"], m.cells["observed"]) for m in found.made] == [
        ("in", ">=1"),
        ("out", ">=2"),
    ]
    assert {m.cells["published"] for m in found.made} == {"2024-12-10"}
    assert found.skipped[0].reason == "way is `over`, no flow by the mapping"
    assert len(add(case, PRIORS, found.made).rows) == 2


def test_rows_are_what_the_log_would_hold(case):
    """The reader of the log has the last word, and nothing is written before it."""
    before = (case.folder / "reports.csv").read_bytes()
    found = add(case, PRIORS, taken(case, FLIGHTS, FORMATS / "adsb.yaml").made)
    assert (case.folder / "reports.csv").read_bytes() == before
    new = found.case.reports[1:]
    assert [(r.lo, r.hi, r.flow, r.modelled) for r in new] == [
        (2, 2, "out", True),
        (1, 1, "out", True),
        (1, 1, "out", True),
        (0, 0, "out", True),
    ]
    write(case, found)
    after = (case.folder / "reports.csv").read_bytes()
    assert after.startswith(before)
    assert load_case(case.folder, PRIORS).reports == found.case.reports


def test_a_second_import_adds_nothing(case):
    read = taken(case, FLIGHTS, FORMATS / "adsb.yaml")
    write(case, add(case, PRIORS, read.made))
    again = add(load_case(case.folder, PRIORS), PRIORS, read.made)
    assert again.rows == ()
    assert len(again.there) == 4


def test_a_count_that_changed_is_said_and_the_log_stays(case, tmp_path):
    mapping = FORMATS / "adsb.yaml"
    assert run(case.folder, FLIGHTS, "--mapping", mapping, "--write").exit_code == 0
    before = (case.folder / "reports.csv").read_bytes()
    more = tmp_path / "more.csv"
    more.write_text(
        FLIGHTS.read_text() + "a00020,SAMPLE20,IL76,OSLK,HLLX,2024-12-10 02:00,2024-12-10 05:00\n"
    )
    done = run(case.folder, more, "--mapping", mapping, "--write")
    assert done.exit_code == 0
    assert "in the log already, line 3, as `2`, where the export says `3`: not changed" in done.stderr
    assert "3 rows in the log already" in done.stderr
    assert "Nothing new." in done.stderr
    assert (case.folder / "reports.csv").read_bytes() == before


@pytest.mark.parametrize("end", ["\n", "\r\n", ""])
def test_the_log_keeps_its_form(case, end):
    """Line ends, byte-order mark, own columns and rights, and a last line without an end."""
    path = case.folder / "reports.csv"
    text = path.read_text().replace("\n", end or "\n").replace("x_id", "x_mine")
    path.write_bytes(b"\xef\xbb\xbf" + (text if end else text.rstrip("\n")).encode())
    path.chmod(0o640)
    now = load_case(case.folder, PRIORS)
    write(now, add(now, PRIORS, taken(now, FLIGHTS, FORMATS / "adsb.yaml").made))
    raw = path.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert raw.count(b"\r\n") == (raw.count(b"\n") if end == "\r\n" else 0)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert len(load_case(case.folder, PRIORS).reports) == 5
    assert sorted(p.name for p in case.folder.iterdir()) == ["case.yaml", "reports.csv"]


def test_a_case_without_a_log_gets_one(case):
    (case.folder / "reports.csv").unlink()
    done = run(case.folder, FLIGHTS, "--mapping", FORMATS / "adsb.yaml", "--write")
    assert done.exit_code == 0, done.stderr
    assert len(load_case(case.folder, PRIORS).reports) == 4


def test_a_log_that_changed_meanwhile_is_not_written(case):
    found = add(case, PRIORS, taken(case, FLIGHTS, FORMATS / "adsb.yaml").made)
    write_reports(case.folder, [ROW, ROW | {"origin": "other"}])
    before = (case.folder / "reports.csv").read_bytes()
    with pytest.raises(InputError, match="changed while the rows were tried"):
        write(case, found)
    assert (case.folder / "reports.csv").read_bytes() == before


def test_a_write_that_fails_leaves_the_log(case, monkeypatch):
    before = (case.folder / "reports.csv").read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    done = run(case.folder, FLIGHTS, "--mapping", FORMATS / "adsb.yaml", "--write")
    assert done.exit_code == 2
    assert "no space left on device" in done.stderr
    assert (case.folder / "reports.csv").read_bytes() == before
    assert sorted(p.name for p in case.folder.iterdir()) == ["case.yaml", "reports.csv"]


def test_the_command_prints_rows_and_account(case):
    done = run(case.folder, FLIGHTS, "--mapping", FORMATS / "adsb.yaml")
    assert done.exit_code == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith("date,until,published,site,indicator,observed")
    assert len(lines) == 5
    assert "12 lines; 4 counted in 4 rows, 8 skipped" in done.stderr
    assert "1  type is `B738`, not among those kept: line 6" in done.stderr
    assert "1  origin is `UUXX`, no site by the mapping: line 2" in done.stderr
    assert "4 new rows; nothing written (--write)" in done.stderr
    told = json.loads(run(case.folder, FLIGHTS, "--mapping", FORMATS / "adsb.yaml", "--json").stdout)
    assert [row["lines"] for row in told["rows"]] == [[3, 4], [10], [12], []]
    assert len(told["skipped"]) == 8
    assert told["written"] is None


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (
            ("indicator: transport_flights", "indicator: transport_flight"),
            "did you mean `transport_flights`",
        ),
        (("indicator: transport_flights", "indicator: negotiations_ongoing"), "one that is counted"),
        (("grade: B3", "grade: B9"), "a grade from A1 to F6"),
        (("OSLK: base", "OSLK: bse"), "did you mean `base`"),
        (("flow: out", "flow: outt"), "did you mean `out`"),
        (("%Y-%m-%d %H:%M", "%m-%d %H:%M"), "as they stand there"),
        (("column: origin", "column: orign"), "did you mean `origin`"),
        (("keep: {type", "keep: {typ"), "did you mean `type`"),
        (("callsign}", "call}"), "`note` reads column `call`"),
        (("count: {every: 7 days", "count: {evry: 7 days"), "did you mean `every`"),
        (("covers: {from: 2024-12-08, to: 2024-12-31}\n", ""), "an exact count without `covers`"),
        (("to: 2024-12-31", "to: 2024-12-01"), "2024-12-08 or later"),
        (("url: https://example.org/flights", "url: javascript:x"), "http://"),
        (("collector: Sample tracker", "collector: '=Sample'"), "formula"),
        (("indicator: transport_flights", "indicator: combat_aircraft"), "counts no movements"),
        (("every: 7 days", "every: 7"), "did you mean `7 days`"),
    ],
)
def test_a_wrong_mapping_is_refused_with_its_place(case, tmp_path, edit, said):
    mapping = mapped(tmp_path, "adsb.yaml", edit)
    before = (case.folder / "reports.csv").read_bytes()
    done = run(case.folder, FLIGHTS, "--mapping", mapping, "--write")
    assert done.exit_code == 2, done.output
    assert said in done.stderr
    assert re.search(r"adsb\.yaml(:\d+:\d+)?: ", done.stderr)
    assert (case.folder / "reports.csv").read_bytes() == before


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no header"),
        ("icao24,icao24\n", "stands here twice"),
        ("a,b\n1,2\n", "which"),
    ],
)
def test_an_export_that_is_none_is_refused(case, tmp_path, text, said):
    file = tmp_path / "export.csv"
    file.write_text(text)
    done = run(case.folder, file, "--mapping", FORMATS / "adsb.yaml")
    assert done.exit_code == 2
    assert said in done.stderr


def test_text_of_strangers_never_reaches_the_log(case, tmp_path):
    """A formula, an override of direction, an empty name; the row is skipped and said."""
    head = FLIGHTS.read_text().splitlines()[0]
    names = ["=cmd()", "\u202eevil", "ok"]
    rows = [f"a{n},{name},IL76,OSLK,X,2024-12-10 0{n}:00,x" for n, name in enumerate(names)]
    file = tmp_path / "odd.csv"
    file.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    found = taken(case, file, FORMATS / "adsb.yaml")
    assert [s.line for s in found.skipped] == [2, 3]
    assert all(s.reason.startswith("callsign: ") for s in found.skipped)
    assert found.made[0].cells["observed"] == "1"


cell = st.text(st.characters(blacklist_categories=("Cs",)), max_size=12)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.lists(st.lists(cell, min_size=6, max_size=8), max_size=8))
def test_whatever_an_export_holds_every_line_is_accounted_for(case, tmp_path, rows):
    """Never a trace; lines that are counted and lines that are skipped are all the lines there are."""
    import csv

    file = tmp_path / "any.csv"
    with file.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(FLIGHTS.read_text().splitlines()[0].split(","))
        writer.writerows(rows)
    found = taken(case, file, FORMATS / "adsb.yaml")
    counted = [line for made in found.made for line in made.lines]
    assert len(counted) == len(set(counted))
    assert len(counted) + len(found.skipped) == found.rows
    add(case, PRIORS, found.made)

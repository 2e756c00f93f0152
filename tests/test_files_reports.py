"""Rows of reports.csv: dates, counts, origins, and what the model cannot use."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import COLUMNS, ROW, write_reports
from drawdown.errors import InputError
from drawdown.files.case import load_case
from drawdown.files.reports import lookalikes, slug
from drawdown.files.sentences import say, say_dates, say_gate
from drawdown.files.table import read_table


def problems_of(make_case, *rows):
    with pytest.raises(InputError) as raised:
        make_case(rows)
    return "\n".join(map(str, raised.value.problems))


def one(make_case, **cells):
    (report,) = make_case([ROW | cells]).reports
    return report


def test_defaults_of_a_row(make_case):
    report = one(make_case)
    assert (report.date, report.until) == (date(2024, 12, 13), date(2024, 12, 13))
    assert report.published == date(2024, 12, 15)
    assert report.origin == "maxar+2024-12-13"
    assert (report.grade, report.modelled, report.reason, report.line) == ("F6", True, "", 2)
    assert one(make_case, until="2024-12-20").published == date(2024, 12, 22)


@pytest.mark.parametrize(
    ("observed", "interval"),
    [
        ("4", (4, 4)),
        (">=15", (15, None)),
        ("<=2", (0, 2)),
        ("3..5", (3, 5)),
        ("yes", (1, None)),
        ("no", (0, 0)),
        ("0", (0, 0)),
        ("5000", (5000, 5000)),
    ],
)
def test_observed(make_case, observed, interval):
    report = one(make_case, observed=observed)
    assert (report.lo, report.hi) == interval


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"date": "12/13/2024"}, "a spreadsheet rewrote this date: `12/13/2024`"),
        ({"date": "13-Dec-24"}, "a spreadsheet rewrote this date"),
        ({"date": "45639"}, "a spreadsheet rewrote this date"),
        ({"date": "2024-12-13 00:00:00"}, "a spreadsheet rewrote this date"),
        ({"date": "2024-13-13"}, "no day of the calendar"),
        ({"date": "0024-12-13"}, "a year from 1950 to 2100"),
        ({"date": ""}, "no date"),
        ({"date": "soon"}, "`soon`; expected a date such as 2024-12-13"),
        ({"until": "2024-12-12"}, "is before `2024-12-13`"),
        ({"published": "2024-12-12"}, "cannot be published before it was observed"),
        ({"site": "bas"}, "did you mean `base`"),
        ({"indicator": "combat_aircrafts"}, "did you mean `combat_aircraft`"),
        ({"observed": ""}, "nothing observed"),
        ({"observed": "TRUE"}, "a spreadsheet rewrote this cell: `TRUE`"),
        ({"observed": "8-12"}, "did you mean `8..12`"),
        ({"observed": "12-Aug"}, "a spreadsheet rewrote this number"),
        ({"observed": "1.2E+03"}, "a spreadsheet rewrote this number"),
        ({"observed": ">15"}, "did you mean `>=16`"),
        ({"observed": "≥15"}, "did you mean `>=15`"),
        ({"observed": "15+"}, "did you mean `>=15`"),
        ({"observed": "4.0"}, "did you mean `4`"),
        ({"observed": "1,200"}, "did you mean `1200`"),
        ({"observed": "Yes"}, "did you mean `yes`"),
        ({"observed": "5..3"}, "did you mean `3..5`"),
        ({"observed": "9999"}, "a count of 9,999; expected at most 5,000"),
        ({"observed": "-4"}, "`-4`"),
        ({"observed": "many"}, "expected `4`, `>=15`"),
        ({"flow": "out"}, "counts no movements"),
        ({"flow": "off", "indicator": "transport_flights"}, "flow `off`"),
        ({"scope": "full"}, "expected a blank"),
        (
            {"scope": "ful", "indicator": "official_withdrawal_announcement", "observed": "yes"},
            "did you mean `full`",
        ),
        ({"indicator": "negotiations_ongoing", "observed": "2"}, "expected `yes` or `no`"),
        ({"grade": "b2"}, "did you mean `B2`"),
        ({"grade": "G1"}, "A1 to F6"),
        ({"collector": ""}, "no collector"),
        ({"url": "javascript:alert(1)"}, "is not an address"),
        ({"url": ""}, "is not an address"),
        ({"note": "=cmd()"}, "runs as a formula"),
        ({"note": "@home"}, "runs as a formula"),
        ({"x_id": "+1"}, "runs as a formula"),
        ({"note": "a\nb"}, "a line break inside a cell"),
        ({"note": "a\x1bb"}, "control character U+001B"),
        ({"note": "a\u202eb"}, "U+202E overrides the direction"),
        ({"note": "a\u2028b"}, "a line break"),
        ({"note": "a" * 2001}, "2,001 characters"),
    ],
)
def test_refused(make_case, cells, said):
    assert said in problems_of(make_case, ROW | cells)


def test_all_problems_at_once_with_places(make_case):
    text = problems_of(make_case, ROW | {"date": "x", "grade": "Q"}, ROW | {"url": "x"})
    assert ":2:1: `x`" in text
    assert text.count("reports.csv:") == 3


def test_columns(tiny_case, priors):
    path = tiny_case / "reports.csv"
    for header, said in [
        ("date,site,indicator,observed,collector,url,publised", "did you mean `published`"),
        ("date,site,indicator,observed,collector", "column `url` is missing"),
        ("date;site;indicator", "not separated by commas"),
        ("date,date,site,indicator,observed,collector,url", "stands here twice"),
        ("", "no header"),
    ]:
        path.write_text(header + "\n", encoding="utf-8")
        with pytest.raises(InputError, match=said):
            load_case(tiny_case, priors)
    path.write_text("date,site,indicator,observed,collector,url\n2024-12-13,base\n", encoding="utf-8")
    with pytest.raises(InputError, match="2 cells; expected 6"):
        load_case(tiny_case, priors)


def test_spreadsheet_saves_are_read(tiny_case, priors):
    """A byte-order mark, CRLF, all cells quoted and blank rows at the end change nothing."""
    write_reports(tiny_case, [ROW | {"note": "Il-76, two of them"}])
    plain = load_case(tiny_case, priors).reports
    cells = [str((ROW | {"note": "Il-76, two of them"}).get(c, "")) for c in COLUMNS]
    lines = [",".join(f'"{c}"' for c in row) for row in (COLUMNS, cells)]
    text = "\r\n".join([*lines, "," * (len(COLUMNS) - 1), ""])
    (tiny_case / "reports.csv").write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert load_case(tiny_case, priors).reports == plain


def test_no_reports_yet(tiny_case, priors, make_case):
    assert load_case(tiny_case, priors).reports == ()
    assert make_case([]).reports == ()


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"indicator": "expert_view", "observed": "yes"}, "kept and shown; tracks nothing"),
        ({"site": "theatre"}, "no site given"),
        ({"site": "posts"}, "no jets at this site"),
        ({"indicator": "ships_loading", "site": "posts"}, "no equipment or vehicles at this site"),
        ({"date": "2024-12-07"}, "before the trigger"),
        ({"date": "2025-12-09"}, "after the horizon"),
        ({"indicator": "perimeter_held", "site": "posts", "observed": "no"}, ""),
        ({"indicator": "negotiations_ongoing", "site": "theatre", "observed": "yes"}, ""),
        (
            {"indicator": "negotiations_ongoing", "observed": "yes", "date": "2024-12-01"},
            "before the trigger",
        ),
    ],
)
def test_not_modelled(make_case, cells, reason):
    report = one(make_case, **cells)
    assert report.reason == reason
    assert report.modelled == (not reason)


def test_two_counts_of_one_look_are_refused(make_case):
    row = ROW | {"origin": "drone_1213"}
    text = problems_of(make_case, row | {"observed": "7"}, row | {"observed": "4"})
    assert "`4`, but line 2 says `7`" in text
    assert "one row for both, e.g. `>=15`" in text


def test_two_directions_of_one_look_are_refused(make_case):
    row = ROW | {"indicator": "transport_flights", "observed": "2"}
    assert "with a blank flow" in problems_of(make_case, row | {"flow": "in"}, row | {"flow": "out"})


def test_scopes_of_one_utterance_are_two_facts(make_case):
    row = ROW | {"indicator": "agreement_or_lease_terminated", "site": "theatre", "origin": "a"}
    rows = [row | {"observed": "yes", "scope": "other"}, row | {"observed": "no", "scope": "basing"}]
    assert len(make_case(rows).reports) == 2


def test_lookalikes(make_case):
    rows = [
        ROW,
        ROW | {"collector": "Planet", "date": "2024-12-16"},
        ROW | {"collector": "Airbus", "date": "2024-12-20"},
        ROW | {"collector": "Umbra", "observed": "3"},
    ]
    pairs = [(a.line, b.line) for a, b in lookalikes(make_case(rows).reports)]
    assert pairs == [(2, 3)]


def test_origin_slug():
    assert slug("Maxar+2024-12-13") == "maxar+2024-12-13"
    assert slug("Syria TV drone+2024-12-13") == "syria_tv_drone+2024-12-13"
    assert slug("قناة") == "قناة"
    assert slug("???") != slug("!!!")


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        ({"grade": "C3"}, "13 Dec 2024, The base: at least 15 combat aircraft at the base (Maxar, C3)"),
        (
            {"observed": "no"},
            "13 Dec 2024, The base: looked, none: combat aircraft at the base (Maxar, F6)",
        ),
        (
            {"observed": "yes"},
            "13 Dec 2024, The base: at least one: combat aircraft at the base (Maxar, F6)",
        ),
        (
            {
                "indicator": "transports_on_apron",
                "observed": "2..3",
                "flow": "out",
                "until": "2024-12-14",
            },
            "13 to 14 Dec 2024, The base: 2 to 3 heavy transports on the apron, leaving (Maxar, F6)",
        ),
        (
            {"indicator": "vehicles_staged", "observed": "<=4", "site": "theatre"},
            "13 Dec 2024, whole force: at most 4 tens of vehicles: vehicles gathered at the port"
            " (Maxar, F6)",
        ),
        (
            {"indicator": "official_withdrawal_announcement", "observed": "no", "scope": "full"},
            "13 Dec 2024, The base: not so: the force's government announced leaving (scope: full)"
            " (Maxar, F6)",
        ),
    ],
)
def test_sentences(make_case, priors, cells, sentence):
    case = make_case([ROW | cells])
    assert say(case.reports[0], priors, case) == sentence


def test_sentence_of_a_gate_and_of_dates(make_case):
    case = make_case()
    said = "5 to 21 Jan 2025, The base: nothing could move by air: No clearance"
    assert say_gate(case.blocked[0], case) == said
    assert say_dates(date(2024, 11, 30), date(2024, 12, 2)) == "30 Nov to 2 Dec 2024"
    assert say_dates(date(2024, 12, 30), date(2025, 1, 2)) == "30 Dec 2024 to 2 Jan 2025"


@given(st.text(max_size=300))
def test_any_text_ends_in_problems_not_in_a_trace(tmp_path_factory, text):
    path = tmp_path_factory.getbasetemp() / "fuzz.csv"
    path.write_bytes(("date,note\n" + text).encode("utf-8", "surrogatepass"))
    read_table(path, ("date", "note"), (), [])

"""What could be known on a day: no look-ahead, one vote an origin, no sense of the order of rows."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import ROW
from drawdown.errors import InputError
from drawdown.files.case import load_case
from drawdown.files.reports import Report
from drawdown.files.view import fold, view

LATER = ROW | {"date": "2024-12-20", "observed": "3", "published": "2024-12-28", "note": "Later"}


def content(seen):
    return [replace(r, line=0, extra={}) for r in seen.reports]


def test_later_rows_vanish(make_case):
    early = view(make_case([ROW]), date(2024, 12, 27))
    both = view(make_case([ROW, LATER]), date(2024, 12, 27))
    garbled = view(make_case([ROW, LATER | {"observed": "99", "note": "x"}]), date(2024, 12, 27))
    assert content(early) == content(both) == content(garbled)
    assert early.sha256 == both.sha256 == garbled.sha256
    assert len(view(make_case([ROW, LATER]), date(2024, 12, 28)).reports) == 2


def test_resolution_and_own_columns_change_nothing(tiny_case, make_case, priors):
    first = view(make_case([ROW]))
    path = tiny_case / "case.yaml"
    path.write_text(path.read_text().split("resolved:")[0])
    case = load_case(tiny_case, priors)
    assert case.resolved is None
    assert view(case).sha256 == first.sha256
    assert view(make_case([ROW | {"x_id": "7"}])).sha256 == first.sha256
    assert view(make_case([ROW | {"observed": "16"}])).sha256 != first.sha256


def test_default_date_is_the_last_publication_up_to_the_horizon(make_case):
    assert view(make_case()).as_of == date(2024, 12, 8)
    assert view(make_case([ROW, LATER])).as_of == date(2024, 12, 28)
    after = LATER | {"published": "2026-01-01"}
    assert view(make_case([ROW, after])).as_of == date(2024, 12, 15)


@pytest.mark.parametrize("day", [date(2024, 12, 7), date(2025, 12, 9)])
def test_dates_outside_the_case(make_case, day):
    with pytest.raises(InputError, match="from the trigger 2024-12-08 to the horizon 2025-12-08"):
        view(make_case(), day)


def test_reposts_count_once(make_case):
    repost = ROW | {"published": "2024-12-14", "publisher": "Zona", "note": "First to print"}
    seen = view(make_case([ROW, repost, LATER]))
    assert [r.note for r in seen.reports] == ["First to print", "Later"]
    assert seen.reposts == {3: 1}
    before = view(make_case([ROW, repost, LATER]), date(2024, 12, 14))
    assert before.reposts == {}


def test_order_of_rows_is_irrelevant(make_case):
    rows = [
        ROW,
        LATER,
        ROW | {"publisher": "B"},
        ROW | {"indicator": "perimeter_held", "observed": "yes"},
    ]
    forward, backward = view(make_case(rows)), view(make_case(rows[::-1]))
    assert content(forward) == content(backward)
    assert forward.sha256 == backward.sha256


def test_another_spelling_of_the_collector_changes_nothing_but_the_name(make_case):
    origin = ROW | {"origin": "Maxar_1213"}
    seen = view(
        make_case([origin, origin | {"collector": "Maxar Technologies", "origin": "maxar_1213"}])
    )
    assert len(seen.reports) == 1


def test_a_gate_has_no_known_end_while_it_is_shut(make_case):
    case = make_case()
    assert view(case, date(2025, 1, 12)).gates == ()
    assert [g.end for g in view(case, date(2025, 1, 15)).gates] == [date(2025, 1, 15)]
    assert [g.end for g in view(case, date(2025, 3, 1)).gates] == [date(2025, 1, 21)]


def test_context_is_known_when_it_is_published(make_case):
    case = make_case()
    fact = case.context["regime_change_in_host"]
    later = replace(case, context={"regime_change_in_host": replace(fact, published=date(2025, 1, 1))})
    assert view(case).context == {"regime_change_in_host": fact}
    assert view(later).context == {}


DAY = st.dates(date(2024, 12, 8), date(2024, 12, 12))
REPORT = st.builds(
    Report,
    line=st.integers(2, 99),
    date=DAY,
    until=DAY,
    published=DAY,
    site=st.sampled_from(["base", "posts"]),
    indicator=st.sampled_from(["combat_aircraft", "perimeter_held"]),
    observed=st.just("yes"),
    lo=st.just(1),
    hi=st.none(),
    flow=st.just(""),
    scope=st.just(""),
    origin=st.sampled_from(["a", "b"]),
    collector=st.sampled_from(["A", "B"]),
    grade=st.sampled_from(["B2", "C3"]),
    publisher=st.just(""),
    note=st.sampled_from(["", "x"]),
    url=st.just("https://example.org"),
)


@given(st.lists(REPORT, max_size=12), st.randoms(use_true_random=False))
def test_folding_is_of_sets(reports, random):
    kept, reposts = fold(reports)
    shuffled = random.sample(reports, len(reports))
    assert [replace(r, line=0) for r in fold(shuffled)[0]] == [replace(r, line=0) for r in kept]
    assert len({r.fact for r in reports}) == len(kept)
    assert fold(kept) == (kept, {})

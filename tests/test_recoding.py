"""The Syria reports against the collected rows: none lost, none doubled, each known trap avoided."""

import pytest

from recoded import INDICATORS, Recoded, Row, check_cells, check_dates, ids

SYRIA = Recoded("syria-2024", "syria_source_ids.txt")
REPORTS, coded, parts, reading = SYRIA.reports, SYRIA.coded, SYRIA.parts, SYRIA.reading
TRIGGER = "2024-12-08"
SITES = {"hmeimim", "tartus", "qamishli", "inland", "theatre"}

OPINIONS = [
    "isw_not_evac_1206",
    "rferl_noconfirmed_1209",
    "isw_reluctant_1210",
    "massicot_1210",
    "german_memo_1213",
    "kofman_1213",
    "lokeren_assess_wk50",
    "ukmod_1214",
    "qamishli_maybe_1215",
    "ap_presence_1216",
    "heathcote_1218",
    "isw_reduce_or_full_1218",
    "ozberk_1218",
    "itamil_definitive_1222",
    "sybiha_1230",
    "baerbock_0103",
    "lokeren_bbc_0123",
    "israel_lobby_0228",
    "energia_reduced_0302",
    "szru_assess_0324",
    "lokeren_partial_0329",
    "us_notdemanded_04",
    "marex_weak_0512",
    "noperm_jul",
    "qam_expected_stay",
    "helsinki_0203",
    "kurdpress_still",
    "wilson_0203",
]
"""Rows that were collected as the assessment of an expert."""


# ---------------------------------------------------------------------------------- nothing lost
def test_every_collected_row_is_accounted_for_once() -> None:
    SYRIA.check_accounted_for_once(253)


# ---------------------------------------------------------------------------------- form
def test_the_notes_count_what_the_file_holds() -> None:
    SYRIA.check_counts_in_notes()


def test_the_file_is_plain() -> None:
    SYRIA.check_plain_file()


@pytest.mark.parametrize("row", REPORTS, ids=lambda row: row["x_id"])
def test_cells(row: Row) -> None:
    check_cells(row, SITES)


@pytest.mark.parametrize("row", REPORTS, ids=lambda row: row["x_id"])
def test_dates(row: Row) -> None:
    check_dates(row)


def test_one_look_one_unit_one_row() -> None:
    SYRIA.check_one_look_one_unit_one_row()


def test_rows_stand_in_order_of_publication_and_collectors_have_one_spelling() -> None:
    SYRIA.check_order_and_spelling()


# ---------------------------------------------------------------------------------- traps
def test_no_jets_moved_to_libya_is_not_no_jets_at_the_base() -> None:
    assert reading("nojets_libya_0305") == ("hmeimim", "departures", "no", "")


def test_from_the_trigger_on_nobody_saw_a_base_without_jets() -> None:
    jets = [r for r in REPORTS if r["indicator"] == "combat_aircraft" and r["site"] == "hmeimim"]
    assert not [r for r in jets if r["observed"] in {"no", "0"} and r["date"] >= TRIGGER]


def test_no_ships_at_tobruk_is_not_no_ships_at_tartus() -> None:
    assert reading("no_tobruk_1215") == ("theatre", "elsewhere", "no", "")


@pytest.mark.parametrize(
    "source_id",
    [
        "mta_piers_empty_1209",
        "maxar_tartus_empty_1210",
        "bbc_ships_notback_1218",
        "mta_piers_0105",
        "berths_empty_0113",
        "bbc_nowarship_0123",
    ],
)
def test_empty_piers_are_not_an_empty_sea(source_id: str) -> None:
    rows = parts(source_id)
    assert [(r["site"], r["observed"]) for r in rows if r["indicator"] == "piers"] == [("tartus", "no")]
    assert not [r for r in rows if r["indicator"] == "warships" and r["observed"] in {"no", "0"}]


@pytest.mark.parametrize(
    ("source_id", "ships"),
    [
        ("mta_tartus_1130", 6),
        ("tartus_frigates_1205", 5),
        ("planet_frigates_1209", 3),
        ("ft_five_offshore_1210", 5),
        ("maxar_frigates_off_1210", 2),
        ("subkildin_1211", 3),
        ("maxar_frigates_1213", 2),
        ("isw_golovko_1215", 2),
        ("mta_frigates_1215", 2),
        ("mta_piers_0105", 2),
    ],
)
def test_ships_off_the_port_or_in_it_are_in_sight(source_id: str, ships: int) -> None:
    (row,) = [r for r in parts(source_id) if r["indicator"] == "warships"]
    assert row["site"] == "tartus"
    assert row["observed"] in {f"{ships}", f">={ships}"}


@pytest.mark.parametrize(
    "source_id",
    [
        "tartus_cleared_1203",
        "hur_grigorovich_1208",
        "nyt_six_gone_1210",
        "gorshkov_home_1222",
        "fleet_gone_0129",
        "mta_convoy_0302",
        "boikiy_0512",
    ],
)
def test_ships_that_left_are_no_count_of_those_there(source_id: str) -> None:
    assert "warships" not in {row["indicator"] for row in parts(source_id)}


def test_no_row_says_that_no_warship_was_in_sight() -> None:
    assert not [r for r in REPORTS if r["indicator"] == "warships" and r["observed"] in {"no", "0"}]


@pytest.mark.parametrize(
    "source_id", ["hur_25_aircraft_1214", "hur_ships_tasked_1210", "hur_arrivals_0103"]
)
def test_plans_are_not_counts(source_id: str) -> None:
    assert coded(source_id)["indicator"] == "plan"
    assert INDICATORS["plan"]["tracks"] == "nothing"


@pytest.mark.parametrize("source_id", ["bbc_tartus_vehicles_1218", "maxar_trucks_0106"])
def test_vehicles_at_tartus_are_a_staged_stock_in_tens(source_id: str) -> None:
    assert reading(source_id) == ("tartus", "vehicles_staged", ">=10", "")
    assert INDICATORS["vehicles_staged"]["tracks"] == "remaining"


def test_a_hearing_announced_is_dated_by_its_announcement() -> None:
    row = coded("helsinki_0203")
    assert (row["date"], row["until"], row["published"]) == ("2026-01-31", "", "2026-01-31")
    assert row["indicator"] == "expert_view"


@pytest.mark.parametrize("source_id", OPINIONS)
def test_the_28_opinions_have_no_likelihood(source_id: str) -> None:
    assert {row["indicator"] for row in parts(source_id)} == {"expert_view"}
    assert INDICATORS["expert_view"]["tracks"] == "nothing"


def test_two_ministries_are_two_origins() -> None:
    syrian, russian = coded("shaibani_susp_1019"), coded("zakharova_reformat_1019")
    assert syrian["origin"] == "shaibani_20251019"
    assert russian["origin"] == "zakharova_20251019"
    assert syrian["collector"] != russian["collector"]


def test_an_image_and_a_ship_track_are_two_origins() -> None:
    image, track = coded("planet_0127"), coded("sparta2_left_0127")
    assert (image["origin"], image["collector"]) == ("planet_tartus_20250127", "Planet Labs")
    assert track["origin"] != image["origin"]
    assert track["collector"] != image["collector"]


def test_the_cancelled_contract_was_the_commercial_port() -> None:
    ended, separate = coded("tartus_lease_0120"), coded("lease_notnavy_0124")
    assert (ended["indicator"], ended["observed"], ended["scope"]) == (
        "agreement_or_lease_terminated", "yes", "other",
    )  # fmt: skip
    assert (separate["indicator"], separate["observed"], separate["scope"]) == (
        "agreement_or_lease_terminated", "no", "basing",
    )  # fmt: skip


@pytest.mark.parametrize(
    "source_id", ["c4_convoy150_1213", "wartrans_convoy130_1213", "hur_convoys_1215", "ap_convoy_1216"]
)
def test_columns_toward_the_bases_leave_the_country(source_id: str) -> None:
    site, indicator, _, flow = reading(source_id)
    assert (site, indicator, flow) == ("inland", "convoys", "out")


@pytest.mark.parametrize(
    "source_id", ["empty_trucks_0209", "convoy40_1001", "convoy_1006", "m1_convoy_0125"]
)
def test_columns_between_the_two_bases_leave_nothing(source_id: str) -> None:
    assert coded(source_id)["indicator"] == "between_bases"


@pytest.mark.parametrize("source_id", ["patrol_0108", "varfolomeyev_0109", "denied_0118"])
def test_the_closed_port_is_the_host_and_not_the_force(source_id: str) -> None:
    assert reading(source_id) == ("tartus", "host_restrictions", "yes", "")


def test_the_night_the_port_opened_is_the_host_too() -> None:
    assert coded("sparta2_enters_0121")["indicator"] == "host_restrictions"


def test_one_drone_film_is_one_count_of_jets() -> None:
    row = coded("syriatv_su24_1213")
    assert set(ids(row)) == {"syriatv_su24_1213", "syriatv_su30_1213", "syriatv_su34_1213"}
    assert row["observed"] == ">=15"


def test_two_an124_gone_are_not_an_empty_apron() -> None:
    row = coded("an124_gone_1217")
    assert (row["site"], row["indicator"]) == ("hmeimim", "departures")


def test_the_false_alarm_before_the_trigger_is_kept() -> None:
    row = coded("bluewin_deserted_1205")
    assert (row["site"], row["date"], row["observed"]) == ("hmeimim", "2024-12-05", "no")

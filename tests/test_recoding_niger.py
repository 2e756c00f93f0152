"""The Niger reports against the collected rows: none lost, none doubled, each known trap avoided."""

import pytest

from drawdown.files.case import load_case
from drawdown.files.priors import load_priors
from drawdown.files.view import view
from recoded import INDICATORS, Recoded, Row, check_cells, check_dates, published

NIGER = Recoded("niger-france-2023", "niger_source_ids.txt")
REPORTS, coded, parts, reading = NIGER.reports, NIGER.coded, NIGER.parts, NIGER.reading
SITES = {"niamey", "ouallam", "ayorou", "theatre"}
REVERSAL = "2023-09-24"
CASE = load_case(NIGER.folder, load_priors())

OPINIONS = [
    "lemonde_balance_0813",
    "vircoulon_0905",
    "europe1_chad_0906",
    "tnh_limited_0908",
    "mp_letter_0917",
    "europe1_nodeal_1005",
    "ai_no_obstacle_1101",
]
"""Rows that were collected as the assessment of an expert."""


def present(indicator: str) -> list[str]:
    """Collected rows behind every `yes` of an indicator."""
    rows = [r for r in REPORTS if r["indicator"] == indicator and r["observed"] == "yes"]
    return sorted(r["x_id"] for r in rows)


# ---------------------------------------------------------------------------------- nothing lost
def test_every_collected_row_is_accounted_for_once() -> None:
    NIGER.check_accounted_for_once(107)


# ---------------------------------------------------------------------------------- form
def test_the_notes_count_what_the_file_holds() -> None:
    NIGER.check_counts_in_notes()


def test_the_file_is_plain() -> None:
    NIGER.check_plain_file()


@pytest.mark.parametrize("row", REPORTS, ids=lambda row: row["x_id"])
def test_cells(row: Row) -> None:
    check_cells(row, SITES)


@pytest.mark.parametrize("row", REPORTS, ids=lambda row: row["x_id"])
def test_dates(row: Row) -> None:
    check_dates(row)


def test_one_look_one_unit_one_row() -> None:
    NIGER.check_one_look_one_unit_one_row()


def test_rows_stand_in_order_of_publication_and_collectors_have_one_spelling() -> None:
    NIGER.check_order_and_spelling()


def test_an_origin_has_one_pair_of_eyes() -> None:
    collectors: dict[str, set[str]] = {}
    for row in REPORTS:
        collectors.setdefault(row["origin"], set()).add(row["collector"])
    assert {origin: names for origin, names in collectors.items() if len(names) > 1} == {}


# ---------------------------------------------------------------------------------- refusal and exit
def test_refusing_to_leave_is_a_statement_of_staying() -> None:
    assert present("official_statement_staying") == [
        "deadline_lapse_0903",
        "ema_not_agenda_0801",
        "lecornu_ultimatum_0901",
        "macron_bazoum_0910",
        "quai_reject_0804",
        "quai_still_there_0816",
    ]


@pytest.mark.parametrize("source_id", ["macron_policy_0828", "colonna_mission_0903"])
def test_words_that_leave_the_force_open_are_no_statement_of_staying(source_id: str) -> None:
    assert reading(source_id) == ("theatre", "plan", "yes", "")


@pytest.mark.parametrize(
    "source_id", ["ministry_question_0905", "ema_options_0908", "colonna_mission_0903"]
)
def test_options_and_questions_are_no_announcement(source_id: str) -> None:
    assert "official_withdrawal_announcement" not in {r["indicator"] for r in parts(source_id)}


def test_nothing_is_announced_before_the_reversal() -> None:
    said = [r for r in REPORTS if r["indicator"] == "official_withdrawal_announcement"]
    assert min(r["date"] for r in said) == REVERSAL
    assert min(published(r).isoformat() for r in said) == REVERSAL


@pytest.mark.parametrize(
    ("source_id", "scope"),
    [
        ("macron_leave_0924", "full"),
        ("ema_all_home_1010", "full"),
        ("ema_start_1005", ""),
        ("ozanne_target_1020", ""),
    ],
)
def test_an_announcement_has_the_scope_of_its_words(source_id: str, scope: str) -> None:
    row = coded(source_id)
    assert (row["indicator"], row["scope"]) == ("official_withdrawal_announcement", scope)


@pytest.mark.parametrize("source_id", ["rfi_mainbody_0905", "rfi_ouallam_0905"])
def test_unnamed_officers_state_nothing_for_their_government(source_id: str) -> None:
    assert {r["indicator"] for r in parts(source_id)} == {"plan"}


def test_one_denial_that_the_force_goes_to_chad_is_no_second_announcement() -> None:
    assert reading("no_chad_stay_1020") == ("theatre", "plan", "no", "")


# ---------------------------------------------------------------------------------- the host
def test_only_the_government_demands_that_the_force_leave() -> None:
    assert present("host_government_demands_exit") == [
        "cnsp_welcome_0924",
        "junta_notice_0803",
        "zeine_quick_0904",
    ]


@pytest.mark.parametrize("source_id", ["rally_base_0811", "rally_base_0902"])
def test_a_crowd_at_the_gate_is_a_threat_and_no_demand_of_state(source_id: str) -> None:
    assert reading(source_id) == ("niamey", "active_threat_to_force", "yes", "")


def test_an_ultimatum_to_the_envoy_is_none_to_the_force() -> None:
    assert coded("envoy_48h_0825")["indicator"] == "host_restrictions"


def test_a_call_by_a_committee_is_no_act_of_state() -> None:
    row = coded("supply_cut_0827")
    assert (row["indicator"], row["collector"]) == ("plan", "pro-junta committee")


@pytest.mark.parametrize("source_id", ["zeine_cooperation_0904", "toumba_doubt_1003"])
def test_nobody_in_the_host_invites_the_force_to_stay(source_id: str) -> None:
    assert INDICATORS[coded(source_id)["indicator"]]["tracks"] == "nothing"
    assert present("host_government_invites_stay") == []


def test_the_denunciation_names_the_texts_on_stationing() -> None:
    row = coded("junta_denounce_0803")
    assert (row["indicator"], row["observed"], row["scope"]) == (
        "agreement_or_lease_terminated", "yes", "basing",
    )  # fmt: skip
    assert row["date"] == CASE.trigger.isoformat()


def test_a_denunciation_that_paris_does_not_accept_is_still_one() -> None:
    rows = [r for r in REPORTS if r["indicator"] == "agreement_or_lease_terminated"]
    assert [r["x_id"] for r in rows] == ["junta_denounce_0803"]


def test_suspended_is_not_ended() -> None:
    assert coded("coop_suspended_0802")["indicator"] == "plan"


def test_the_notice_is_known_from_the_page_that_was_read() -> None:
    row = coded("junta_notice_0803")
    assert (row["date"], row["published"]) == ("2023-08-03", "2023-08-17")


@pytest.mark.parametrize("source_id", ["lemonde_partial_0905", "zinder_terms_1005"])
def test_talks_of_officers_are_talks(source_id: str) -> None:
    assert coded(source_id)["indicator"] == "negotiations_ongoing"


# ---------------------------------------------------------------------------------- flights and gates
def test_an_airlift_of_civilians_is_no_airlift_of_the_force() -> None:
    row = coded("resevac_0803")
    assert INDICATORS[row["indicator"]]["tracks"] == "nothing"


@pytest.mark.parametrize(
    ("source_id", "observed", "flow"),
    [
        ("a400m_claim_0809", "yes", ""),
        ("rfi_nofreight_0908", "no", ""),
        ("first_plane_1009", "yes", "out"),
        ("special_flights_1010", ">=3", "out"),
        ("a400m_daily_1114", "1", "out"),
    ],
)
def test_flights_that_were_flown(source_id: str, observed: str, flow: str) -> None:
    assert reading(source_id) == ("niamey", "transport_flights", observed, flow)


def test_flights_planned_were_not_flown() -> None:
    assert reading("three_a_day_1011") == ("niamey", "plan", "3", "")


def test_the_flights_of_ten_weeks_are_not_those_of_their_last_day() -> None:
    assert coded("flights145_1222")["indicator"] == "departures"
    assert coded("convoys15_1222")["indicator"] == "departures"


def test_flights_to_neighbours_and_a_ship_at_cotonou_are_elsewhere() -> None:
    assert coded("junta_aggression_0909")["indicator"] == "elsewhere"
    assert coded("cotonou_ship_0907")["indicator"] == "elsewhere"


def test_the_closed_airspace_is_a_gate_and_no_silence() -> None:
    assert [(g.site, g.leaves, g.start.isoformat(), g.end.isoformat()) for g in CASE.blocked] == [
        ("niamey", "air", "2023-08-06", "2023-08-08"),
        ("niamey", "air", "2023-08-10", "2023-09-23"),
        ("niamey", "air", "2023-09-24", "2023-10-08"),
    ]
    for source_id in ("airspace_closed_0806", "asecna_ban_0924", "mille_pickups_1005"):
        assert coded(source_id)["indicator"] == "host_restrictions"


def test_every_gate_cites_a_row_that_was_published_by_then() -> None:
    for gate in CASE.blocked:
        cited = [r for r in REPORTS if r["url"] == gate.url and f"row {r['x_id']}" in gate.why]
        assert [published(r) for r in cited] == [gate.published]


def test_no_flight_was_seen_through_a_closed_gate() -> None:
    flown = [r for r in CASE.reports if r.indicator == "transport_flights" and r.observed != "no"]
    assert len(flown) == 4
    assert not [r for r in flown for g in CASE.blocked if g.start <= r.date <= g.end]


# ---------------------------------------------------------------------------------- what is there
def test_aircraft_held_back_by_the_host_are_still_there() -> None:
    assert coded("rfi_aircraft_0905")["observed"] == ">=7"
    assert reading("grounded_1009")[1:3] == ("combat_aircraft", ">=2")


def test_one_hearing_is_one_count_of_combat_aircraft() -> None:
    row = coded("mille_reaper_1005")
    assert row is coded("mille_mirage_1005")
    assert (row["indicator"], row["observed"], row["published"]) == (
        "combat_aircraft",
        "8",
        "2023-11-03",
    )


def test_a_transport_grounded_at_its_base_is_no_traffic() -> None:
    assert coded("mille_mirage_1005#2")["indicator"] == "light_transports"


def test_crates_for_drones_are_no_count_of_drones() -> None:
    assert coded("reaper_crates_1024")["indicator"] == "plan"


def test_none_are_left_only_where_someone_said_so() -> None:
    gone = [r for r in REPORTS if INDICATORS[r["indicator"]]["tracks"] == "remaining"]
    assert [(r["site"], r["indicator"], r["x_id"]) for r in gone if r["observed"] == "no"] == [
        ("ouallam", "perimeter_held", "ouallam_handover_1022"),
        ("ayorou", "perimeter_held", "posts_returned_1103"),
        ("ouallam", "perimeter_held", "posts_returned_1103#2"),
        ("niamey", "combat_aircraft", "fighters_gone_1114"),
        ("niamey", "helicopters", "helis_gone_1114"),
        ("niamey", "perimeter_held", "bap_handover_1222"),
    ]


@pytest.mark.parametrize("source_id", ["not_withdrawn_0903", "rfi_confined_0908", "remain157_1212"])
def test_men_still_there_hold_the_base(source_id: str) -> None:
    assert reading(source_id)[1:3] == ("perimeter_held", "yes")


@pytest.mark.parametrize("source_id", ["niamey400_1114", "remain157_1212"])
def test_men_are_not_guarded_posts(source_id: str) -> None:
    assert {r["observed"] for r in parts(source_id)} == {"yes"}


def test_a_camp_under_blockade_is_held() -> None:
    for source_id in ("of_blockade_0920", "of_ouallam_0920", "of_ayorou_0920"):
        assert [(r["indicator"], r["observed"]) for r in parts(source_id)] == [
            ("resupply", "no"),
            ("perimeter_held", "yes"),
        ]


def test_half_empty_is_not_empty() -> None:
    for source_id in ("half_ouallam_1019", "half_ayorou_1019"):
        facts = {(r["indicator"], r["observed"]) for r in parts(source_id)}
        assert facts == {("departures", "yes"), ("perimeter_held", "yes")}


# ---------------------------------------------------------------------------------- what moves
def test_one_column_of_52_vehicles_is_one_column() -> None:
    assert reading("ouallam_vehicles_1022") == ("ouallam", "convoys", "yes", "out")


def test_a_column_that_arrives_is_not_a_second_one() -> None:
    assert coded("convoy_ndjamena_1019")["indicator"] == "elsewhere"


def test_supply_for_the_way_out_is_supply() -> None:
    rows = parts("post_resupply_1007")
    assert {r["indicator"] for r in rows} == {"resupply", "troop_movements"}


@pytest.mark.parametrize(
    "source_id", ["vehicles200_11", "stores80_1212", "left1346_1212", "ouallam_193_1022"]
)
def test_what_has_gone_is_no_count_of_what_is_left(source_id: str) -> None:
    assert {r["indicator"] for r in parts(source_id)} == {"departures"}


@pytest.mark.parametrize("source_id", ["forty_to_chad_0811", "containers_1020", "infra_next_1114"])
def test_plans_are_not_counts(source_id: str) -> None:
    assert coded(source_id)["indicator"] == "plan"


@pytest.mark.parametrize("source_id", OPINIONS)
def test_opinions_have_no_likelihood(source_id: str) -> None:
    assert {r["indicator"] for r in parts(source_id)} == {"expert_view"}


# ---------------------------------------------------------------------------------- origins, hindsight
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("resevac_0803", "resevac_troops_stay_0803"),
        ("a400m_claim_0809", "a400m_cleared_0809"),
        ("first_plane_1009", "ayorou_convoy_1010"),
        ("ouallam_leave_1010", "disarmed_terms_1010"),
        ("ozanne_target_1020", "left282_1020"),
        ("last50_1222", "flights145_1222"),
    ],
)
def test_two_looks_in_one_article_are_two_origins(one: str, other: str) -> None:
    assert coded(one)["origin"] != coded(other)["origin"]


def test_what_the_case_was_known_to_be_does_not_know_its_end() -> None:
    known = view(CASE, CASE.trigger)
    assert list(known.context) == ["regime_change_in_host"]
    assert known.gates == ()
    assert all(r.published <= CASE.trigger for r in known.reports)
    assert [r.extra["x_id"] for r in known.reports if r.modelled] == []

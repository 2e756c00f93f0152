"""Case folders: the shipped one, and what is wrong with bad ones."""

from datetime import date
from pathlib import Path

import pytest

from conftest import CASE
from drawdown.errors import InputError
from drawdown.files.case import load_case
from drawdown.files.view import view

SHIPPED = Path(__file__).parents[1] / "evidence" / "syria-2024"


def problems_of(tiny_case, priors, old, new):
    assert old in CASE
    (tiny_case / "case.yaml").write_text(CASE.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError) as raised:
        load_case(tiny_case, priors)
    return "\n".join(map(str, raised.value.problems))


def test_shipped_case(priors):
    case = load_case(SHIPPED, priors)
    assert case.slug == "syria-2024"
    assert [site.kind for site in case.sites.values()] == ["major", "major", "sector", "outpost"]
    assert case.sites["tartus"].stock["vehicles"].gathers == "inland"
    assert case.resolved["known"] == date(2026, 2, 4)
    assert view(case, case.horizon).gates[0].end == date(2025, 1, 21)


def test_horizon_defaults_to_a_year(tiny_case, priors):
    text = CASE.replace("horizon: 2025-12-08\n", "")
    (tiny_case / "case.yaml").write_text(text)
    assert load_case(tiny_case, priors).horizon == date(2025, 12, 8)
    (tiny_case / "case.yaml").write_text(text.replace("2024-12-08", "2024-02-29"))
    assert load_case(tiny_case, priors).horizon == date(2025, 2, 28)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("name: A small case\n", "", "`name` is missing"),
        ("force: Blue", "forse: Blue", "unknown key `forse`; expected one of `force`"),
        ("trigger: 2024-12-08", "trigger: 8 Dec 2024", "expected a date such as 2024-12-13"),
        ("horizon: 2025-12-08", "horizon: 2024-12-08", "a day after the trigger"),
        ("kind: major", "kind: outpost", "no major base"),
        ("kind: major", "kind: mayor", "did you mean `major`"),
        ("  base:", "  theatre:", "kept for reports on the whole force"),
        ("  base:", "  The Base:", "site name `The Base`"),
        ("share: {between: [50%, 80%]", "share: {between: [50, 80]", "did you mean `50%`"),
        ("jets:", "jet:", "no indicator tracks a stock `jet`"),
        ("jets:", "garrison:", "is there at every site"),
        ("unit: aircraft", "unit: squadrons", "the unit of its reports"),
        ("leaves: air", "leaves: rail", "one of `air`, `sea`, `road`"),
        ("leaves: air, ", "", "`leaves` is missing"),
        ("leaves: air", "behaves: staged, leaves: air", "a staged stock without `gathers`"),
        (
            "leaves: air",
            "behaves: staged, gathers: base, leaves: air",
            "site `base`; expected one of `posts`",
        ),
        ("leaves: air", "gathers: posts, leaves: air", "a stock that is not staged"),
        ("transport_flights:", "combat_aircraft:", "expected an indicator that tracks `pace`"),
        ("transport_flights:", "convoys:", "`convoys` moves nothing that is here"),
        ("closed: 70%", "closed: 60%", "sum to 90%"),
        ("site: base, leaves", "site: bass, leaves", "did you mean `base`"),
        ("to: 2025-01-21", "to: 2025-01-01", "2025-01-05 or later"),
        ("regime_change_in_host:", "combat_aircraft:", "an indicator that tracks `intent`"),
        ("observed: yes", "observed: true", "one of `yes`, `no`"),
        ("outcome: partial_redeployment", "outcome: partial", "did you mean `partial_redeployment`"),
        ("why: The trigger", "why: '=1'", "begins with `=`"),
    ],
)
def test_refused(tiny_case, priors, old, new, said):
    assert said in problems_of(tiny_case, priors, old, new)


def test_too_many_sites(tiny_case, priors):
    more = "".join(
        f"  s{n}: {{name: S, kind: outpost, share: {{between: [1%, 2%], why: x}}}}\n" for n in range(63)
    )
    assert "65 sites; expected at most 64" in problems_of(
        tiny_case, priors, "blocked:", more + "blocked:"
    )


def test_folders(tmp_path, tiny_case, priors):
    with pytest.raises(InputError, match="did you mean `tiny`"):
        load_case(tmp_path / "tinyy", priors)
    with pytest.raises(InputError, match="no such file"):
        (tmp_path / "empty").mkdir()
        load_case(tmp_path / "empty", priors)
    with pytest.raises(InputError, match="folder name `My case`"):
        load_case(tiny_case.rename(tmp_path / "My case"), priors)


def test_links_that_leave_the_folder(tmp_path, tiny_case, priors):
    (tmp_path / "outside.csv").write_text("secret\n")
    (tiny_case / "reports.csv").symlink_to(tmp_path / "outside.csv")
    with pytest.raises(InputError, match="a link that leads out of the folder") as raised:
        load_case(tiny_case, priors)
    assert "secret" not in str(raised.value)


def test_hash_is_of_both_files(tiny_case, make_case, priors):
    bare = load_case(tiny_case, priors).sha256
    assert make_case([]).sha256 != bare

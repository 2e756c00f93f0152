"""A synthetic assessment: every number and every report in it is invented for the tests.

The other tests of the report room import it from here.
"""

import math
from dataclasses import replace
from datetime import date, timedelta

from drawdown.answers.material import (
    Carry,
    Check,
    Code,
    Differs,
    EvidenceRow,
    Mark,
    Material,
    PosteriorRow,
    Predictive,
    Track,
)
from drawdown.outcomes import OUTCOMES, RULE

TRIGGER, AS_OF, HORIZON = date(2024, 12, 8), date(2024, 12, 31), date(2025, 12, 8)
HOSTILE = (
    "<script>alert('synthetic')</script> | pipe ` tick ``` $x^^$ "
    "[a](javascript:alert(1)) ![i](x) <img src=x onerror=alert(1)>"
)
LONG = "A synthetic note that goes on. " * 10
ENDLESS = "An endless note. " * 600
"""Ten thousand characters."""
SITES = {
    "north": ("North air base", "major"),
    "port": ("Port facility", "major"),
    "strip": ("Eastern strip", "sector"),
    "posts": ("Inland and southern posts", "outpost"),
}
STOCKS = {
    "north": ("garrison", "jets", "helicopters", "air defence", "equipment"),
    "port": ("garrison", "warships", "air defence", "equipment", "vehicles"),
    "strip": ("garrison", "helicopters"),
    "posts": ("garrison", "posts"),
}
GIVEN_UP = {"north": 0.3471, "port": 0.2918, "strip": 0.4502, "posts": 0.9713}


def chances(full: float, partial: float, retained: float) -> dict[str, float]:
    return {"retained": retained, "partial_redeployment": partial, "full_exit": full}


def synthetic_summary(passed: bool = True) -> dict:
    now, prior = chances(0.2345678, 0.5432101, 0.2222221), chances(0.36, 0.271, 0.369)
    stated = chances(0.36, 0.23, 0.41)
    return {
        "case": "synthetic",
        "as_of": AS_OF.isoformat(),
        "horizon": HORIZON.isoformat(),
        "outcomes": {
            o: {"probability": now[o], "mcse": 0.0061, "prior": prior[o], "stated": stated[o]}
            for o in OUTCOMES
        },
        "hypotheses": {
            o: {"posterior": now[o], "prior": prior[o], "log_marginal_likelihood": -412.25, "se": 0.03}
            for o in OUTCOMES
        },
        "reserve": 0.03,
        "sites": {
            slug: {
                "name": name,
                "kind": kind,
                "own_fate": kind == "outpost",
                "drawdown": {"mean": 0.21, "q05": 0.03, "q95": 0.47},
                "drawdown_at_horizon": {"mean": 0.48, "q05": 0.09, "q95": 0.99},
                "given_up": GIVEN_UP[slug],
                "information": slug != "strip",
            }
            for slug, (name, kind) in SITES.items()
        },
        "exit_by": [
            {
                "date": (AS_OF + timedelta(days=30 * n)).isoformat(),
                "probability": 0.24 * (1 - math.exp(-n / 3)),
            }
            for n in range(12)
        ],
        "change": {"since": None, "rows": []},
        "families": [],
        "contributions": [],
        "sensitivity": {"rows": [], "driven_by_prior": False},
        "boundary_risk": 0.1234,
        "diagnostics": {
            "passed": passed,
            "max_rhat": 1.004 if passed else 1.2,
            "min_ess": 800,
            "divergences": 0,
            "max_khat": float("nan"),
        },
        "provenance": {
            "evidence_sha256": "0" * 64,
            "priors_sha256": "1" * 64,
            "code_version": "synthetic",
            "seed": 0,
        },
    }


def _fit() -> dict:
    usual = chances(0.41, 0.52, 0.47)
    least = {"origin": "image", "site": "hmeimim", "indicator": "combat_aircraft", "observed": ">=15"}
    return {
        "chance": usual,
        "limit": 0.002,
        "least_likely": [least | {"date": AS_OF.isoformat(), "chance": usual}],
    }


def full_summary(passed: bool = True) -> dict:
    """The same with every key that an assessment can have."""
    summary = synthetic_summary(passed)
    for slug, (_, kind) in SITES.items():
        if kind == "major":
            summary["sites"][slug]["given_up_by"] = [
                {"date": row["date"], "probability": GIVEN_UP[slug] * row["probability"] / 0.24}
                for row in summary["exit_by"]
            ]
    before = chances(0.2012345, 0.5654322, 0.2333333)
    summary["change"] = {
        "since": (AS_OF - timedelta(days=2)).isoformat(),
        "before": before,
        "rows": _change_rows(summary, before),
    }
    summary["families"] = _families(summary)
    summary["contributions"] = _contributions()
    summary["sensitivity"] = _sensitivity(summary)
    summary["looks"] = _looks()
    summary["look_pairs"] = [
        {"looks": [0, 1], "information_bits": 0.12, "chance": 0.4, "worth_bits": 0.05}
    ]
    summary["controls"] = _controls()
    summary["diagnostics"] = summary["diagnostics"] | {"fit": _fit()}
    summary["record"] = {
        "issued": 7,
        "past": {"cases": 42, "rps": 0.1875, "climatology": 0.2312},
    }
    return summary


def _change_rows(summary: dict, before: dict[str, float]) -> list[dict]:
    told = (
        ("Synthetic eyes, 30 Dec 2024: jets counted", "report", 3, 0.6, "reweighted"),
        ("Passage of time", "model", None, 0.25, "exact"),
        (HOSTILE, "report", 1, -0.3, "refitted"),
        ("Reposts of one look", "report", 18, 0.0, "exact"),
        ("A judgement: lift", "priors", None, 0.35, "reweighted"),
    )
    total = {o: summary["outcomes"][o]["probability"] - before[o] for o in OUTCOMES}
    rows = [
        {
            "what": what,
            "kind": kind,
            "delta_probability": {o: share * total[o] for o in OUTCOMES},
            "method": method,
        }
        | ({"reports": reports, "origin": "look_0"} if reports else {})
        for what, kind, reports, share, method in told
    ]
    rest = {o: total[o] - sum(row["delta_probability"][o] for row in rows) for o in OUTCOMES}
    rows.append(
        {
            "what": "Simulation error",
            "kind": "monte_carlo",
            "delta_probability": rest,
            "method": "exact",
        }
    )
    return rows


def _families(summary: dict) -> list[dict]:
    total = {
        o: math.log(row["probability"] / (1 - row["probability"]))
        - math.log(row["prior"] / (1 - row["prior"]))
        for o, row in summary["outcomes"].items()
    }
    shares = (("airlift", 0.5), ("sealift", 0.2), ("politics", 0.45), ("passage of time", -0.15))
    return [
        {
            "family": name,
            "reports": 4 + n,
            "delta_log_odds": {o: share * total[o] for o in OUTCOMES},
            "method": "exact" if name == "politics" else "reweighted",
        }
        for n, (name, share) in enumerate(shares)
    ]


def _contributions() -> list[dict]:
    rows = []
    for n in range(14):
        full = 0.07 * math.cos(2.1 * n) / (1 + 0.4 * n)
        delta = chances(full, -0.7 * full, -0.3 * full)
        method = ("reweighted", "refitted", "exact")[n % 3]
        rows.append(
            {
                "origin": f"look_{n}",
                "reports": 1 + n % 3,
                "delta_probability": delta,
                "delta_log_odds": {o: 5 * d for o, d in delta.items()},
                "additive": False,
                "method": method,
                "khat": None if method == "exact" else 0.2 + 0.05 * n,
            }
        )
    return rows


def _sensitivity(summary: dict) -> dict:
    rows = []
    for n, what in enumerate(("lift a third", "lift three times", "retained twice as likely", HOSTILE)):
        full = summary["outcomes"]["full_exit"]["probability"] + 0.05 * math.cos(2 * n)
        partial = summary["outcomes"]["partial_redeployment"]["probability"] + 0.06 * math.sin(2 * n)
        outcomes = chances(full, partial, 1 - full - partial)
        rows.append(
            {
                "what": what,
                "path": f"lift.{n}",
                "outcomes": outcomes,
                "move": 0.05,
                "method": "reweighted",
            }
        )
    return {
        "rows": rows,
        "driven_by_prior": False,
        "range": {
            o: [
                min(row["outcomes"][o] for row in rows) - 0.01,
                max(row["outcomes"][o] for row in rows) + 0.01,
            ]
            for o in OUTCOMES
        },
        "power": [
            {
                "path": f"lasts.{n}",
                "what": f"how long leaving takes, {n}",
                "said": "80 % sure between 40 and 240 days",
                "d_probability": chances(0.02 / (n + 1), -0.03 / (n + 1), 0.01 / (n + 1)),
                "khat": 0.3 + 0.3 * n,
                "ess": 900.0,
                "method": "reweighted",
            }
            for n in range(3)
        ],
        "likelihood": {"d_probability": chances(0.01, 0.01, -0.02), "khat": 0.2},
    }


def _looks() -> list[dict]:
    rows = []
    for n, (site, label) in enumerate(
        (
            ("north", "jets counted"),
            ("port", "ships alongside"),
            ("posts", "guards at the gate"),
            ("theatre", "an announcement"),
        )
    ):
        seen = chances(0.40 - 0.05 * n, 0.42 + 0.03 * n, 0.18 + 0.02 * n)
        unseen = chances(0.14 + 0.02 * n, 0.60 - 0.01 * n, 0.26 - 0.01 * n)
        rows.append(
            {
                "site": site,
                "indicator": f"look{n}",
                "label": label,
                "what": f"{label} in one look",
                "chance": 0.9 - 0.25 * n,
                "within_days": 7.0,
                "information_bits": 0.09 - 0.02 * n,
                "worth_bits": 0.08 - 0.02 * n,
                "expected_move": chances(0.09, 0.06, 0.03),
                "if_seen": {
                    "what": f"{label}: none",
                    "answer": "none",
                    "probability": 0.4,
                    "outcomes": seen,
                },
                "if_not": {"what": "ten or more", "probability": 0.6, "outcomes": unseen},
            }
        )
    return rows


def _controls() -> dict:
    """Numbers for the controls; in the order of `OUTCOMES`."""
    table = [[0.91, 0.09, 0.0], [0.03, 0.95, 0.02], [0.01, 0.29, 0.7]]
    prior_table = [[0.89, 0.11, 0.0], [0.02, 0.97, 0.01], [0.0, 0.2, 0.8]]
    base = {
        "log_z": [-69.3, -67.8, -68.1],
        "table": table,
        "prior_table": prior_table,
        "log_politics": [-3.1, -2.6, -3.4],
        "stated": [0.41, 0.23, 0.36],
        "crossing": [[0.9, 0.1, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
        "reserve": 0.03,
    }
    families = {
        "airlift": {"log_z": [-40.0, -39.5, -39.6], "table": table, "log_politics": [-3.1, -2.6, -3.4]},
        "remaining_stock": {
            "log_z": [-50.0, -49.0, -50.5],
            "table": [[0.8, 0.2, 0.0], [0.05, 0.9, 0.05], [0.0, 0.4, 0.6]],
            "log_politics": [-3.1, -2.6, -3.4],
        },
        "politics": {"log_z": base["log_z"], "table": table, "log_politics": [0.0, 0.0, 0.0]},
    }
    return {"base": base, "families": families}


def with_course(summary: dict) -> dict:
    """The same with a replay behind it."""
    rows = [
        {"as_of": (TRIGGER + timedelta(days=2 * n)).isoformat()}
        | chances(0.36 - 0.01 * n, 0.23 + 0.02 * n, 0.41 - 0.01 * n)
        for n in range(1, 11)
    ]
    movers = [{"as_of": rows[n]["as_of"], "what": f"Synthetic eyes {n}: {HOSTILE}"} for n in (2, 5, 8)]
    return summary | {"course": {"rows": rows, "movers": movers}}


def _track(site: str, stock: str, n: int) -> Track:
    days = [TRIGGER + timedelta(days=round(365 * k / 60)) for k in range(61)]
    end, start, marks = 0.85 - 0.11 * (n % 7), 10 + 9 * (n % 5), []
    shares = [1 - (1 - end) / (1 + math.exp(-((d - TRIGGER).days - start - 60) / 25)) for d in days]
    spread = [0.04 + 0.0009 * (d - TRIGGER).days for d in days]
    if stock in ("jets", "vehicles", "helicopters"):
        marks = [
            Mark(TRIGGER + timedelta(days=5), 0.7, 0.9, "count", "synthetic"),
            Mark(TRIGGER + timedelta(days=9), 0.55, None, "at_least", "synthetic"),
            Mark(TRIGGER + timedelta(days=15), 0.0, 0.0, "none", HOSTILE),
            Mark(TRIGGER + timedelta(days=19), 1.5, 1.5, "count", "synthetic"),
        ]

    def at(k: float) -> list[float]:
        return [min(1.0, max(0.0, s + k * w)) for s, w in zip(shares, spread, strict=True)]

    silent = site == "strip"
    lines = at(-1.6), at(-0.7), at(0), at(0.7), at(1.6)
    name = SITES[site][0]
    return Track(site, name, stock, stock, GIVEN_UP[site], days, *lines, marks, 0 if silent else 3)


def _carries() -> list[Carry]:
    kinds = (
        "jets still there",
        "heavy transports seen",
        "ships loading",
        "air defence taken down",
        "guards",
    )
    out = []
    for n, (site, (name, _)) in enumerate(SITES.items()):
        for k, kind in enumerate(kinds):
            full = 0.16 * math.cos(1.7 * n + 2.3 * k) / (1 + k)
            delta = chances(full, -0.6 * full, -0.4 * full)
            method = ("reweighted", "refitted", "exact")[(n + k) % 3]
            khat = None if method == "exact" else 0.3 + 0.1 * k
            out.append(Carry(site, name, f"kind{k}", kind, "synthetic", 1 + k, delta, method, khat))
    return out


def _predictive() -> list[Predictive]:
    out = []
    for n, (site, (name, _)) in enumerate(SITES.items()):
        for k, label in enumerate(("jets counted", "transport flights in a week", "posts still manned")):
            top = 10.0 ** (1 + k) * (n + 1) / 2
            counts = {
                o: [
                    (top * f * 0.2 // 1, top * f // 1, top * f * 2 // 1)
                    for f in (1, 0.8 - 0.2 * j, 0.6 - 0.28 * j)
                ]
                for j, o in enumerate(OUTCOMES)
            }
            out.append(
                Predictive(site, name, f"look{k}", label, "items", "remaining", [7, 30, 90], counts)
            )
    return out


def _evidence() -> list[EvidenceRow]:
    notes = [
        "Two synthetic transports on the apron with noses raised.",
        HOSTILE,
        LONG,
        "Nothing had changed.",
        ENDLESS,
    ]
    rows = []
    for n in range(36):
        day = TRIGGER + timedelta(days=n % 22)
        used, site = n % 6 != 5, list(SITES.values())[n % 4][0]
        reason = "" if used else ("opinion" if n % 4 else "plan")
        url = "javascript:alert(1)" if n == 7 else f"https://example.org/synthetic/{n}?a=1&b=(2)|`x`"
        sentence = (
            f"{day.day} Dec 2024, {site}: at least {n} aircraft at the base (Synthetic eyes {n % 9}, B2)"
        )
        rows.append(
            EvidenceRow(
                date=day,
                until=day,
                published=day + timedelta(days=1),
                site=site,
                label="aircraft",
                observed=f">={n}",
                flow="",
                origin=f"look_{n}",
                collector=f"eyes {n % 9}",
                grade=f"{'BCD'[n % 3]}{1 + n % 4}",
                publisher="Synthetic Gazette",
                url=url,
                note=notes[4 if n == 11 else n % 4],
                sentence=sentence,
                used=used,
                reason=reason,
                reposts=n % 3,
            )
        )
    return rows


def _politics() -> list[Code]:
    said = ["12 Dec 2024, whole force: the ministry says that it stays (Synthetic agency, C2)", HOSTILE]
    states = (("present", 0.94), ("absent", 0.12), ("mixed", 0.5), ("unknown", None), ("unknown", None))
    return [
        Code(
            indicator=f"code{n}",
            label=f"synthetic statement {n}",
            state=state,
            chance=chance,
            why="two collectors say so",
            rows=said[: 1 + n % 2],
            log_ratio=chances(0.1 - 0.3 * n, 0.1, 0.3 * n - 0.2),
        )
        for n, (state, chance) in enumerate(states)
    ]


def synthetic_material(passed: bool = True) -> Material:
    """An assessment that never was; `passed` is the gate's."""
    return Material(
        name="A synthetic force in a synthetic country",
        question="How will the synthetic force stand on 8 December 2025?",
        rule=RULE,
        as_of=AS_OF,
        horizon=HORIZON,
        trigger=TRIGGER,
        summary=synthetic_summary(passed),
        posterior=[
            PosteriorRow("full_exit", "onset[north]", "days", (1, 10, 60), (3, 12, 30), 1.001, 2345.6),
            PosteriorRow(
                "retained", "onset[north]", "days", (1, 10, 60), (3, 12, 30), float("nan"), 900.0
            ),
        ],
        tracks=[_track(s, k, n) for n, (s, k) in enumerate((s, k) for s in STOCKS for k in STOCKS[s])],
        carries=_carries(),
        predictive=_predictive(),
        politics=_politics(),
        evidence=_evidence(),
        checks=[
            Check("R-hat, largest", "1.004" if passed else "1.2", "at most 1.01", passed),
            Check("effective draws, fewest", "800", "at least 400", True),
        ],
        strands={
            "base rates": chances(0.36, 0.23, 0.41),
            "physical strand alone": chances(0.30, 0.45, 0.25),
            "political strand alone": chances(0.27, 0.36, 0.37),
            "both": chances(0.2345678, 0.5432101, 0.2222221),
        },
        ends_to_stands={
            "full_exit": chances(0.7, 0.29, 0.01),
            "partial_redeployment": chances(0.01, 0.93, 0.06),
            "retained": chances(0.0, 0.04, 0.96),
        },
        said=[("paths.lasts", "80 % sure between 40 and 240 days", HOSTILE), ("reserve", "3 %", LONG)],
        overlays=["sceptic"],
    )


def full_material(passed: bool = True) -> Material:
    """An assessment with every key, every figure and every section."""
    differs = [Differs("lift", "80 % sure between 10 and 29", "80 % sure between 6 and 16", HOSTILE)]
    return replace(synthetic_material(passed), summary=full_summary(passed), differs=differs)


def bare_material() -> Material:
    """The same on day 0: no report, nothing coded, nothing carried."""
    empty: dict = dict.fromkeys(
        ("posterior", "carries", "predictive", "politics", "evidence", "said", "checks")
    )
    return replace(synthetic_material(), **{key: [] for key in empty}, tracks=[], overlays=[])


def test_the_synthetic_outcomes_sum_to_one():
    outcomes = synthetic_summary()["outcomes"]
    assert math.isclose(sum(row["probability"] for row in outcomes.values()), 1.0)

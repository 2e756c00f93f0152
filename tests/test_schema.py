"""The public contract: keys, ids and names that programs rely on, locked against a change of name."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from drawdown.inference.store import load_fits, write_fits
from drawdown.outcomes import OUTCOMES
from drawdown.report.hub import COLUMNS as HUB_COLUMNS
from drawdown.report.record import COLUMNS, recorded
from drawdown.report.render import write_report
from drawdown.report.sections import SLUGS
from test_report_synthetic import full_material, full_summary, synthetic_summary, with_course

ROOT = Path(__file__).parents[1]
SCHEMA = (ROOT / "docs" / "schema.md").read_text(encoding="utf-8")
ALWAYS = (
    *("case", "as_of", "horizon", "reserve", "boundary_risk"),
    *(f"outcomes.<outcome>.{key}" for key in ("probability", "mcse", "prior")),
    *(
        f"hypotheses.<hypothesis>.{key}"
        for key in ("posterior", "prior", "log_marginal_likelihood", "se")
    ),
    *(f"sites.<site>.drawdown.{key}" for key in ("mean", "q05", "q95")),
    *(f"sites.<site>.drawdown_at_horizon.{key}" for key in ("mean", "q05", "q95")),
    *("sites.<site>.given_up", "exit_by[].date", "exit_by[].probability"),
    *("change.since", "change.rows[]", "families[]", "contributions[]"),
    *("sensitivity.rows[]", "sensitivity.driven_by_prior"),
    *(f"diagnostics.{key}" for key in ("passed", "max_rhat", "min_ess", "divergences", "max_khat")),
    *(f"provenance.{key}" for key in ("evidence_sha256", "priors_sha256", "code_version", "seed")),
)
ROWS = (
    *(f"change.rows[].{key}" for key in ("what", "kind", "delta_probability.<outcome>")),
    *("families[].family", "families[].delta_log_odds.<outcome>"),
    *("contributions[].origin", "contributions[].reports", "contributions[].additive"),
    *("contributions[].delta_probability.<outcome>", "contributions[].delta_log_odds.<outcome>"),
    *("contributions[].method", "sensitivity.rows[].what", "sensitivity.rows[].outcomes.<outcome>"),
)
"""The contract, spelled out here once more: a change of name must be made in two places, on purpose."""
SECTIONS = [
    "change",
    "strands",
    "families",
    "carries",
    "sites",
    "exit",
    "looks",
    "politics",
    "ends",
    "predictive",
    "try",
    "sensitivity",
    "power",
    "priors",
    "evidence",
    "not-modelled",
    "judgements",
    "checks",
    "method",
    "selection",
    "provenance",
]
FIRST = ["answer", "confidence", "bases", "moved", "next", "record"]
FIGURES = ["course", "outcomes", "carries", "sites", "exit", "looks", "predictive", "sensitivity"]


def paths(value: Any, at: str = "") -> Iterator[str]:
    """Every path of a summary, with outcomes and sites named by their kind."""
    if isinstance(value, dict):
        for key, inside in value.items():
            name = f"{at}.{key}" if at else str(key)
            if key in OUTCOMES:
                name = f"{at}.<hypothesis>" if at == "hypotheses" else f"{at}.<outcome>"
            elif at == "sites":
                name = "sites.<site>"
            yield name
            yield from paths(inside, name)
    elif isinstance(value, list):
        yield f"{at}[]"
        for inside in value:
            yield from paths(inside, f"{at}[]")


def documented() -> set[str]:
    """Keys named in the tables of `assessment.json`."""
    part = SCHEMA.split("## assessment.json")[1].split("\n## ")[0]
    cells = (line.split("|")[1] for line in part.splitlines() if line.startswith("|"))
    return {name for cell in cells for name in re.findall(r"`([^`]+)`", cell)}


@pytest.mark.parametrize("path", ALWAYS)
def test_what_is_always_there_is_there(path):
    assert path in set(paths(recorded(synthetic_summary())))
    assert path in documented()


@pytest.mark.parametrize("path", ROWS)
def test_rows_have_their_keys(path):
    assert path in set(paths(recorded(full_summary())))
    assert path in documented()


def test_nothing_is_documented_that_is_not_there():
    whole = with_course(full_summary()) | {"yardstick": "icd-203", "draft": False}
    assert documented() - set(paths(recorded(whole))) == set()


def test_every_shipped_assessment_keeps_the_contract():
    shipped = sorted((ROOT / "reports").glob("*/*/assessment.json"))
    assert shipped
    for path in shipped:
        there = set(paths(json.loads(path.read_text(encoding="utf-8"))))
        assert [p for p in ALWAYS if p not in there] == [], path


def words_after(heading: str, lead: str = "\n") -> list[str]:
    """Names in the first line of names after a sentence of a chapter."""
    part = SCHEMA.split(f"## {heading}")[1].split(lead, 1)[1]
    line = next(line for line in part.splitlines() if line.startswith("`"))
    return re.findall(r"`([^`]+)`", line)


def test_ids_of_the_page_are_those_that_are_public(tmp_path):
    assert list(SLUGS) == SECTIONS == words_after("Sections of the page", "Below it:")
    assert words_after("Sections of the page", "First screen:") == FIRST
    assert words_after("Figures") == FIGURES
    write_report(full_material(), tmp_path / "run", priors_yaml="")
    html = (tmp_path / "run" / "brief.html").read_text()
    assert re.findall(r'<section id="([^"]+)">', html) == SECTIONS
    first = html[: html.index("<nav")]
    assert set(FIRST) <= set(re.findall(r'\bid="([^"]+)"', first))
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    assert re.findall(r'<a href="#([^"]+)">', html) == SECTIONS


def test_columns_are_those_that_are_public():
    assert f"`{','.join(HUB_COLUMNS)}`" in SCHEMA
    assert f"`{','.join(COLUMNS)}`" in SCHEMA


def test_groups_of_the_draws_are_those_that_are_public(tmp_path, make_case, priors):
    h5netcdf = pytest.importorskip("h5netcdf")
    from drawdown.inference.bridge import Evidence
    from drawdown.inference.fitted import Fitted
    from drawdown.model.layout import layout_of

    layout = layout_of(make_case(), priors)
    fit = Fitted.independent(np.zeros((6, len(layout.labels()))), Evidence(-1.0, 0.1))
    write_fits(tmp_path / "fits.nc", dict.fromkeys(OUTCOMES, fit), layout, {"seed": 1})
    table = SCHEMA.split("## fits.nc")[1]
    with h5netcdf.File(tmp_path / "fits.nc", "r") as file:
        names = {*file.attrs, *file.groups}
        for group in file.groups.values():
            names |= {*group.attrs, *group.variables}
    assert names == {
        *("digest", "facts", "parameters", "log_evidence", "log_evidence_se", *OUTCOMES),
        *("z", "worth", "divergent", "deep", "rhat", "ess"),
    }
    assert all(f"`{name}`" in table for name in names)
    assert load_fits(tmp_path / "fits.nc")[1] == {"seed": 1}

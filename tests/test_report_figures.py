"""The figures: fixed colours, no date or software inside, readable on a slide."""

import re
import struct
import xml.etree.ElementTree as ElementTree
from dataclasses import replace

import pytest

from drawdown.report.carried import MOST_CARRIED, carried_rows
from drawdown.report.figures import draw_all, predictive_figure
from drawdown.report.inline import inline_svg
from drawdown.report.style import COLOUR, SLIDE_PIXELS
from test_report_synthetic import full_material, full_summary, synthetic_material, with_course

POINTS_PER_SLIDE = SLIDE_PIXELS * 0.75
"""A slide 1280 px wide, at 96 px an inch."""


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    material = replace(full_material(), summary=with_course(full_summary()))
    return draw_all(material, tmp_path_factory.mktemp("figures"))


def texts(svg: str) -> list[str]:
    root = ElementTree.fromstring(svg)
    return ["".join(node.itertext()) for node in root.iter("{http://www.w3.org/2000/svg}text")]


EVERY = ["course", "outcomes", "carries", "sites", "exit", "looks", "predictive", "sensitivity"]


def test_all_are_drawn_in_both_forms(drawn):
    assert list(drawn) == EVERY
    for figure in drawn.values():
        png = figure.svg.with_suffix(".png").read_bytes()
        assert struct.unpack(">I", png[16:20])[0] == pytest.approx(SLIDE_PIXELS, abs=1)
        assert b"tEXt" not in png and b"Software" not in png


def test_no_date_and_no_software_inside(drawn):
    for figure in drawn.values():
        svg = figure.svg.read_text()
        assert "dc:date" not in svg and "matplotlib.org" not in svg


def test_nothing_is_too_small_on_a_slide(drawn):
    for figure in drawn.values():
        svg = figure.svg.read_text()
        width = float(re.search(r'width="([\d.]+)pt"', svg)[1])
        sizes = [float(size) for size in re.findall(r"font-size: ([\d.]+)px", svg)]
        assert sizes and min(sizes) * POINTS_PER_SLIDE / width >= 9, figure.name


def test_outcomes_keep_their_colours(drawn):
    for name in set(EVERY) - {"sites", "exit"}:
        svg = drawn[name].svg.read_text().lower()
        assert all(colour.lower() in svg for colour in COLOUR.values()), name
    sites = drawn["sites"].svg.read_text().lower()
    assert not any(colour.lower() in sites for colour in COLOUR.values())


def test_a_stock_that_nobody_saw_is_labelled(drawn):
    silent = sum(track.reports == 0 for track in synthetic_material().tracks)
    said = texts(drawn["sites"].svg.read_text())
    assert said.count("no information") == silent > 0
    assert "given up by the horizon 35 %" in said


def test_the_largest_are_shown_and_said_not_to_add_up(drawn):
    material = full_material()
    shown = carried_rows(material)
    assert len(shown) == MOST_CARRIED < len(material.summary["contributions"])
    sizes = [max(map(abs, delta.values())) for _, _, delta, _ in shown]
    assert sizes == sorted(sizes, reverse=True)
    said = texts(drawn["carries"].svg.read_text())
    assert "On the whole record: each left out alone; does not add up" in said
    assert "Since 29 Dec 2024: the rows add up, the smallest not drawn" in said
    assert "fitted again" in said


def test_a_run_without_later_keys_draws_what_it_has(tmp_path):
    names = list(draw_all(synthetic_material(), tmp_path))
    assert names == ["outcomes", "carries", "sites", "exit", "predictive"]


def test_figures_say_the_numbers_of_the_summary(drawn):
    summary = full_summary()
    last = summary["exit_by"][-1]["probability"]
    assert f"full exit {round(100 * last)} %" in texts(drawn["exit"].svg.read_text())
    assert f"full exit 0 % by 31 Dec 2024, {round(100 * last)} % by" in drawn["exit"].alt
    assert "partial redeployment 54 %" in texts(drawn["course"].svg.read_text())
    assert "full exit 40 % or 14 %" in drawn["looks"].alt
    assert "Range of all: full exit 19 % to 29 %" in drawn["sensitivity"].alt


def test_inline_drawings_share_no_id_and_follow_the_page(drawn):
    seen: set[str] = set()
    for figure in drawn.values():
        svg = inline_svg(figure.svg.read_text())
        ids = re.findall(r'\bid="([^"]*)"', svg)
        assert not seen & set(ids) and len(ids) == len(set(ids))
        seen |= set(ids)
        used = set(re.findall(r'(?:href="#|url\(#)([^")]*)', svg))
        assert used <= set(ids)
        assert "<style" not in svg and "<!--" not in svg and "var(--ink" in svg
        ElementTree.fromstring(svg)


@pytest.mark.parametrize("suffix", ["svg", "png"])
def test_the_prior_predictive_is_drawn_alone(tmp_path, suffix):
    path = tmp_path / "new" / f"predictive.{suffix}"
    predictive_figure(synthetic_material().predictive, path)
    once = path.read_bytes()
    predictive_figure(synthetic_material().predictive, path)
    assert path.read_bytes() == once


def test_nothing_to_predict_is_no_error(tmp_path):
    predictive_figure([], tmp_path / "empty.svg")
    assert (tmp_path / "empty.svg").exists()

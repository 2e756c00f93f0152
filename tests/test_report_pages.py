"""The pages: the same bytes twice, the numbers of the file, and text from strangers without effect."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from drawdown.outcomes import LABELS
from drawdown.report.escape import markdown, one_line, safe_address
from drawdown.report.numerals import SHOWN, rounded_percents
from drawdown.report.record import recorded
from drawdown.report.render import write_report
from drawdown.report.words import headline
from test_report_synthetic import LONG, bare_material, synthetic_material, synthetic_summary

FILES = {
    *("assessment.json", "brief.html", "brief.md", "posterior.csv", "priors.yaml"),
    *(
        f"figures/{n}.{s}"
        for n in ("outcomes", "carries", "sites", "predictive")
        for s in ("svg", "png")
    ),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("report") / "run"
    write_report(synthetic_material(), path, priors_yaml="reserve: 3%")
    return path


def contents(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


class Page(HTMLParser):
    """What a browser would find: elements with their attributes, and the words of each table row."""

    def __init__(self, text: str):
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.rows: list[list[str]] = []
        self.in_cell = False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

        self.in_cell = self.in_cell or tag in ("td", "th")

    def handle_endtag(self, tag):
        self.in_cell = self.in_cell and tag not in ("td", "th")

    def handle_data(self, data):
        if self.in_cell:
            self.rows[-1][-1] += data.strip()


def test_every_file_is_written_and_ends_in_one_line_end(folder):
    written = contents(folder)
    assert set(written) == FILES
    for name in ("assessment.json", "brief.html", "brief.md", "posterior.csv", "priors.yaml"):
        assert written[name].endswith(b"\n") and not written[name].endswith(b"\n\n"), name


def test_the_same_numbers_give_the_same_bytes(folder, tmp_path):
    write_report(synthetic_material(), tmp_path / "again", priors_yaml="reserve: 3%")
    assert contents(tmp_path / "again") == contents(folder)


def test_settings_of_others_do_not_reach_the_figures(folder, tmp_path):
    import matplotlib

    with matplotlib.rc_context({"font.size": 30, "text.parse_math": True, "svg.hashsalt": "other"}):
        write_report(synthetic_material(), tmp_path / "again", priors_yaml="reserve: 3%")
        assert matplotlib.rcParams["font.size"] == 30
    assert contents(tmp_path / "again") == contents(folder)


def test_the_json_keeps_the_order_of_the_contract_and_sums_to_one(folder):
    written = json.loads((folder / "assessment.json").read_text())
    assert list(written)[:4] == ["case", "as_of", "horizon", "outcomes"]
    assert list(written)[-1] == "provenance"
    assert list(written["outcomes"]) == list(SHOWN)
    assert sum(row["probability"] for row in written["outcomes"].values()) == pytest.approx(1, abs=1e-12)
    assert written["diagnostics"]["max_khat"] is None


def test_the_pages_show_the_percents_of_the_json(folder):
    outcomes = json.loads((folder / "assessment.json").read_text())["outcomes"]
    now = rounded_percents({o: outcomes[o]["probability"] for o in SHOWN})
    before = rounded_percents({o: outcomes[o]["prior"] for o in SHOWN})
    assert sum(now.values()) == sum(before.values()) == 100
    page, text = Page((folder / "brief.html").read_text()), (folder / "brief.md").read_text()
    printed = headline(synthetic_material())
    for outcome in SHOWN:
        name = LABELS[outcome].capitalize()
        row = next(row for row in page.rows if row and row[0].endswith(name))
        assert row[1:3] == [f"{now[outcome]} %", f"{before[outcome]} %"]
        assert f"| {name} | {now[outcome]} % | {before[outcome]} % |" in text
        assert f"{LABELS[outcome]} {now[outcome]} %" in printed
        svg = (folder / "figures" / "outcomes.svg").read_text()
        assert f">{now[outcome]} %<" in svg


def test_columns_of_percents_add_to_100(folder):
    rows = [row for row in Page((folder / "brief.html").read_text()).rows if len(row) == 5]
    answer = [row for row in rows if any(row[0].endswith(LABELS[o].capitalize()) for o in SHOWN)]
    assert len(answer) == 3
    for column in range(1, 5):
        assert sum(int(row[column].removesuffix(" %")) for row in answer) == 100


def hostile_elements(page: Page) -> list[str]:
    """Elements and attributes that a report must never hold."""
    out = []
    for tag, attributes in page.elements:
        if tag in (
            "script",
            "img",
            "iframe",
            "object",
            "embed",
            "form",
            "base",
            "link",
            "foreignobject",
        ):
            out.append(tag)
        out += [name for name in attributes if name.startswith("on")]
        href = attributes.get("href") or attributes.get("xlink:href") or "#"
        if not href.startswith(("#", "http://", "https://")):
            out.append(href)
    return out


def test_text_from_strangers_is_inert_in_html(folder):
    text = (folder / "brief.html").read_text()
    page = Page(text)
    assert hostile_elements(page) == []
    assert "&lt;script&gt;" in text
    links = [a for tag, a in page.elements if tag == "a" and (a["href"] or "").startswith("http")]
    assert links and all(a["rel"] == "noopener noreferrer" for a in links)
    policy = next(a["content"] for tag, a in page.elements if a.get("http-equiv"))
    assert policy.startswith("default-src 'none'")


def test_text_from_strangers_is_inert_in_markdown(folder):
    # Raw HTML is let through on purpose here: a lax viewer would do so.
    html = MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(
        (folder / "brief.md").read_text()
    )
    page = Page(html)
    pictures = [a["src"] for tag, a in page.elements if tag == "img"]
    assert pictures == [f"figures/{n}.svg" for n in ("outcomes", "carries", "sites", "predictive")]
    assert set(hostile_elements(page)) == {"img"}
    assert not any(tag == "code" for tag, _ in page.elements)
    widths = {len(row) for row in page.rows}
    assert widths == {2, 3, 4, 5, 6}, "a pipe in a note opened a new cell"
    assert LONG.strip() in html


def test_hostile_names_do_not_break_a_figure(tmp_path):
    material = synthetic_material()
    name = "$x^^$ <script>alert(1)</script> & ]]> -->"
    tracks = [replace(track, site_name=name) for track in material.tracks]
    carries = [replace(carry, site_name=name, label=name) for carry in material.carries]
    predictive = [replace(row, label=name, unit=name) for row in material.predictive]
    hostile = replace(material, tracks=tracks, carries=carries, predictive=predictive, name=name)
    write_report(hostile, tmp_path / "run", priors_yaml="")
    assert hostile_elements(Page((tmp_path / "run" / "brief.html").read_text())) == []
    for svg in (tmp_path / "run" / "figures").glob("*.svg"):
        assert "<script" not in svg.read_text()


def test_a_failed_gate_is_stamped_on_the_first_screen(tmp_path):
    material = synthetic_material(passed=False)
    write_report(material, tmp_path / "run", priors_yaml="")
    html, text = ((tmp_path / "run" / name).read_text() for name in ("brief.html", "brief.md"))
    assert html.index('class="stamp">not for citation') < html.index("<nav")
    assert "NOT FOR CITATION" in text.split("\n---\n")[0]
    assert "NOT FOR CITATION" in (tmp_path / "run" / "figures" / "outcomes.svg").read_text()
    assert "[not for citation]" in headline(material)
    write_report(synthetic_material(), tmp_path / "passed", priors_yaml="")
    for name in ("brief.html", "brief.md", "figures/outcomes.svg"):
        assert "not for citation" not in (tmp_path / "passed" / name).read_text().lower()


def test_a_case_without_reports_still_makes_a_page(tmp_path):
    write_report(bare_material(), tmp_path / "run", priors_yaml="")
    text = (tmp_path / "run" / "brief.md").read_text()
    assert "the answer is the prior" in text
    assert "## What carries it" not in text
    assert {p.name for p in (tmp_path / "run" / "figures").iterdir()} == {"outcomes.svg", "outcomes.png"}


def test_parts_that_come_later_are_shown_once_there(tmp_path):
    material, delta = (
        synthetic_material(),
        {"retained": 0.02, "partial_redeployment": 0.03, "full_exit": -0.05},
    )
    later = {
        "change": {"since": "2024-12-29", "rows": [{"what": "one look", "delta_probability": delta}]},
        "families": [{"family": "airlift", "delta_log_odds": delta}],
        "sensitivity": {
            "rows": [{"what": "lift x 3", "outcomes": {o: 1 / 3 for o in SHOWN}}],
            "driven_by_prior": True,
        },
    }
    write_report(
        replace(material, summary=synthetic_summary() | later), tmp_path / "run", priors_yaml=""
    )
    text = (tmp_path / "run" / "brief.md").read_text()
    assert "| one look | \N{MINUS SIGN}5 | +3 | +2 |" in text
    assert "| lift x 3 | 34 % | 33 % | 33 % |" in text
    assert "**Driven by prior**" in text and "Confidence is low" in text


def test_the_page_says_how_the_past_cases_were_chosen(folder):
    text = (folder / "brief.md").read_text()
    assert "42 past cases" in text and "under-sampled" in text


def test_each_figure_has_an_alternative_made_of_its_numbers(folder):
    text = (folder / "brief.md").read_text()
    alternatives = re.findall(r"!\[(.*?)\]\(figures/", text)
    assert len(alternatives) == 4
    assert all(re.search(r"\d", alternative) for alternative in alternatives)


def test_numbers_are_rounded_and_negative_zero_is_gone():
    summary = synthetic_summary() | {"extra": [-1e-9, 0.12345649, float("inf")]}
    assert json.dumps(recorded(summary)["extra"]) == "[0.0, 0.123456, null]"


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://example.org/a?b=1&c=2#d", "https://example.org/a?b=1&c=2#d"),
        (
            "https://example.org/a b(c)[d]<e>|`\"'",
            "https://example.org/a%20b%28c%29%5Bd%5D%3Ce%3E%7C%60%22%27",
        ),
        ("HTTP://example.org/", "HTTP://example.org/"),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("//example.org", ""),
        ("https://[broken", ""),
        ("", ""),
    ],
)
def test_only_web_addresses_become_links(url, kept):
    assert safe_address(url) == kept


def test_control_and_override_characters_become_spaces():
    assert one_line("a\nb\x00c\u202ed\u2028e") == "a b c d e"
    assert markdown("a|b\n`c`") == "a&#124;b &#96;c&#96;"

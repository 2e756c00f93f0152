"""The page in a real browser: the controls weigh as `weigh` does, quietly and without a request."""

import base64
import hashlib
import json
import re
import shutil
import subprocess
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest

from drawdown.answers.weigh import Besides, weigh
from drawdown.outcomes import OUTCOMES
from drawdown.report.numerals import rounded_percents
from drawdown.report.render import write_report
from test_report_synthetic import full_material, full_summary

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = pytest.mark.skipif(
    BROWSER is None, reason="no chromium on this machine: the page is not tried in a browser"
)
UPDATES = (".google.com", ".googleapis.com", ".gvt1.com")
"""Ends of the hosts that the browser asks for updates of itself."""
QUIET = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--disable-default-apps"),
    "--virtual-time-budget=4000",
)
STEPS = """
var out = [];
function read(name) {
  var row = {name: name, values: {}, shown: {}};
  %s.forEach(function (o) {
    row.values[o] = document.getElementById("now-" + o).getAttribute("data-value");
    row.shown[o] = document.getElementById("now-" + o).textContent;
  });
  row.sliders = %s.map(function (o) { return Number(document.getElementById("rate-" + o).value); });
  out.push(row);
}
function slide(o, value) {
  var slider = document.getElementById("rate-" + o);
  slider.value = value;
  slider.dispatchEvent(new Event("input"));
}
function choose(value) {
  var radio = document.querySelector('input[name=without][value="' + value + '"]');
  radio.click();
}
read("start");
slide("full_exit", 50); read("exit 50");
slide("retained", 20); read("then retained 20");
document.getElementById("controls-reset").click(); read("reset");
choose("airlift"); read("without airlift");
document.getElementById("with-politics").click(); read("without airlift and politics");
choose("remaining_stock"); read("without remaining stock and politics");
slide("retained", 55); read("the same, retained 55");
document.getElementById("controls-reset").click();
document.getElementById("with-politics").click(); read("without politics");
document.getElementById("controls-reset").click();
slide("full_exit", 97); read("out of reach");
setTimeout(function () {
  var said = document.getElementById("controls-said").textContent;
  var found = document.createElement("pre");
  found.id = "found";
  var hidden = document.getElementById("controls").hidden;
  found.textContent = JSON.stringify({rows: out, said: said, hidden: hidden});
  document.body.appendChild(found);
}, 1000);
"""


def browse(page: Path, folder: Path, *options: str) -> tuple[str, str]:
    """Open a page; what the browser makes of it, and what it says on the side."""
    assert BROWSER is not None
    done = subprocess.run(
        [BROWSER, *QUIET, f"--user-data-dir={folder / 'profile'}", *options, page.as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return done.stdout, done.stderr


@pytest.fixture(scope="module")
def report(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("browser") / "run"
    write_report(full_material(), folder, priors_yaml="")
    return folder


@pytest.fixture(scope="module")
def found(report, tmp_path_factory) -> dict:
    """Work the controls as a reader would, by a script that only this copy of the page allows."""
    order = json.dumps(list(OUTCOMES))
    script = STEPS % (order, order)
    allowed = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    html = (report / "brief.html").read_text()
    html = html.replace("script-src 'sha256-", f"script-src 'sha256-{allowed}' 'sha256-", 1)
    html = html.replace("</body>", f"<script>{script}</script>\n</body>")
    folder = tmp_path_factory.mktemp("worked")
    (folder / "page.html").write_text(html)
    dom, _ = browse(folder / "page.html", folder, "--dump-dom")
    text = re.search(r'<pre id="found">(.*?)</pre>', dom, re.DOTALL)
    assert text, "the script of the test did not finish"
    return json.loads(text[1].replace("&gt;", ">").replace("&lt;", "<").replace("&amp;", "&"))


def moved(rates: dict[str, float], outcome: str, percent: float) -> dict[str, float]:
    """Base rates after one slider was moved: the others keep their proportion."""
    rest = 1 - rates[outcome]
    scaled = {o: rate * (1 - percent / 100) / rest for o, rate in rates.items()}
    return scaled | {outcome: percent / 100}


def expected() -> dict[str, tuple[dict[str, float], str, bool]]:
    """Base rates, family left out and whether politics count, by step."""
    start = dict(zip(OUTCOMES, full_summary()["controls"]["base"]["stated"], strict=True))
    exit50 = moved(start, "full_exit", 50)
    return {
        "start": (start, "", True),
        "exit 50": (exit50, "", True),
        "then retained 20": (moved(exit50, "retained", 20), "", True),
        "reset": (start, "", True),
        "without airlift": (start, "airlift", True),
        "without airlift and politics": (start, "airlift", False),
        "without remaining stock and politics": (start, "remaining_stock", False),
        "the same, retained 55": (moved(start, "retained", 55), "remaining_stock", False),
        "without politics": (start, "", False),
    }


def weighed(rates: dict[str, float], without: str, politics: bool) -> dict[str, float]:
    controls = full_summary()["controls"]
    base = controls["base"]
    part = base | (controls["families"][without] if without else {})
    codes = np.array(part["log_politics"] if politics else [0.0, 0.0, 0.0])
    crossed = np.array([rates[o] for o in OUTCOMES]) @ np.array(base["crossing"])
    besides = Besides(crossed, base["reserve"], codes)
    args = (np.array(part[key]) for key in ("log_z", "table"))
    answer = weigh(*args, np.array(base["prior_table"]), besides)
    return dict(zip(OUTCOMES, map(float, answer.outcomes), strict=True))


@pytest.mark.parametrize("step", expected())
def test_the_controls_weigh_as_the_model_does(found, step):
    row = next(row for row in found["rows"] if row["name"] == step)
    answer = weighed(*expected()[step])
    for outcome in OUTCOMES:
        assert float(row["values"][outcome]) == pytest.approx(answer[outcome], abs=1e-6)
    shown = {o: int(row["shown"][o].removesuffix(" %")) for o in OUTCOMES}
    assert sum(shown.values()) == 100
    assert shown == rounded_percents({o: answer[o] for o in reversed(OUTCOMES)})
    assert sum(row["sliders"]) == 100


def test_base_rates_out_of_reach_are_said_to_be_so(found):
    row = next(row for row in found["rows"] if row["name"] == "out of reach")
    assert set(row["values"].values()) == {""} and set(row["shown"].values()) == {"\N{EN DASH}"}
    assert "a full exit at 80 % at most" in found["said"]
    assert found["hidden"] is False
    rates = moved(expected()["start"][0], "full_exit", 97)
    with pytest.raises(ValueError, match="no chances of the hypotheses"):
        weighed(rates, "", True)


def hosts(log: Path) -> set[str]:
    """Hosts on the web that a browser asked."""
    urls = re.findall(r'"url":\s*"(https?://[^"]*)"', log.read_text(errors="replace"))
    return {urlsplit(url).hostname or "" for url in urls}


def seen(page: Path, folder: Path, *options: str) -> tuple[str, set[str]]:
    """Look at a page: what was said on the console, and the hosts that were asked."""
    log, shot = folder / "log.json", folder / "shot.png"
    told = ("--enable-logging=stderr", f"--log-net-log={log}", f"--screenshot={shot}")
    _, aside = browse(page, folder, *told, *options)
    assert shot.stat().st_size > 1000
    return "\n".join(line for line in aside.splitlines() if "CONSOLE" in line), hosts(log)


@pytest.mark.parametrize("size", ["390,844", "1280,900"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_word_on_the_console_and_no_request(report, tmp_path, size, scheme):
    dark = ("--blink-settings=preferredColorScheme=0",) if scheme == "dark" else ()
    console, asked = seen(report / "brief.html", tmp_path, f"--window-size={size}", *dark)
    assert console == ""
    # the browser looks for its own updates whatever the page; a request of the page would also be
    # refused by its policy, aloud
    assert {host for host in asked if not host.endswith(UPDATES)} == set()


def test_the_console_is_heard(report, tmp_path):
    """The other tests would fail if a page spoke: this one does, and asks for a picture."""
    html = (report / "brief.html").read_text()
    loud = tmp_path / "loud.html"
    picture = '<img src="https://example.org/a.png"></body>'
    loud.write_text(html.replace("</body>", picture))
    console, asked = seen(loud, tmp_path)
    assert "Content Security Policy" in console and "example.org" not in asked
    # without the policy the request would be seen
    loud.write_text(re.sub("<meta http-equiv[^>]*>", "", html).replace("</body>", picture))
    assert "example.org" in seen(loud, tmp_path)[1]


def said(html: str) -> list[str]:
    """Words of a page, but for the controls."""
    html = re.sub(r"<script.*?</script>|<style.*?</style>", "", html, flags=re.DOTALL)
    html = re.sub(r'<div id="controls".*?</section>', "", html, flags=re.DOTALL)
    return unescape(re.sub(r"<[^>]*>", " ", html)).split()


def test_without_scripts_the_page_says_everything_else(report, tmp_path):
    html = (report / "brief.html").read_text()
    page = tmp_path / "page.html"
    page.write_text(re.sub(r"script-src 'sha256-[^']*'", "script-src 'none'", html))
    dom, _ = browse(page, tmp_path, "--dump-dom")
    assert '<div id="controls" class="controls" hidden' in dom
    assert all(f'id="now-{outcome}"></td>' in dom for outcome in OUTCOMES)
    assert "drawdown whatif gives the same numbers" in dom
    assert said(dom) == said(html)


def test_a_page_without_controls_allows_no_script(tmp_path):
    material = full_material()
    del material.summary["controls"]
    write_report(material, tmp_path / "run", priors_yaml="")
    html = (tmp_path / "run" / "brief.html").read_text()
    assert "<script" not in html and "script-src 'none'" in html and 'id="try"' not in html

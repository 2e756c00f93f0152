"""The page on the architecture, against the code."""

import re

import drawdown
from pages import PACKAGE, PAGE, ROOMS, ROOT, modules, written
from test_house import ROOMS as HOUSE

TEXT = PAGE.read_text(encoding="utf-8")


def test_the_page_is_as_the_code_is():
    assert written(TEXT) == TEXT, "run `make docs`"


def test_every_room_and_module_is_there():
    """By another way than that which writes it."""
    assert set(HOUSE) | {"", "cli"} == set(ROOMS)
    told = modules()
    for path in PACKAGE.rglob("*.py"):
        if path.stem != "__init__":
            assert f"| `{path.stem}` | " in told, path
    assert "|  |" not in told, "a module that says nothing of itself"


def test_public_names_are_those_of_the_package():
    part = TEXT.split("<!-- exports -->")[1].split("<!-- end of exports -->")[0]
    told = re.findall(r"^\| `(\w+)` \| `([\w.]+)` \|$", part, re.MULTILINE)
    assert dict(told) == {n: m.removeprefix("drawdown.") for n, m in drawdown.PUBLIC.items()}
    assert set(drawdown.__all__) == {"__version__", *dict(told)}
    assert all(callable(getattr(drawdown, name)) for name, _ in told)


def test_what_the_page_points_at_is_there():
    for target in re.findall(r"\]\(([^)#]+)", TEXT):
        assert (ROOT / target).exists(), target
    for name in re.findall(
        r"`((?:files|model|inference|answers|report|tests)/[\w./-]+\.(?:py|yaml))`", TEXT
    ):
        places = (ROOT / name, PACKAGE / name)
        assert any(place.exists() for place in places), name
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"^make (\w+)", TEXT, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target

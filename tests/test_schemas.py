"""The schemas for editors: as the reference has the keys, and as the readers judge the files."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import schemas
from cases import EVIDENCE
from drawdown.cli import app
from drawdown.errors import InputError
from drawdown.files.blank import SCHEMAS
from drawdown.files.priors import DIRECTORY, load_priors
from drawdown.files.yamlmarks import Node, load_yaml
from test_new import uncommented

OVERLAYS = sorted(
    {p.name for p in DIRECTORY.glob("*.yaml")} - {"defaults.yaml", "learned.yaml", "learning.yaml"}
)
KINDS = {"object": dict, "array": list, "string": str, "number": float}


def seen(node: Node) -> Any:
    """A file as an editor sees it: YAML 1.2, where percentages, days and dates are text."""
    if node.kind == "map":
        return {key: seen(value) for key, value in node.fields.items()}
    if node.kind == "list":
        return [seen(item) for item in node.items]
    if node.kind == "nothing":
        return None
    return node.value if node.kind == "number" else node.text


def faults(value: Any, schema: dict[str, Any], root: dict[str, Any], at: str = "") -> list[str]:
    """What a schema has against a value; of the keywords that ours use, and of no other."""
    out = []
    for word, rule in schema.items():
        if word in ("$schema", "$defs", "title", "description"):
            continue
        check = CHECKS[word]
        out += check(value, rule, schema, root, at)
    return out


def _any(value, rules, root, at) -> int:
    return sum(not faults(value, rule, root, at) for rule in rules)


def _fields(value, schema, root, at):
    out, known = [], schema.get("properties", {})
    for key, inside in value.items() if isinstance(value, dict) else ():
        rules = [known[key]] if key in known else []
        rules += [r for p, r in schema.get("patternProperties", {}).items() if re.search(p, key)]
        if not rules and schema.get("additionalProperties") is False:
            out.append(f"{at}.{key}: unknown")
        for rule in rules:
            out += faults(inside, rule, root, f"{at}.{key}")
    return out


CHECKS = {
    "type": lambda v, r, s, d, at: [] if isinstance(v, KINDS[r]) else [f"{at}: no {r}"],
    "properties": lambda v, r, s, d, at: _fields(v, s, d, at),
    "patternProperties": lambda v, r, s, d, at: [] if "properties" in s else _fields(v, s, d, at),
    "additionalProperties": lambda v, r, s, d, at: [] if r is False else [f"{at}: not tested"],
    "required": lambda v, r, s, d, at: [
        f"{at}: no {k}" for k in r if isinstance(v, dict) and k not in v
    ],
    "maxProperties": lambda v, r, s, d, at: [f"{at}: many"] if len(v) > r else [],
    "items": lambda v, r, s, d, at: [
        f for i in (v if isinstance(v, list) else ()) for f in faults(i, r, d, at)
    ],
    "minItems": lambda v, r, s, d, at: [f"{at}: few"] if isinstance(v, list) and len(v) < r else [],
    "maxItems": lambda v, r, s, d, at: [f"{at}: many"] if isinstance(v, list) and len(v) > r else [],
    "minLength": lambda v, r, s, d, at: [f"{at}: short"] if isinstance(v, str) and len(v) < r else [],
    "pattern": lambda v, r, s, d, at: (
        [f"{at}: form"] if isinstance(v, str) and not re.search(r, v) else []
    ),
    "minimum": lambda v, r, s, d, at: [f"{at}: low"] if isinstance(v, float) and v < r else [],
    "maximum": lambda v, r, s, d, at: [f"{at}: high"] if isinstance(v, float) and v > r else [],
    "exclusiveMinimum": lambda v, r, s, d, at: [f"{at}: low"] if isinstance(v, float) and v <= r else [],
    "enum": lambda v, r, s, d, at: [] if v in r else [f"{at}: no choice"],
    "const": lambda v, r, s, d, at: [] if v == r else [f"{at}: other"],
    "anyOf": lambda v, r, s, d, at: [] if _any(v, r, d, at) else [f"{at}: none of several"],
    "oneOf": lambda v, r, s, d, at: [] if _any(v, r, d, at) == 1 else [f"{at}: not one of several"],
    "if": lambda v, r, s, d, at: faults(v, s["else" if faults(v, r, d, at) else "then"], d, at),
    "then": lambda *_: [],
    "else": lambda *_: [],
    "$ref": lambda v, r, s, d, at: faults(v, d["$defs"][r.removeprefix("#/$defs/")], d, at),
}


def judged(path: Path, name: str) -> list[str]:
    """What the schema of a kind of file has against one."""
    schema = json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))
    node, _, problems = load_yaml(path)
    assert node is not None and not problems
    return faults(seen(node), schema, schema)


def test_the_files_are_as_the_reference_has_it():
    for name, text in schemas.schemas().items():
        assert (SCHEMAS / name).read_text(encoding="utf-8") == text, "run `make docs`"
    assert sorted(p.name for p in SCHEMAS.iterdir()) == sorted(schemas.schemas())


@pytest.mark.parametrize("case", sorted(p.parent.name for p in EVIDENCE.glob("*/case.yaml")))
def test_the_shipped_cases_fit(case):
    assert judged(EVIDENCE / case / "case.yaml", "case") == []


def test_the_shipped_priors_fit():
    assert judged(DIRECTORY / "defaults.yaml", "priors") == []
    assert len(OVERLAYS) >= 2
    for name in OVERLAYS:
        assert judged(DIRECTORY / name, "overlay") == [], name


@pytest.mark.parametrize("name", ["adsb.yaml", "ais.yaml"])
def test_the_sample_mappings_fit(name):
    assert judged(Path(__file__).parent / "data" / "formats" / name, "mapping") == []


@pytest.mark.parametrize("where", ["mali-2022", "deep/er/mali-2022"])
def test_the_template_fits_and_names_its_schema(tmp_path, where):
    folder = tmp_path / where
    assert CliRunner().invoke(app, ["new", str(folder)]).exit_code == 0
    text = (folder / "case.yaml").read_text(encoding="utf-8")
    first = text.splitlines()[0]
    (named,) = re.findall(r"^# yaml-language-server: \$schema=(\S+)$", first)
    assert (folder / named).resolve() == SCHEMAS / "case.json"
    for content in (text, uncommented(text)):
        (folder / "case.yaml").write_text(content, encoding="utf-8")
        assert judged(folder / "case.yaml", "case") == []


def test_files_beside_the_schemas_name_theirs():
    for name in ("defaults.yaml", *OVERLAYS):
        first = (DIRECTORY / name).read_text(encoding="utf-8").splitlines()[0]
        (named,) = re.findall(r"\$schema=(\S+)$", first)
        assert (DIRECTORY / named).resolve().is_relative_to(SCHEMAS), name


WRONG = [
    "reserv: {share: 5%, why: x}",
    "reserve: {share: 5%}",
    "reserve: {share: 5, why: x}",
    "lift: {between: [1, 2], about: 3, within_factor: 2, why: x}",
    "lift: {why: x}",
    "lift: {between: [1], why: x}",
    "outcomes: {chance: {retained: 50%, full_exit: 50%}, why: x}",
    "sources: {HUR: {grade: D7, why: x}}",
    "sources: {HUR: {grade: D4, why: x, url: 'ftp://x'}}",
    "indicators: {combat_aircraft: {look: {chance: 5%, within: 7, why: x}}}",
    "indicators: {camels: {tracks: remaining, label: Camels}}",
    "indicators: {camels: {tracks: nothingg, label: Camels}}",
    "indicators: {combat_aircraft: {of: helicopters}}",
    "clock: {lasts: {full_exits: {between: [1, 2], why: x}}}",
]
RIGHT = [
    "reserve: {share: 0.05, why: x}",
    "lift: {about: 2, within_factor: 5, why: x}",
    "lift: {quantiles: {10%: 2, 50%: 9, 90%: 60}, why: x}",
    "clock: {lasts: {full_exit: {between: [14, 280 days], unit: days, why: x}}}",
    "gone: {stock: {kept: {distribution: {logitnormal: [-1, 0.5]}, why: x}}}",
    "indicators: {camels: {tracks: nothing, label: Camels}, combat_aircraft: {label: Jets}}",
]


@pytest.mark.parametrize("text", [*WRONG, *RIGHT])
def test_editor_and_reader_agree(tmp_path, text):
    """Of what a schema can see; the reader sees more, as chances that do not sum."""
    file = tmp_path / "mine.yaml"
    file.write_text(text + "\n", encoding="utf-8")
    refused = False
    try:
        load_priors([file])
    except InputError:
        refused = True
    assert refused == (text in WRONG)
    assert bool(judged(file, "overlay")) == refused, judged(file, "overlay")


def test_the_judge_knows_every_word_of_the_schemas():
    """A keyword that the tests do not check would be a schema that nobody tests."""

    def words(schema: Any) -> set[str]:
        if isinstance(schema, list):
            return {w for part in schema for w in words(part)}
        if not isinstance(schema, dict):
            return set()
        found = set(schema)
        for key, inside in schema.items():
            named = key in ("properties", "patternProperties", "$defs")
            parts = inside.values() if named else [inside]
            found |= {
                w for part in parts if key not in ("enum", "const", "required") for w in words(part)
            }
        return found

    for text in schemas.schemas().values():
        assert words(json.loads(text)) <= {*CHECKS, "$schema", "$defs", "title", "description"}

"""JSON Schemas for editors: the keys of `docs/reference.md`, with the type of each value.

Which keys there are, which are needed and what they mean is read from the tables of the reference,
which a test compares with the readers; here stands what kind of value each holds. `make docs` writes
the files. An editor sees YAML 1.2: `yes`, dates and percentages are text there.
"""

import json
import re
from pathlib import Path
from typing import Any

from drawdown.files.indicator import COUNTS, FIELDS, TRACKS
from drawdown.files.mapping import FLOWS, SEPARATORS
from drawdown.files.priors import KINDS
from drawdown.files.site import BEHAVES, WAYS
from drawdown.outcomes import OUTCOMES

ROOT = Path(__file__).parents[1]
REFERENCE = ROOT / "docs" / "reference.md"
FOLDER = ROOT / "model" / "schemas"
Schema = dict[str, Any]

TEXT: Schema = {"type": "string", "minLength": 1}
URL: Schema = {"type": "string", "pattern": "^https?://"}
DATE: Schema = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
DAYS: Schema = {"type": "string", "pattern": "^[0-9]+([.][0-9]+)? days?$"}
CHANCE: Schema = {
    "anyOf": [
        {"type": "string", "pattern": "^[0-9]+([.][0-9]*)? ?%$"},
        {"type": "number", "minimum": 0, "maximum": 1},
    ]
}
POSITIVE: Schema = {"type": "number", "exclusiveMinimum": 0}
VALUE: Schema = {
    "anyOf": [
        {"type": "number"},
        {"type": "string", "pattern": "^[-+]?[0-9.]+([eE][-+]?[0-9]+)?( ?%| days?)?$"},
    ]
}
GRADE: Schema = {"type": "string", "pattern": "^[A-F][1-6]$"}
SITE_NAME = "^[a-z][a-z0-9_-]*$"


def choice(words: Any) -> Schema:
    """One of several words."""
    return {"enum": list(words)}


def by_name(schema: Schema, names: str = "^.+$") -> Schema:
    """A mapping whose keys are names."""
    return {"type": "object", "patternProperties": {names: schema}, "additionalProperties": False}


def ref(name: str) -> Schema:
    """A block of its own."""
    return {"$ref": f"#/$defs/{name}"}


def told() -> dict[str, dict[str, tuple[bool, str]]]:
    """Tables of keys of the reference by their heading: needed or not, and what each key means."""
    out: dict[str, dict[str, tuple[bool, str]]] = {}
    heading = ""
    for line in REFERENCE.read_text(encoding="utf-8").splitlines():
        if found := re.match(r"#+ (.*)", line):
            heading = found[1].replace("`", "")
        elif (row := re.match(r"\| `([^`]+)` \| (yes|) ?\| (.*) \|$", line)) and heading:
            means = re.sub(r"`([^`]*)`", r"\1", row[3]).replace("*", "")
            out.setdefault(heading, {})[row[1]] = (row[2] == "yes", means)
    return out


TOLD = told()


class Writer:
    """Writes the blocks of one file.

    Parameters
    ----------
    partial : bool
        Of an overlay, where a group of keys may be left out and only a block with a reason is whole.
    """

    def __init__(self, partial: bool = False):
        self.partial = partial
        self.defs: dict[str, Schema] = {}

    def block(self, heading: str, values: dict[str, Schema]) -> Schema:
        """A block whose keys stand in a table of the reference."""
        keys = TOLD[heading]
        assert set(values) == set(keys), (heading, set(values) ^ set(keys))
        needed = [key for key, (yes, _) in keys.items() if yes]
        out: Schema = {
            "type": "object",
            "properties": {
                key: values[key] | {"description": means} for key, (_, means) in keys.items()
            },
            "additionalProperties": False,
        }
        if not self.partial or "why" in keys:
            out["required"] = needed
        return out

    def define(self, name: str, heading: str, values: dict[str, Schema]) -> Schema:
        """A block that is used more than once."""
        self.defs[name] = self.block(heading, values)
        return ref(name)

    def judgement(self) -> Schema:
        """What a forecaster says of a number: exactly one of four forms, and a reason."""
        self.defs["judgement"] = self.forms("A judgement", JUDGEMENT)
        return ref("judgement")

    def forms(self, heading: str, values: dict[str, Schema]) -> Schema:
        """A block of which exactly one form must be said."""
        forms = ("between", "about", "quantiles", "distribution")
        alone = [{"required": [form]} for form in forms]
        return self.block(heading, values) | {"oneOf": alone}

    def outcomes(self, schema: Schema) -> Schema:
        """One value an outcome."""
        return self.block("By outcome", dict.fromkeys(OUTCOMES, schema))

    def kinds(self, schema: Schema) -> Schema:
        """One value a kind of site."""
        return self.block("By kind of site", dict.fromkeys(KINDS, schema))

    def finished(self, title: str, root: Schema) -> Schema:
        """The whole file."""
        head = {"$schema": "http://json-schema.org/draft-07/schema#", "title": title}
        return head | root | {"$defs": dict(sorted(self.defs.items()))}


JUDGEMENT: dict[str, Schema] = {
    "between": {"type": "array", "items": VALUE, "minItems": 2, "maxItems": 2},
    "about": VALUE,
    "quantiles": by_name(VALUE, "^[0-9.]+ ?%?$"),
    "distribution": by_name(
        {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2},
        "^(lognormal|logitnormal|normal)$",
    ),
    "within_factor": {"type": "number", "exclusiveMinimum": 1},
    "sure": CHANCE,
    "unit": TEXT,
    "why": TEXT,
    "url": URL,
}


def case() -> Schema:
    """`case.yaml`."""
    w = Writer()
    judgement = w.judgement()
    fate = _fate(w)
    stock = JUDGEMENT | {"behaves": choice(BEHAVES), "leaves": choice(WAYS), "gathers": TEXT}
    w.defs["stock"] = w.forms("A stock", stock)
    w.defs["stock"]["required"] = [*w.defs["stock"]["required"], "leaves"]
    sites = {
        "name": TEXT,
        "kind": choice(KINDS),
        "share": judgement,
        "fate": fate,
        "stock": by_name(ref("stock")),
        "routine": by_name(judgement),
    }
    gate = {"site": TEXT, "leaves": choice(WAYS), "from": DATE, "to": DATE, "published": DATE}
    fact = {"observed": choice(("yes", "no")), "published": DATE, "why": TEXT, "url": URL}
    how = {"outcome": choice(OUTCOMES), "known": DATE, "why": TEXT, "near": choice(OUTCOMES)}
    root = {
        "name": TEXT,
        "force": TEXT,
        "host": TEXT,
        "trigger": DATE,
        "sites": by_name(w.define("site", "A site", sites), SITE_NAME) | {"maxProperties": 8},
        "horizon": DATE,
        "blocked": {
            "type": "array",
            "items": w.define("gate", "A gate", gate | {"why": TEXT, "url": URL}),
        },
        "context": by_name(w.define("fact", "A fact of context", fact)),
        "resolved": w.block("resolved", how),
    }
    return w.finished("A case of drawdown", w.block("A case", root))


def mapping() -> Schema:
    """What the columns of an export mean."""
    w = Writer()
    day = w.define("day", "A column with a day", {"column": TEXT, "format": TEXT})
    one_or_more = {"anyOf": [VALUE, TEXT, {"type": "array", "items": {"anyOf": [VALUE, TEXT]}}]}

    def names(schema: Schema) -> Schema:
        return w.block("A column with names", {"column": TEXT, "names": by_name(schema)})

    columns = {"anyOf": [TEXT, {"type": "array", "items": TEXT, "minItems": 1}]}
    count = {"every": DAYS, "says": choice(("exact", "at least")), "distinct": columns}
    root = {
        **dict.fromkeys(("indicator", "collector", "origin", "publisher", "note"), TEXT),
        **dict.fromkeys(("date", "until", "published"), day),
        **dict.fromkeys(("keep", "drop"), by_name(one_or_more)),
        "grade": GRADE,
        "url": URL,
        "site": names({"type": "string", "pattern": SITE_NAME}),
        "flow": {"anyOf": [choice(FLOWS), names(choice(FLOWS))]},
        "separator": choice(SEPARATORS),
        "count": w.block("count", count),
        "covers": w.block("covers", {"from": DATE, "to": DATE}),
    }
    return w.finished("A mapping of an export for drawdown", w.block("A mapping", root))


def priors(partial: bool) -> Schema:
    """`defaults.yaml`, or an overlay of it."""
    w = Writer(partial)
    judgement, fate = w.judgement(), _fate(w)
    by_fate = w.define(
        "by_fate", "gone, by fate", dict.fromkeys(("kept", "thinned", "closed"), judgement)
    )
    share = w.define("share", "A share", {"share": CHANCE, "why": TEXT})
    rate = {"share": CHANCE, "per": choice(("month",)), "why": TEXT}
    monthly = w.define("rate", "A share per time", rate)
    by_outcome = w.outcomes(judgement)
    clock = {
        "starts": by_outcome,
        "lasts": by_outcome,
        "site_starts": judgement,
        "site_lasts": judgement,
        "kinds": w.kinds(judgement),
    }
    # chances that sum to one are one value: whole in an overlay, too
    whole = Writer().outcomes(CHANCE)
    grades = {
        name: w.block(f"grades.{name}", dict.fromkeys(rungs, CHANCE) | {"why": TEXT})
        for name, rungs in (("letters", "ABCDEF"), ("digits", "123456"))
    }
    root = {
        "outcomes": w.block("outcomes", {"chance": whole, "why": TEXT}),
        "reserve": share,
        "fates": w.outcomes(w.kinds(fate)),
        "gone": w.block(
            "gone",
            {"garrison": by_fate, "stock": by_fate, "together": share}
            | {"staged": w.block("gone.staged", {"drained": judgement})},
        ),
        "clock": w.block("clock", clock),
        "late": w.block("late", {"starts": monthly, "returns": monthly}),
        **dict.fromkeys(("garrison", "lift", "crisis", "routine"), judgement),
        "grades": w.block("grades", grades),
        "sources": by_name(w.block("A collector of sources", {"grade": GRADE, "why": TEXT})),
        "indicators": by_name(_indicator(w, judgement)),
    }
    title = "An overlay of the priors of drawdown" if partial else "The priors of drawdown"
    return w.finished(title, w.block("The file", root))


def _fate(w: Writer) -> Schema:
    values = dict.fromkeys(("kept", "thinned", "closed"), CHANCE) | {"why": TEXT}
    return w.define("fate", "A fate", values)


def _indicator(w: Writer, judgement: Schema) -> Schema:
    """An indicator by what it tracks; in an overlay it may lack what it tracks, and then anything."""
    look = {"chance": CHANCE, "within": DAYS, "why": TEXT}
    silence = {"after": DAYS, "sure": CHANCE, "why": TEXT}
    scope_of = {"indicator": TEXT, "scope": TEXT, "why": TEXT}
    values: dict[str, Schema] = {
        **dict.fromkeys(("label", "of", "unit", "family"), TEXT),
        "visible": judgement,
        "seen": judgement,
        "dwell": judgement,
        "lifts": by_name(judgement),
        "spread": w.define("spread", "spread", {"size": POSITIVE, "why": TEXT}),
        "look": w.define("look", "look", look),
        "present": w.outcomes(judgement),
        "shared": w.define("shared", "shared", {"loading": POSITIVE, "why": TEXT}),
        "scopes": by_name(choice(COUNTS)),
        "silence": w.define("silence", "silence", silence),
        "scope_of": w.define("scope_of", "scope_of", scope_of),
    }
    every = []
    for tracks in TRACKS:
        heading = f"An indicator that tracks {tracks}"
        keys = {key: values[key] for key in TOLD[heading] if key != "tracks"}
        one = Writer().block(heading, keys | {"tracks": {"const": tracks}})
        assert set(one["required"]) == set(FIELDS[tracks][0])
        if tracks == "intent" and not w.partial:
            # its chances are those of learned.yaml, unless it is new
            one["required"] = [key for key in one["required"] if key not in ("present", "shared")]
        every.append(one)
    if not w.partial:
        return {"oneOf": every}
    means = {key: means for one in every for key, means in one["properties"].items()}
    part = {"type": "object", "additionalProperties": False}
    judged = {key: schema for key, schema in means.items() if key not in ("tracks", "of", "unit")}
    return {
        "if": {"required": ["tracks"]},
        "then": {"oneOf": every},
        "else": part | {"properties": judged},
    }


def schemas() -> dict[str, str]:
    """Text of each schema by the name of its file."""
    found = {"case": case(), "priors": priors(False), "overlay": priors(True), "mapping": mapping()}
    return {
        f"{name}.json": json.dumps(schema, indent=1, ensure_ascii=False) + "\n"
        for name, schema in found.items()
    }


def write() -> None:
    """Write every schema."""
    FOLDER.mkdir(exist_ok=True)
    for name, text in schemas().items():
        (FOLDER / name).write_text(text, encoding="utf-8")

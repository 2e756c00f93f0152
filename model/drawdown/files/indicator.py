"""An indicator: what it counts, how well it is seen, and what it says of the outcomes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from drawdown.files.fields import Reader
from drawdown.files.judgement import Judgement, read_judgement
from drawdown.files.text import SLUG, SLUG_WORDS
from drawdown.files.yamlmarks import Node
from drawdown.outcomes import OUTCOMES

TRACKS = ("remaining", "pace", "intent", "nothing")
FIELDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "remaining": (("label", "tracks", "of", "unit", "family", "visible", "spread"), ("look",)),
    "pace": (("label", "tracks", "unit", "family", "lifts", "seen", "spread"), ("dwell", "look")),
    "intent": (("label", "tracks", "present", "shared"), ("scopes", "scope_of", "silence", "look")),
    "nothing": (("label", "tracks"), ()),
}
"""Fields that an indicator must and may have, by what it tracks."""
COUNTS = {"counts": True, "does not count": False}


class Look(NamedTuple):
    """Chance of a usable look within some days."""

    chance: float
    within_days: float


class Silence(NamedTuple):
    """After how many days no report is a weak `no`, and how sure it is."""

    after_days: float
    sure: float


class ScopeOf(NamedTuple):
    """The indicator whose scope this one tells apart, and the scope that makes it present."""

    indicator: str
    scope: str


@dataclass(frozen=True)
class Indicator:
    """What a report may be about.

    Attributes
    ----------
    tracks : str
        `remaining`, `pace`, `intent` or `nothing`.
    of : str
        The stock that is counted, for `remaining`.
    visible, seen : Judgement or None
        Chance that an item present, or a movement, is counted by who looks.
    lifts : dict
        For `pace`: movements that one unit of each stock needs.
    dwell : Judgement or None
        Days for which an item stays in view, where a look is at one moment.
    spread : float
        Negative-binomial size of a count; the larger, the closer to Poisson.
    scopes : dict
        For `intent`: the scopes that a report may give, and whether each counts.
    present : dict
        For `intent`: the chance of presence under each outcome.
    shared : float
        Loading, in log odds, on the factor that the indicators of one case share.
    scope_of : ScopeOf or None
        For `intent`: reports of another indicator that are votes on this one by their scope.
    """

    name: str
    label: str
    tracks: str
    unit: str = ""
    family: str = ""
    of: str = ""
    visible: Judgement | None = None
    seen: Judgement | None = None
    lifts: dict[str, Judgement] = field(default_factory=dict)
    dwell: Judgement | None = None
    spread: float = 1.0
    look: Look | None = None
    scopes: dict[str, bool] = field(default_factory=dict)
    silence: Silence | None = None
    present: dict[str, Judgement] = field(default_factory=dict)
    shared: float = 0.0
    scope_of: ScopeOf | None = None

    @property
    def stocks(self) -> tuple[str, ...]:
        """Stocks that the indicator bears on."""
        return (self.of,) if self.of else tuple(self.lifts)


class Teller:
    """Reads blocks, and keeps what each of them said for the forecaster."""

    def __init__(self, reader: Reader, *, learned: bool = True):
        self.reader = reader
        self.learned = learned
        self.said: list[tuple[str, str, str]] = []
        self.judgements: dict[str, Judgement] = {}

    def tell(self, path: str, sentence: str, fields: dict[str, Node]) -> None:
        """Keep a sentence and the reason of its block."""
        self.said.append((path, sentence, self.reader.why(fields)))

    def judgement(self, path: str, node: Node | None, family: str, unit: str = "") -> Judgement:
        """Read a judgement."""
        out = read_judgement(self.reader, node, family, unit)
        if node is not None:
            self.said.append((path, out.said, out.why))
            self.judgements[path] = out
        return out

    def share(self, path: str, node: Node | None, per: str = "") -> float:
        """Read a block with one percentage."""
        if node is None:
            return 0.5
        fields = self.reader.fields(node, ("share", "per", "why") if per else ("share", "why"))
        out = self.reader.chance(fields.get("share"))
        if per:
            self.reader.choice(fields.get("per"), (per,))
        self.tell(path, f"{out * 100:g} %" + (f" per {per}" if per else ""), fields)
        return out


def read_indicator(teller: Teller, name: str, node: Node) -> Indicator:
    """Read one indicator; which fields it has depends on what it tracks."""
    reader, path = teller.reader, f"indicators.{name}"
    slugs(reader, "indicator", {name: node})
    if "tracks" not in node.fields:
        reader.fields(node, ("label", "tracks"), tuple(f for r, o in FIELDS.values() for f in r + o))
        return Indicator(name, name, "nothing")
    tracks = reader.choice(node.fields["tracks"], TRACKS, "nothing")
    required, optional = FIELDS[tracks]
    if tracks == "intent" and not teller.learned:
        required, optional = FIELDS["nothing"][0], (*required, *optional)
    fields = reader.fields(node, required, optional)
    visible = "visible" in fields
    return Indicator(
        name=name,
        label=reader.text(fields.get("label")),
        tracks=tracks,
        unit=reader.text(fields.get("unit")),
        family=reader.text(fields.get("family")) or ("politics" if tracks == "intent" else ""),
        of=reader.text(fields.get("of")),
        visible=teller.judgement(f"{path}.visible", fields["visible"], "logit") if visible else None,
        seen=teller.judgement(f"{path}.seen", fields["seen"], "logit") if "seen" in fields else None,
        lifts=_lifts(teller, f"{path}.lifts", fields.get("lifts")),
        dwell=_dwell(teller, f"{path}.dwell", fields.get("dwell")),
        spread=_spread(teller, f"{path}.spread", fields.get("spread")),
        look=_look(teller, f"{path}.look", fields.get("look")),
        scopes=_scopes(reader, fields.get("scopes")),
        silence=_silence(teller, f"{path}.silence", fields.get("silence")),
        present=_present(teller, f"{path}.present", fields.get("present")),
        shared=_loading(teller, f"{path}.shared", fields.get("shared")),
        scope_of=_scope_of(teller, f"{path}.scope_of", fields.get("scope_of")),
    )


def slugs(reader: Reader, what: str, fields: Mapping[str, Node]) -> None:
    """Refuse keys that are names, and cannot name a column of a table or a file."""
    for name, value in fields.items():
        if not SLUG.fullmatch(name):
            reader.problems.append(value.key_problem(f"{what} name `{name}`", SLUG_WORDS))


def _lifts(teller: Teller, path: str, node: Node | None) -> dict[str, Judgement]:
    if node is None:
        return {}
    if not node.fields:
        teller.reader.problems.append(node.problem(node.shown(), "stocks and the movements they need"))
    slugs(teller.reader, "stock", node.fields)
    return {
        stock: teller.judgement(f"{path}.{stock}", value, "log", _unit(value))
        for stock, value in node.fields.items()
    }


def _unit(node: Node) -> str:
    return node.fields["unit"].text if "unit" in node.fields else ""


def _dwell(teller: Teller, path: str, node: Node | None) -> Judgement | None:
    return None if node is None else teller.judgement(path, node, "log", "days")


def _spread(teller: Teller, path: str, node: Node | None) -> float:
    if node is None:
        return 1.0
    fields = teller.reader.fields(node, ("size", "why"))
    size = teller.reader.positive(fields.get("size"))
    teller.tell(path, f"counts vary as with size {size:g}", fields)
    return size


def _look(teller: Teller, path: str, node: Node | None) -> Look | None:
    if node is None:
        return None
    fields = teller.reader.fields(node, ("chance", "within", "why"))
    look = Look(teller.reader.chance(fields.get("chance")), teller.reader.days(fields.get("within")))
    teller.tell(path, f"{look.chance * 100:g} % within {look.within_days:g} days", fields)
    return look


def _scopes(reader: Reader, node: Node | None) -> dict[str, bool]:
    fields = {} if node is None else node.fields
    if node is not None and not fields:
        reader.problems.append(node.problem(node.shown(), "scopes, as {basing: counts}"))
    slugs(reader, "scope", fields)
    return {scope: COUNTS[reader.choice(value, COUNTS)] for scope, value in fields.items()}


def _loading(teller: Teller, path: str, node: Node | None) -> float:
    if node is None:
        return 0.0
    fields = teller.reader.fields(node, ("loading", "why"))
    loading = teller.reader.positive(fields.get("loading"))
    teller.tell(path, f"loading {loading:g} in log odds", fields)
    return loading


def _scope_of(teller: Teller, path: str, node: Node | None) -> ScopeOf | None:
    if node is None:
        return None
    fields = teller.reader.fields(node, ("indicator", "scope", "why"))
    told = ScopeOf(*(teller.reader.text(fields.get(key)) for key in ("indicator", "scope")))
    sentence = f"present if `{told.indicator}` was of scope `{told.scope}`, absent if of another"
    teller.tell(path, sentence, fields)
    return told


def _silence(teller: Teller, path: str, node: Node | None) -> Silence | None:
    if node is None:
        return None
    fields = teller.reader.fields(node, ("after", "sure", "why"))
    silence = Silence(teller.reader.days(fields.get("after")), teller.reader.chance(fields.get("sure")))
    sentence = f"no report in {silence.after_days:g} days is {silence.sure * 100:g} % sure a no"
    teller.tell(path, sentence, fields)
    return silence


def _present(teller: Teller, path: str, node: Node | None) -> dict[str, Judgement]:
    if node is None:
        return {}
    fields = teller.reader.fields(node, OUTCOMES)
    return {o: teller.judgement(f"{path}.{o}", fields.get(o), "logit") for o in OUTCOMES}

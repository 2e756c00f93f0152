"""A site of a case: its share of the force, its stocks, and the flow that goes on without a drawdown."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from drawdown.errors import did_you_mean
from drawdown.files.fields import Reader
from drawdown.files.indicator import Indicator, Teller
from drawdown.files.judgement import Judgement, read_judgement
from drawdown.files.priors import KINDS, Priors, read_fate
from drawdown.files.reports import GARRISON
from drawdown.files.yamlmarks import Node

BEHAVES = ("fixed", "mobile", "staged")
WAYS = ("air", "sea", "road")


@dataclass(frozen=True)
class Stock:
    """What stands at a site before the trigger.

    Attributes
    ----------
    behaves : str
        `fixed`, `mobile` (comes and goes) or `staged` (gathered from another site, then lifted).
    leaves : str
        `air`, `sea` or `road`.
    gathers : str or None
        The site that a staged stock comes from.
    """

    name: str
    baseline: Judgement
    unit: str
    behaves: str
    leaves: str
    gathers: str | None = None


@dataclass(frozen=True)
class Site:
    """One site.

    Attributes
    ----------
    kind : str
        `major`, `sector` or `outpost`.
    share : Judgement
        Of the force, in people, on a normal scale.
    fate : dict or None
        Chances of its own, the same under every outcome.
    routine : dict
        Pace indicator to movements per day with no drawdown at all.
    """

    slug: str
    name: str
    kind: str
    share: Judgement
    fate: dict[str, float] | None = None
    fate_why: str = ""
    stock: dict[str, Stock] = field(default_factory=dict)
    routine: dict[str, Judgement] = field(default_factory=dict)


def read_site(reader: Reader, slug: str, node: Node, sites: Mapping[str, Node], priors: Priors) -> Site:
    """Read one site.

    Parameters
    ----------
    reader : Reader
    slug : str
    node : Node
    sites : mapping
        All sites of the case, which a staged stock may gather from.
    priors : Priors
        Whose indicators say which stocks can be seen.
    """
    fields = reader.fields(node, ("name", "kind", "share"), ("fate", "stock", "routine"))
    own = fields.get("fate")
    stock = _group(reader, fields.get("stock"), "stocks")
    routine = _group(reader, fields.get("routine"), "indicators")
    return Site(
        slug=slug,
        name=reader.text(fields.get("name")),
        kind=reader.choice(fields.get("kind"), KINDS, "outpost"),
        share=read_judgement(reader, fields.get("share"), "normal"),
        fate=read_fate(Teller(reader), "fate", own) if own is not None else None,
        fate_why=own.fields["why"].text if own is not None and "why" in own.fields else "",
        stock={
            name: _stock(reader, name, value, slug, sites, priors.indicators)
            for name, value in stock.items()
        },
        routine={
            name: _routine(reader, name, value, stock, priors.indicators)
            for name, value in routine.items()
        },
    )


def _group(reader: Reader, node: Node | None, what: str) -> dict[str, Node]:
    if node is not None and node.kind != "map":
        reader.problems.append(node.problem(node.shown(), f"{what} by name"))
    return node.fields if node is not None else {}


def _stock(
    reader: Reader,
    name: str,
    node: Node,
    site: str,
    sites: Mapping[str, Node],
    indicators: Mapping[str, Indicator],
) -> Stock:
    baseline = read_judgement(reader, node, "log", extra=("behaves", "leaves", "gathers"))
    fields = node.fields
    if node.kind == "map" and "leaves" not in fields:
        reader.problems.append(node.key_problem("`leaves` is missing", "`leaves: air`, `sea` or `road`"))
    behaves = reader.choice(fields.get("behaves"), BEHAVES, "fixed")
    _check_stock(reader, name, node, indicators)
    return Stock(
        name=name,
        baseline=baseline,
        unit=baseline.unit,
        behaves=behaves,
        leaves=reader.choice(fields.get("leaves"), WAYS, "air"),
        gathers=_gathers(reader, node, behaves, site, sites),
    )


def _check_stock(reader: Reader, name: str, node: Node, indicators: Mapping[str, Indicator]) -> None:
    """Refuse a stock that no report could bear on, and one counted in other units than its reports."""
    if name == GARRISON:
        wrong, expected = "`garrison` is there at every site", "another name"
        reader.problems.append(node.key_problem(wrong, expected))
        return
    known = {stock for i in indicators.values() for stock in i.stocks} - {GARRISON}
    if name not in known:
        expected = f"one of {', '.join(f'`{stock}`' for stock in sorted(known))}"
        wrong = f"no indicator tracks a stock `{name}`"
        reader.problems.append(node.key_problem(wrong, expected, did_you_mean(name, known)))
        return
    unit = node.fields.get("unit")
    counted = {i.unit for i in indicators.values() if i.of == name}
    if unit is not None and counted and unit.text not in counted:
        expected = " or ".join(f"`{u}`, the unit of its reports" for u in sorted(counted))
        reader.problems.append(unit.problem(f"unit `{unit.text}`", expected))


def _gathers(
    reader: Reader, node: Node, behaves: str, site: str, sites: Mapping[str, Node]
) -> str | None:
    given = node.fields.get("gathers")
    if behaves != "staged":
        if given is not None:
            wrong = "`gathers` of a stock that is not staged"
            reader.problems.append(given.key_problem(wrong, "`behaves: staged` beside it"))
        return None
    if given is None:
        wrong = "a staged stock without `gathers`"
        reader.problems.append(node.key_problem(wrong, "the site that it comes from"))
        return None
    others = [name for name in sites if name != site]
    if given.text not in others:
        expected = f"one of {', '.join(f'`{name}`' for name in others)}"
        hint = did_you_mean(given.text, others)
        reader.problems.append(given.problem(f"site `{given.text}`", expected, hint))
    return given.text


def _routine(
    reader: Reader,
    name: str,
    node: Node,
    stock: Mapping[str, Node],
    indicators: Mapping[str, Indicator],
) -> Judgement:
    out = read_judgement(reader, node, "log", "per day")
    pace = [i.name for i in indicators.values() if i.tracks == "pace"]
    if name not in pace:
        expected = "an indicator that tracks `pace`"
        problem = node.key_problem(f"`{name}` in `routine`", expected, did_you_mean(name, pace))
        reader.problems.append(problem)
    elif not set(indicators[name].lifts) & set(stock):
        stocks = " or ".join(f"`{s}`" for s in indicators[name].lifts)
        wrong = f"`{name}` moves nothing that is here"
        reader.problems.append(node.key_problem(wrong, f"{stocks} in the stock of the site"))
    return out

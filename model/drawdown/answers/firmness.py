"""How firmly each judgement is held: its prior to a power, and nothing else changed.

A normal on the scale of its family keeps its location, its sd divided by the root of the power; chances
go to the power and are scaled to sum to one; a hazard, whose waiting times are exponential, is
multiplied by the power. A number that was said without a spread has no power.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

import numpy as np

from drawdown.answers.assess import Question
from drawdown.answers.variants import with_codes
from drawdown.files.judgement import Judgement
from drawdown.files.priors import Priors, listed
from drawdown.model.hyper import Arrays, hyper_values, late_values
from drawdown.model.neutral import prior_values
from drawdown.model.observations import observe
from drawdown.model.politics import code_indicators
from drawdown.outcomes import OUTCOMES

Power = Callable[[Question, float], Question]
"""The same question with one prior to a power."""
REGION = ("log_fate", "share_mean", "share_var", "pattern_sign")
ENDS = ("gone_mu", "gone_sd", "together")
POINTS = ("gone.together", ".spread", ".shared")
"""Ends of paths that are numbers in the model, said without a spread."""
WORDS = (
    ("outcomes", "base rates of the outcomes"),
    ("reserve", "the reserve for a wrong model"),
    ("fates.", "how sites end: "),
    ("gone.garrison.", "people who leave for good, garrison "),
    ("gone.stock.", "kit that leaves for good, site "),
    ("gone.staged.drained", "gathered kit that is shipped out"),
    ("clock.starts.", "days to the first departure: "),
    ("clock.lasts.", "days that leaving takes: "),
    ("clock.site_starts", "how far apart sites start"),
    ("clock.site_lasts", "how far apart sites finish"),
    ("clock.kinds.", "pace by kind of site: "),
    ("late.starts", "late starts"),
    ("late.returns", "returns"),
    ("garrison", "guarded posts at a site"),
    ("lift", "scale of lift"),
    ("crisis", "traffic in a crisis"),
    ("routine", "routine traffic where the case names none"),
    ("grades.letters", "chance that a report is right, by letter"),
    ("grades.digits", "chance that a report is right, by digit"),
)


@dataclass(frozen=True)
class Held:
    """A judgement, and how to hold it more or less firmly.

    Attributes
    ----------
    path : str
        As `drawdown priors` prints it; `sites.` for a judgement of the case.
    what, said : str
        In words: what is judged, and the judgement.
    to : callable
        From a question and a power to the question with the prior to that power.
    """

    path: str
    what: str
    said: str
    to: Power


def judgements(q: Question) -> list[Held]:
    """Every judgement with a prior that the answer rests on, in the order of the files."""
    out = []
    for path, said, _ in q.priors.said:
        to = _power(path, q.priors)
        if to is not None:
            out.append(Held(path, _what(path, q), said, to))
    return out + list(_of_case(q))


def points(q: Question) -> list[str]:
    """Paths of numbers that the model takes as they are, and that have no power."""
    return [path for path, _, _ in q.priors.said if path.endswith(POINTS)]


def firmer(judgement: Judgement, power: float) -> Judgement:
    """Return a judgement whose density is to a power."""
    return replace(judgement, sd=judgement.sd / np.sqrt(power))


def tempered(chances: dict[str, float], power: float) -> dict[str, float]:
    """Chances to a power, scaled to sum to one; what cannot be stays so."""
    raised = {name: p**power if p > 0.0 else 0.0 for name, p in chances.items()}
    total = sum(raised.values())
    return {name: p / total for name, p in raised.items()}


def chance_to(p: float, power: float) -> float:
    """The chance of one thing or its contrary, to a power."""
    return tempered({"so": p, "not": 1.0 - p}, power)["so"]


def put(thing: Any, old: Any, new: Any) -> Any:
    """Put another object in the place of one, wherever a tree of records and dictionaries holds it."""
    if thing is old:
        return new
    if isinstance(thing, dict):
        found = {key: put(value, old, new) for key, value in thing.items()}
        return found if any(found[key] is not thing[key] for key in thing) else thing
    if is_dataclass(thing) and not isinstance(thing, type):
        here = {f.name: getattr(thing, f.name) for f in fields(thing)}
        changed = {name: put(value, old, new) for name, value in here.items()}
        changed = {name: value for name, value in changed.items() if value is not here[name]}
        return replace(thing, **changed) if changed else thing
    return thing


def _power(path: str, priors: Priors) -> Power | None:
    head, *rest = path.split(".")
    if path in priors.judgements:
        judgement = priors.judgements[path]
        return _of_politics(judgement) if ".present." in path else _of_spread(judgement)
    if path.endswith(".silence"):
        return _of_silence(rest[0])
    if head == "fates":
        return _of_fates(*rest)
    if head == "late":
        return _of_hazard(f"late_{rest[0]}")
    if head == "grades":
        return _of_grades(rest[0])
    return {"outcomes": _outcomes_to, "reserve": _reserve_to}.get(path)


def _of_case(q: Question) -> Iterator[Held]:
    for slug, site in q.case.sites.items():
        path = f"sites.{slug}"
        own = [("share", "share of the people", site.share)]
        own += [
            (f"stock.{s}", f"{s.replace('_', ' ')} before", k.baseline) for s, k in site.stock.items()
        ]
        own += [(f"routine.{i}", f"routine, {_label(q, i)}", j) for i, j in site.routine.items()]
        for key, what, judgement in own:
            said, to = judgement.said, _of_spread(judgement)
            yield Held(f"{path}.{key}", f"{site.name}: {what}", said, to)
        if site.fate is not None:
            to, said = _of_own_fate(slug), listed(site.fate)
            yield Held(f"{path}.fate", f"{site.name}: how it ends", said, to)


def _what(path: str, q: Question) -> str:
    if path.startswith("indicators."):
        _, name, part, *rest = path.split(".")
        words = {"visible": "seen if there", "seen": "seen if it moves", "dwell": "days in view"}
        what = words.get(part, part)
        more = f" of {rest[0].replace('_', ' ')}" if part == "lifts" else f" if {_plain(rest)}"
        return f"{_label(q, name)}: {what}{more if rest else ''}"
    start, words_ = next(pair for pair in WORDS if path.startswith(pair[0]))
    return words_ + _plain(path[len(start) :].split("."))


def _label(q: Question, name: str) -> str:
    label = q.priors.indicators[name].label
    return label[:1].lower() + label[1:]


def _plain(parts: list[str]) -> str:
    return ", ".join(part.replace("_", " ") for part in parts)


def _hyper(q: Question) -> Question:
    """The question with the arrays of its judgements worked out again.

    What own fates may say rests on where garrisons end and on the region alone, and takes thousands of
    draws to work out: where those values are the old ones it is too.
    """
    bare = {h: hyper_values(q.case, q.priors, q.layout, h) for h in OUTCOMES}
    n_site = len(q.layout.sites)
    if all(_same_region(bare[h], q.hyper[h], n_site) for h in OUTCOMES):
        hyper = {h: bare[h] | {"pattern_log": q.hyper[h]["pattern_log"]} for h in OUTCOMES}
        return replace(q, hyper=hyper)
    return replace(q, hyper=prior_values(q.case, q.priors, q.layout))


def _same_region(new: Arrays, old: Arrays, n_site: int) -> bool:
    """Whether fates, shares and the ends of garrisons have the same prior values."""
    ends = all(np.array_equal(new[name][:n_site], old[name][:n_site]) for name in ENDS)
    return ends and all(np.array_equal(new[name], old[name]) for name in REGION)


def _of_spread(judgement: Judgement) -> Power:
    def to(q: Question, power: float) -> Question:
        new = firmer(judgement, power)
        case = replace(q.case, sites=put(q.case.sites, judgement, new))
        return _hyper(replace(q, case=case, priors=put(q.priors, judgement, new)))

    return to


def _of_politics(judgement: Judgement) -> Power:
    def to(q: Question, power: float) -> Question:
        priors = put(q.priors, judgement, firmer(judgement, power))
        return with_codes(replace(q, priors=priors), q.codes)

    return to


def _of_silence(name: str) -> Power:
    def to(q: Question, power: float) -> Question:
        old = q.priors.indicators[name].silence
        assert old is not None  # its path was told
        new = old._replace(sure=chance_to(old.sure, power))
        priors = put(q.priors, old, new)
        return with_codes(replace(q, priors=priors), code_indicators(q.view, priors))

    return to


def _of_fates(outcome: str, kind: str) -> Power:
    def to(q: Question, power: float) -> Question:
        # what a late start does follows one of these too; its part is left as it is
        old = q.priors.fates[outcome][kind]
        return _hyper(replace(q, priors=put(q.priors, old, tempered(old, power))))

    return to


def _of_own_fate(slug: str) -> Power:
    def to(q: Question, power: float) -> Question:
        site = q.case.sites[slug]
        new = replace(site, fate=tempered(site.fate or {}, power))
        return _hyper(replace(q, case=replace(q.case, sites=put(q.case.sites, site, new))))

    return to


def _of_hazard(name: str) -> Power:
    def to(q: Question, power: float) -> Question:
        priors = replace(q.priors, **{name: getattr(q.priors, name) * power})
        return replace(q, priors=priors, late=late_values(priors, q.layout))

    return to


def _of_grades(ladder: str) -> Power:
    def to(q: Question, power: float) -> Question:
        old = getattr(q.priors, ladder)
        new = {rung: chance_to(p, power) for rung, p in old.items()}
        priors = put(q.priors, old, new)
        seen = observe(q.view, priors, q.layout)
        # a row that was left out stays so
        kept = seen.without(q.observations.arrays["said"] == 0.0)
        told = replace(q, priors=priors, observations=kept)
        return with_codes(told, code_indicators(q.view, priors))

    return to


def _outcomes_to(q: Question, power: float) -> Question:
    return replace(q, priors=replace(q.priors, outcome_chance=tempered(q.priors.outcome_chance, power)))


def _reserve_to(q: Question, power: float) -> Question:
    return replace(q, priors=replace(q.priors, reserve=chance_to(q.priors.reserve, power)))

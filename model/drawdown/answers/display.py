"""What a report shows beside the summary: tracks, codes, evidence and judgements as plain rows."""

from datetime import timedelta

import numpy as np

from drawdown.answers.assess import Assessment
from drawdown.answers.contribute import NOT_COMPUTED, Contribution
from drawdown.answers.material import (
    Carry,
    Check,
    Code,
    Differs,
    EvidenceRow,
    Mark,
    PosteriorRow,
    Track,
)
from drawdown.files.priors import Priors, load_priors
from drawdown.files.reports import Report
from drawdown.files.sentences import say
from drawdown.model.layout import GARRISON, Layout
from drawdown.model.politics import political_log_likelihood
from drawdown.outcomes import OUTCOMES

TRACK_DAYS = 61
TRACK_DRAWS = 4000
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
SHARES = ("visible",)
SCORES = ("site_gone", "stock_gone")
UNITS = {"onset": "days", "duration": "days", "routine": "per day", "dwell": "days"}


def tracks(a: Assessment, given_up: dict[str, float]) -> list[Track]:
    """Share of every stock still there, from the trigger to the horizon.

    Parameters
    ----------
    given_up : dict of site to its chance of being given up, as the summary has it
    """
    q = a.question
    days = np.linspace(0, q.horizon, TRACK_DAYS)
    dates = [q.case.trigger + timedelta(days=int(day)) for day in days]
    weights, rng = a.draw_weights(), np.random.default_rng(q.seed)
    picks = {}
    for h in OUTCOMES:
        n = int(round(TRACK_DRAWS * weights[h].sum()))
        p = weights[h] / max(weights[h].sum(), 1e-300)
        picks[h] = rng.choice(len(p), n, p=p) if n else np.zeros(0, dtype=int)
    out = []
    for i, (site, stock) in enumerate(q.layout.stocks):
        paths = [a.fits[h].future.still_there(i, days)[picks[h]] for h in OUTCOMES]
        lines = np.quantile(np.concatenate(paths), QUANTILES, axis=0)
        marks = _marks(a, site, stock)
        label = "garrison" if stock == GARRISON else stock.replace("_", " ")
        out.append(
            Track(
                site=site,
                site_name=q.case.sites[site].name,
                stock=stock,
                stock_name=label,
                given_up=given_up[site],
                dates=dates,
                **{
                    f"q{int(100 * p):02d}": list(map(float, line))
                    for p, line in zip(QUANTILES, lines, strict=True)
                },
                marks=marks,
                reports=_bearing(a, site, stock),
            )
        )
    return out


def _bearing(a: Assessment, site: str, stock: str) -> int:
    """Reports on the stock itself or on a flow that carries it."""
    indicators = a.question.priors.indicators
    return sum(
        r.site == site
        and (indicators[r.indicator].of == stock or stock in indicators[r.indicator].lifts)
        for r in a.question.observations.reports
    )


def _marks(a: Assessment, site: str, stock: str) -> list[Mark]:
    q, out = a.question, []
    baseline = q.priors.garrison if stock == GARRISON else q.case.sites[site].stock[stock].baseline
    for r in q.observations.reports:
        indicator = q.priors.indicators[r.indicator]
        if r.site != site or indicator.of != stock or indicator.tracks != "remaining":
            continue
        assert indicator.visible is not None  # the loader demands it of this kind
        whole = float(np.exp(baseline.mu)) * indicator.visible.quantile(0.5)
        kind = "at_least" if r.hi is None else "none" if r.hi == 0 else "count"
        # "yes" at a gate says that a guard stands there, not that one post of twenty is left
        low = 1.0 if stock == GARRISON and r.observed == "yes" else min(r.lo / whole, 1.5)
        high = None if r.hi is None else min(r.hi / whole, 1.5)
        out.append(Mark(r.date, low, high, kind, f"{r.collector}: {r.observed}"))
    return out


def carries(a: Assessment, contributions: list[Contribution]) -> list[Carry]:
    """Contributions with the names that a reader knows."""
    q, out = a.question, []
    for c in contributions:
        if c.method == NOT_COMPUTED:
            continue
        indicator = q.priors.indicators[c.indicator]
        site = q.case.sites.get(c.site)
        out.append(
            Carry(
                site=c.site,
                site_name=site.name if site else "Whole force",
                indicator=c.indicator,
                label=indicator.label,
                family=indicator.family or "politics",
                reports=c.reports,
                delta_probability=dict(zip(OUTCOMES, map(float, c.delta), strict=True)),
                method=c.method,
                khat=c.khat,
            )
        )
    return out


def codes(a: Assessment) -> list[Code]:
    """The political indicators as coded, and what each says of the outcomes on its own."""
    q, out = a.question, []
    for code in q.codes:
        log = political_log_likelihood((code,), q.priors, q.view.day)
        mean = float(np.mean(list(log.values())))
        out.append(
            Code(
                indicator=code.indicator,
                label=q.priors.indicators[code.indicator].label,
                state=code.state,
                chance=code.chance_present if code.known else None,
                why=code.why,
                rows=[say(r, q.priors, q.case) for r in code.reports],
                log_ratio={o: log[o] - mean for o in OUTCOMES},
            )
        )
    return out


def evidence(a: Assessment) -> list[EvidenceRow]:
    """Every report that was seen, in order of date, and whether it counts."""
    q = a.question
    coded = {id(r) for code in q.codes for r in code.reports}
    physical = {id(r) for r in q.observations.reports}
    return [_row(a, r, id(r) in coded or id(r) in physical) for r in q.view.reports]


def _row(a: Assessment, r: Report, used: bool) -> EvidenceRow:
    q = a.question
    site = q.case.sites.get(r.site)
    reason = "" if used else r.reason or "superseded, or its scope does not count"
    return EvidenceRow(
        date=r.date,
        until=r.until,
        published=r.published,
        site=site.name if site else "Whole force",
        label=q.priors.indicators[r.indicator].label,
        observed=r.observed,
        flow=r.flow,
        origin=r.origin,
        collector=r.collector,
        grade=r.grade,
        publisher=r.publisher,
        url=r.url,
        note=r.note,
        sentence=say(r, q.priors, q.case),
        used=used,
        reason=reason,
        reposts=q.view.reposts.get(r.line, 0),
    )


def differs(priors: Priors) -> list[Differs]:
    """Judgements that the overlays of a run changed, beside what the defaults say."""
    if not priors.names:
        return []
    default = {path: says for path, says, _ in load_priors().said}
    return [
        Differs(path, default.get(path, ""), says, why)
        for path, says, why in priors.said
        if default.get(path) != says
    ]


def checks(a: Assessment) -> list[Check]:
    """The gate, line by line."""
    return [
        Check(
            r.name, f"{r.value:.4g}", f"{'at least' if r.floor else 'at most'} {r.limit:.4g}", r.passed
        )
        for r in a.readings
    ]


def posterior(a: Assessment) -> list[PosteriorRow]:
    """Prior and posterior quantiles of every parameter, in the units of the priors."""
    q, out = a.question, []
    for h in OUTCOMES:
        fit, hyper = a.fits[h], q.hyper[h]
        z = np.quantile(fit.draws, [0.05, 0.5, 0.95], axis=0)
        normal = np.repeat([[-1.6448536], [0.0], [1.6448536]], z.shape[1], axis=1)
        prior, after = _natural(normal, hyper, q.layout), _natural(z, hyper, q.layout)
        for k, name in enumerate(q.layout.labels()):
            vector = name.split("[")[0]
            unit = "share" if vector in SHARES else "sd" if vector in SCORES else UNITS.get(vector, "")
            out.append(
                PosteriorRow(
                    h,
                    name,
                    unit or _unit(a, name),
                    (prior[0, k], prior[1, k], prior[2, k]),
                    (after[0, k], after[1, k], after[2, k]),
                    float(fit.health.rhat[k]),
                    float(fit.health.ess[k]),
                )
            )
    return out


def _natural(z: np.ndarray, hyper: dict[str, np.ndarray], layout: Layout) -> np.ndarray:
    parts = []
    for name, values in layout.split(z).items():
        if name in SCORES:
            parts.append(values)
            continue
        scaled = hyper[f"{name}_mu"] + hyper[f"{name}_sd"] * values
        parts.append(1.0 / (1.0 + np.exp(-scaled)) if name in SHARES else np.exp(scaled))
    return np.concatenate(parts, axis=1)


def _unit(a: Assessment, name: str) -> str:
    """Unit of a stock or a load; every other parameter is a factor."""
    q = a.question
    vector, _, inside = name.rstrip("]").partition("[")
    first, _, second = inside.partition(".")
    if vector == "baseline":
        judgement = (
            q.priors.garrison if second == GARRISON else q.case.sites[first].stock[second].baseline
        )
        return judgement.unit
    if vector == "load":
        return q.priors.indicators[first].lifts[second].unit
    return "factor"

"""What the priors expect to be seen: the prior predictive of one look at every indicator."""

from dataclasses import replace
from datetime import timedelta

import numpy as np

from drawdown.answers.material import Predictive
from drawdown.answers.prior import PriorRun, run_prior
from drawdown.files.case import Case
from drawdown.files.priors import Priors
from drawdown.files.reports import Report, unmade
from drawdown.files.view import View, view
from drawdown.model.heard import standing
from drawdown.model.hyper import Arrays, late_values
from drawdown.model.layout import GARRISON, Layout, layout_of
from drawdown.model.likelihood import expected_pace, expected_remaining
from drawdown.model.observations import observe
from drawdown.model.own_fates import prior_values
from drawdown.outcomes import OUTCOMES
from drawdown.seeds import stage_generator
from drawdown.threads import by_hypothesis

LOOK_DAYS = (7, 30, 90, 180)
DRAWS = 4000
Row = tuple[str, str, str, int, float, float, float]


def prior_runs(
    case: Case, priors: Priors, layout: Layout, values: dict[str, Arrays], seed: int
) -> dict[str, PriorRun]:
    """Run the prior of every hypothesis from the trigger."""
    late = late_values(priors, layout)
    horizon = (case.horizon - case.trigger).days

    def run(h: str) -> PriorRun:
        rng = stage_generator(seed, "expectations", h)
        return run_prior(values[h], layout, late, 0, horizon, rng)

    return by_hypothesis(run)


def predictives(case: Case, priors: Priors, seed: int = 1) -> list[Predictive]:
    """Counts that one look is expected to give, by outcome.

    A look at a stock is one day; a look at a flow covers the week that ends on the day, or one
    moment where what it counts stays in view.
    """
    layout = layout_of(case, priors)
    values = prior_values(case, priors, layout).hyper
    runs = prior_runs(case, priors, layout, values, seed)
    looks = [
        (site, name)
        for site in layout.sites
        for name in layout.indicators
        if seen_at(layout, priors, site, name)
    ]
    counts = {h: _counts(case, priors, layout, values[h], runs[h], h, looks, seed) for h in OUTCOMES}
    out = []
    for i, (site, name) in enumerate(looks):
        indicator = priors.indicators[name]
        out.append(
            Predictive(
                site=site,
                site_name=case.sites[site].name,
                indicator=name,
                label=indicator.label,
                unit=indicator.unit,
                tracks=indicator.tracks,
                days=list(LOOK_DAYS),
                counts={h: counts[h][i] for h in OUTCOMES},
            )
        )
    return out


def expectations(case: Case, priors: Priors) -> list[Row]:
    """Rows for `drawdown priors`: label, unit, outcome, day, and 5, 50 and 95 % of the count."""
    return [
        (f"{p.label}, {p.site_name}", p.unit, h, day, *p.counts[h][k])
        for p in predictives(case, priors)
        for h in OUTCOMES
        for k, day in enumerate(p.days)
    ]


def seen_at(layout: Layout, priors: Priors, site: str, name: str) -> bool:
    """Whether a physical indicator has something to count at a site."""
    indicator = priors.indicators[name]
    if indicator.tracks == "remaining":
        return indicator.of == GARRISON or (site, indicator.of) in layout.stocks
    return (site, name) in layout.routines


def _look(case: Case, priors: Priors, site: str, name: str, day: int) -> Report:
    """A report that nobody has made, to ask what it would say."""
    indicator = priors.indicators[name]
    end = case.trigger + timedelta(days=day)
    week = indicator.tracks == "pace" and indicator.dwell is None
    first = end - timedelta(days=6) if week else end
    flow = "out" if indicator.tracks == "pace" else ""
    return unmade(site, name, "no", first, end, origin=f"{site}/{name}/{day}", grade="A1", flow=flow)


def _counts(
    case: Case,
    priors: Priors,
    layout: Layout,
    hyper: Arrays,
    run: PriorRun,
    h: str,
    looks: list[tuple[str, str]],
    seed: int,
) -> list[list[tuple[float, float, float]]]:
    """Quantiles of simulated counts for each look and day, among draws that stand so."""
    rng = stage_generator(seed, "predictive", h)
    reports = [_look(case, priors, site, name, day) for site, name in looks for day in LOOK_DAYS]
    seen: View = replace(view(case, case.horizon), reports=tuple(reports), gates=())
    observations = observe(seen, priors, layout)
    pick = rng.choice(len(run.weights), DRAWS, p=run.weights / run.weights.sum())
    state = run.state.take(pick)
    fate = standing(state, hyper, None).patterns(rng).fate
    mean = np.concatenate(
        [expected_remaining(state, observations.arrays), expected_pace(state, observations.arrays)],
        axis=1,
    )
    site = np.array([layout.sites.index(r.site) for r in observations.reports])
    mean = np.take_along_axis(mean, fate[:, site, None], axis=2)[..., 0]
    size = observations.size
    counts = rng.poisson(mean * rng.gamma(size, 1.0 / size, mean.shape))
    quantiles = np.quantile(counts, [0.05, 0.5, 0.95], axis=0).T
    found = {
        r.origin: (float(low), float(mid), float(high))
        for r, (low, mid, high) in zip(observations.reports, quantiles, strict=True)
    }
    return [[found[f"{site}/{name}/{day}"] for day in LOOK_DAYS] for site, name in looks]

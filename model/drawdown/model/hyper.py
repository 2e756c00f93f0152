"""Prior values as arrays: what the YAML says, in the shape the compiled model takes as data.

Every parameter is a standard normal; its location and scale on the log or log-odds scale are data,
so that hypotheses, overlays and forecasters are the same compiled function with other inputs.
"""

from dataclasses import dataclass

import numpy as np

from drawdown.files.case import Case
from drawdown.files.judgement import Judgement
from drawdown.files.priors import Priors
from drawdown.model.blocks import blocks_of
from drawdown.model.layout import GARRISON, Layout
from drawdown.outcomes import FATES

Arrays = dict[str, np.ndarray]
EXCLUDED = -1e4
"""Log weight of a pattern of fates that the hypothesis rules out; finite, so that gradients are."""


@dataclass(frozen=True)
class Late:
    """What may still happen after the date of an assessment.

    Attributes
    ----------
    starts, returns : float
        Hazards, per month and site.
    closes : dims (site,)
        Chance that a late start closes the site rather than thins it.
    """

    starts: float
    returns: float
    closes: np.ndarray


def late_values(priors: Priors, layout: Layout) -> Late:
    """Return the hazards of late events; a late start ends as under a partial redeployment."""
    fates = [priors.fates["partial_redeployment"][kind] for kind in layout.kinds]
    closes = np.array([f["closed"] / (f["closed"] + f["thinned"]) for f in fates])
    return Late(priors.late_starts, priors.late_returns, closes)


def hyper_values(case: Case, priors: Priors, layout: Layout, hypothesis: str) -> Arrays:
    """Return every prior value of one hypothesis.

    Returns
    -------
    dict of array
        `<vector>_mu` and `<vector>_sd` for each vector of `Layout.sizes` (dims as there), with
        `on_clock` (site,), `gone_mu` and `gone_sd` (stock, fate), `together` (stock,),
        `log_fate` (site, fate),
        `share_mean` and `share_var` (site,), `pattern_sign` and `pattern_log` (pattern,); with many
        sites these are of blocks, as is all else of `blocks_of`.
    """
    pairs: dict[str, list[Judgement]] = {
        "onset": [priors.starts[hypothesis]],
        "duration": [priors.lasts[hypothesis]],
        "crisis": [priors.crisis],
        "site_onset": [priors.site_starts] * len(layout.sites),
        "stock_duration": [priors.site_lasts] * (len(layout.stocks) - len(layout.sites)),
        "baseline": [_baseline(case, priors, *stock) for stock in layout.stocks],
        "visible": [_visible(priors, name) for name in layout.indicators],
        "lift": [priors.lift] * (len(layout.stocks) - len(layout.sites)),
        "load": [priors.indicators[name].lifts[stock] for name, stock in layout.loads],
        "routine": [
            case.sites[site].routine.get(name, priors.routine) for site, name in layout.routines
        ],
        "dwell": [d for name in layout.dwells if (d := priors.indicators[name].dwell)],
    }
    out: Arrays = {}
    for name, judgements in pairs.items():
        out[f"{name}_mu"] = np.array([j.mu for j in judgements], dtype=float)
        out[f"{name}_sd"] = np.array([j.sd for j in judgements], dtype=float)
    kinds = [priors.kinds[kind] for kind in layout.kinds]
    out["site_duration_mu"] = np.array([k.mu + priors.site_lasts.mu for k in kinds])
    out["site_duration_sd"] = np.array([np.hypot(k.sd, priors.site_lasts.sd) for k in kinds])
    out |= _own_clocks(case, layout, out)
    return out | _gone(priors, layout) | _fates(case, priors, layout, hypothesis)


def _own_clocks(case: Case, layout: Layout, values: Arrays) -> Arrays:
    """Give a site with a fate of its own a clock of its own, of the same prior.

    A post that closes because its protector fell says nothing of when the force would leave.
    """
    own = np.array([case.sites[site].fate is not None for site in layout.sites])
    out: Arrays = {"on_clock": np.where(own, 0.0, 1.0)}
    for name in ("onset", "duration"):
        mu, sd = values[f"site_{name}_mu"], values[f"site_{name}_sd"]
        out[f"site_{name}_mu"] = np.where(own, mu + values[f"{name}_mu"], mu)
        out[f"site_{name}_sd"] = np.where(own, np.hypot(sd, values[f"{name}_sd"]), sd)
    return out


def _baseline(case: Case, priors: Priors, site: str, stock: str) -> Judgement:
    return priors.garrison if stock == GARRISON else case.sites[site].stock[stock].baseline


def _visible(priors: Priors, name: str) -> Judgement:
    indicator = priors.indicators[name]
    judgement = indicator.visible if indicator.tracks == "remaining" else indicator.seen
    assert judgement is not None  # the loader demands it of these kinds
    return judgement


def _gone(priors: Priors, layout: Layout) -> Arrays:
    """Where each stock ends, in log odds, given the fate of its site."""
    rows, together = [], []
    for (_, stock), behaves in zip(layout.stocks, layout.behaves, strict=True):
        if stock == GARRISON:
            rows.append([priors.gone_garrison[fate] for fate in FATES])
            together.append(1.0)
        elif behaves == "staged":
            rows.append([priors.gone_staged] * len(FATES))
            together.append(0.0)
        else:
            rows.append([priors.gone_stock[fate] for fate in FATES])
            together.append(priors.together)
    return {
        "gone_mu": np.array([[j.mu for j in row] for row in rows]),
        "gone_sd": np.array([[j.sd for j in row] for row in rows]),
        "together": np.array(together),
    }


def _fates(case: Case, priors: Priors, layout: Layout, hypothesis: str) -> Arrays:
    """Chances of fates and the patterns that the hypothesis allows.

    A pattern with every major base closed is a full exit above the 95 % line and partial below;
    one with no major base or sector closed is retained below the 25 % line and partial above;
    every other pattern is partial. `pattern_sign` is +1 (below the line), -1 (above) or 0.
    """
    log_fate = np.empty((len(layout.sites), len(FATES)))
    for i, site in enumerate(layout.sites):
        own = case.sites[site].fate
        chances = own or priors.fates[hypothesis][layout.kinds[i]]
        with np.errstate(divide="ignore"):
            log_fate[i] = np.maximum(np.log([chances[fate] for fate in FATES]), EXCLUDED)
    shares = [case.sites[site].share for site in layout.sites]
    out = {
        "log_fate": log_fate,
        "share_mean": np.array([share.mu for share in shares]),
        "share_var": np.array([share.sd**2 for share in shares]),
    }
    if not layout.enumerated:
        return out | blocks_of(layout, hypothesis, log_fate)
    closed = layout.patterns == FATES.index("closed")
    all_major = closed[:, layout.major].all(axis=1)
    none_named = ~closed[:, layout.named].any(axis=1)
    if hypothesis == "full_exit":
        sign = np.where(all_major, -1.0, 0.0)
        allowed = all_major
    elif hypothesis == "retained":
        sign = np.where(none_named, 1.0, 0.0)
        allowed = none_named
    else:
        sign = np.where(all_major, 1.0, np.where(none_named, -1.0, 0.0))
        allowed = np.ones(len(sign), dtype=bool)
    return out | {
        "pattern_sign": sign,
        # log 2 undoes the one half that the normal distribution function gives at sign zero
        "pattern_log": np.where(allowed, np.where(sign == 0, np.log(2.0), 0.0), EXCLUDED),
    }

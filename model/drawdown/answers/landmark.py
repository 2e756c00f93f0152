"""The day-27 check: the physical prior, coded as the reference class was, against its counts.

If the physical strand said more of the outcome by day 27 than 42 past episodes do, its pace would
be deciding what pace cannot know.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from drawdown.answers.assess import Question
from drawdown.answers.prior import PriorRun, run_prior
from drawdown.outcomes import EXIT_LINE, OUTCOMES
from drawdown.seeds import stage_generator

DAY = 27.0
PUBLIC = 0.75
"""Chance that a thing which happened was public by the cut-off; the codes are of reports."""
NOTABLE = 0.15
"""Share of a stock that must have left for its departure to be noticed as such."""
SURGE = 2.0
"""Lifted and routine flights over the plain routine that an observer would call unusual."""
COUNTS = {
    "heavy_transport_surge": {"retained": (5, 8), "partial_redeployment": (2, 2), "full_exit": (4, 11)},
    "air_defence_dismantled": {"retained": (1, 3), "partial_redeployment": (2, 6), "full_exit": (1, 1)},
    "combat_aircraft_departed": {
        "retained": (1, 4),
        "partial_redeployment": (2, 4),
        "full_exit": (2, 5),
    },
    "helicopters_departed": {"retained": (0, 1), "partial_redeployment": (1, 3), "full_exit": (1, 2)},
    "ground_convoys": {"retained": (3, 6), "partial_redeployment": (4, 4), "full_exit": (5, 8)},
    "equipment_staged": {"retained": (2, 5), "partial_redeployment": (3, 3), "full_exit": (9, 13)},
    "sealift_inbound": {"retained": (1, 3), "partial_redeployment": (4, 4), "full_exit": (2, 2)},
    "outlying_vacated": {"retained": (2, 6), "partial_redeployment": (7, 10), "full_exit": (9, 11)},
    "base_handed_over": {"retained": (0, 11), "partial_redeployment": (1, 12), "full_exit": (2, 18)},
}
"""Coded present of coded, by outcome, in the 42 cases."""


@dataclass(frozen=True)
class Landmark:
    """One indicator on day 27.

    Attributes
    ----------
    indicator : str
    simulated : dict of outcome to chance of being coded present
    counts : dict of outcome to (present, coded)
    ratio : log of P(present | full exit) / P(present | retained), simulated
    interval : 90 % interval of the same from the counts
    """

    indicator: str
    simulated: dict[str, float]
    counts: dict[str, tuple[int, int]]
    ratio: float
    interval: tuple[float, float]

    @property
    def agrees(self) -> bool:
        """Whether the simulated ratio lies in the interval."""
        return self.interval[0] <= self.ratio <= self.interval[1]


def landmarks(q: Question) -> list[Landmark]:
    """Simulate each hypothesis to day 27 without reports, code it, and compare."""
    rng = stage_generator(q.seed, "landmark")
    chances: dict[str, dict[str, float]] = {name: {} for name in COUNTS}
    for h in OUTCOMES:
        run = run_prior(q.hyper[h], q.layout, q.late, 0, q.horizon, rng)
        p = run.weights / run.weights.sum()
        for name, happened in _happened(q, run).items():
            chances[name][h] = float(p @ happened) * PUBLIC
    out = []
    for name, counts in COUNTS.items():
        ratio = np.log(chances[name]["full_exit"]) - np.log(chances[name]["retained"])
        out.append(Landmark(name, chances[name], counts, float(ratio), _interval(counts, rng)))
    return out


def _interval(counts: dict[str, tuple[int, int]], rng: np.random.Generator) -> tuple[float, float]:
    """90 % interval of the log ratio, from Beta posteriors with half a case added to each side."""
    logs = []
    for outcome in ("full_exit", "retained"):
        present, coded = counts[outcome]
        logs.append(np.log(rng.beta(present + 0.5, coded - present + 0.5, 20_000)))
    low, high = np.quantile(logs[0] - logs[1], [0.05, 0.95])
    return float(low), float(high)


def _happened(q: Question, run: PriorRun) -> dict[str, np.ndarray]:
    """What had happened by day 27, for each draw: chances in [0, 1]; dims (draw,)."""
    layout, state, day = q.layout, run.state, np.array([DAY])
    gone = {stock: run.future.gone(i, day)[:, 0] for i, stock in enumerate(layout.stocks)}
    index = {stock: i for i, stock in enumerate(layout.stocks)}

    def left(name: str) -> np.ndarray:
        parts = [value for (_, stock), value in gone.items() if stock == name]
        return np.max(parts, axis=0)

    def lifted(name: str) -> np.ndarray:
        """Expected movements of an indicator beyond its routine, over all sites."""
        total = np.zeros(len(run.weights))
        for k, (indicator, stock) in enumerate(layout.loads):
            if indicator != name:
                continue
            for site in layout.sites:
                if (site, stock) in index:
                    i = index[site, stock]
                    amount = state.baseline[:, i] * state.lift[:, i] * state.load[:, k]
                    total += amount * gone[site, stock]
        return total

    def routine(name: str, *, crisis: bool) -> np.ndarray:
        columns = [k for k, (_, indicator) in enumerate(layout.routines) if indicator == name]
        total = state.routine[:, columns].sum(axis=1) * DAY
        # `State.routine` holds the crisis already; the plain routine is its prior median
        plain = np.exp(q.hyper["retained"]["routine_mu"][columns]).sum() * DAY
        return total if crisis else np.full(len(total), plain)

    def seen(name: str, count: np.ndarray) -> np.ndarray:
        share = state.visible[:, layout.indicators.index(name)]
        return 1.0 - np.exp(-count * share)

    flights = lifted("transport_flights") + routine("transport_flights", crisis=True)
    unusual = flights > SURGE * routine("transport_flights", crisis=False)
    outposts = [i for i, kind in enumerate(layout.kinds) if kind == "outpost"]
    majors = [i for i, kind in enumerate(layout.kinds) if kind == "major"]
    garrison = run.future.garrisons(day)[:, :, 0]
    staged = [i for i, b in enumerate(layout.behaves) if b == "staged"]
    gathered = np.max([run.future.still_there(i, day)[:, 0] for i in staged], axis=0)
    return {
        "heavy_transport_surge": unusual * seen("transport_flights", flights),
        "air_defence_dismantled": expit(40.0 * (left("air_defence") - NOTABLE)),
        "combat_aircraft_departed": expit(40.0 * (left("jets") - NOTABLE)),
        "helicopters_departed": expit(40.0 * (left("helicopters") - NOTABLE)),
        "ground_convoys": seen("convoys", lifted("convoys")),
        "equipment_staged": np.maximum(gathered, left("equipment")) > NOTABLE,
        "sealift_inbound": seen(
            "ships_loading", lifted("ships_loading") + routine("ships_loading", crisis=True)
        ),
        "outlying_vacated": garrison[:, outposts].max(axis=1) > NOTABLE,
        "base_handed_over": garrison[:, majors].max(axis=1) >= EXIT_LINE,
    }

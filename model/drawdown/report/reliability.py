"""How often what was called likely came: stated probabilities against frequencies."""

from pathlib import Path

import numpy as np

from drawdown.outcomes import OUTCOMES
from drawdown.report.style import drawing, save

DRAWS = 2000
SIZE = (7.6, 2.9)


def reliability_figure(stated: np.ndarray, came: np.ndarray, folder: Path) -> Path:
    """Draw one panel an outcome, by pool-adjacent-violators rather than bins.

    Parameters
    ----------
    stated : dims (case, outcome)
    came : int array, dims (case,)
    folder : Path
        Made if absent; holds `reliability.svg` and `.png`.

    Returns
    -------
    Path
        Of the SVG.
    """
    import arviz as az
    import arviz_plots

    rng = np.random.default_rng(0)
    cut = np.cumsum(stated, axis=1)[:, :-1]
    drawn = (rng.random((DRAWS, len(came), 1)) > cut).sum(axis=-1)
    tree = az.from_dict(
        {"posterior_predictive": {"outcome": drawn[None]}, "observed_data": {"outcome": came}}
    )
    folder.mkdir(parents=True, exist_ok=True)
    with drawing("reliability"):
        plot = arviz_plots.plot_ppc_pava(
            tree,
            data_type="categorical",
            ci_prob=0.9,
            backend="matplotlib",
            figure_kwargs={"figsize": SIZE},
            visuals={"title": False},
        )
        figure = plot.viz["figure"].item()
        for axes, outcome in zip(figure.axes, OUTCOMES, strict=False):
            axes.set_title(outcome.replace("_", " "))
            axes.set_xlabel("probability stated")
            axes.set_ylabel("share that came")
            axes.set_xlim(0.0, 1.0)
            axes.set_ylim(0.0, 1.0)
        figure.subplots_adjust(left=0.08, right=0.98, bottom=0.2, top=0.88, wspace=0.35)
        for suffix in (".png", ".svg"):
            save(figure, folder / f"reliability{suffix}")
    return folder / "reliability.svg"

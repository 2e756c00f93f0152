"""How the past episodes are read: weights of cases and strength of pooling, from `learning.yaml`."""

from dataclasses import dataclass
from pathlib import Path

from drawdown.errors import InputError
from drawdown.files.fields import Reader
from drawdown.files.indicator import Teller
from drawdown.files.judgement import Judgement
from drawdown.files.priors import DIRECTORY
from drawdown.files.reference import CONFIDENCE
from drawdown.files.yamlmarks import Node, load_yaml

FILE = "learning.yaml"


@dataclass(frozen=True)
class Learning:
    """Settings of the learned strand.

    Attributes
    ----------
    near_settled : float
        Weight of a case that was all but settled, times that of its confidence.
    confidence : dict
        Confidence in the outcome to weight.
    cluster_at_most : float
        Largest sum of the weights of one cluster.
    pseudo_cases, loading : Judgement
        Positive, on the log scale.
    retained_times : tuple of float
        Factors on the share of retained cases that are shown beside one another.
    """

    near_settled: float
    confidence: dict[str, float]
    cluster_at_most: float
    pseudo_cases: Judgement
    loading: Judgement
    retained_times: tuple[float, ...]


def load_learning(path: Path | None = None) -> Learning:
    """Read the settings; by default those beside the priors.

    Raises
    ------
    InputError
        With every problem of the file.
    """
    root, _, problems = load_yaml(path or DIRECTORY / FILE)
    reader = Reader()
    reader.problems += problems
    teller = Teller(reader)
    top = reader.fields(root, ("weights", "pooling", "base_rates")) if root is not None else {}
    weights = _inside(reader, top.get("weights"), ("near_settled", "confidence", "cluster"))
    confidence = _inside(reader, weights.get("confidence"), CONFIDENCE)
    pooling = _inside(reader, top.get("pooling"), ("cases", "loading"))
    found = Learning(
        near_settled=teller.share("weights.near_settled", weights.get("near_settled")),
        confidence={c: teller.share(f"weights.confidence.{c}", confidence.get(c)) for c in CONFIDENCE},
        cluster_at_most=_at_most(teller, weights.get("cluster")),
        pseudo_cases=teller.judgement("pooling.cases", pooling.get("cases"), "log"),
        loading=teller.judgement("pooling.loading", pooling.get("loading"), "log"),
        retained_times=_times(teller, top.get("base_rates")),
    )
    if reader.problems:
        raise InputError(reader.problems)
    return found


def _inside(reader: Reader, node: Node | None, keys: tuple[str, ...]) -> dict[str, Node]:
    return reader.fields(node, keys) if node is not None else {}


def _at_most(teller: Teller, node: Node | None) -> float:
    fields = _inside(teller.reader, node, ("at_most", "why"))
    out = teller.reader.positive(fields.get("at_most"))
    teller.tell("weights.cluster", f"at most {out:g} cases", fields)
    return out


def _times(teller: Teller, node: Node | None) -> tuple[float, ...]:
    fields = _inside(teller.reader, node, ("retained_times", "why"))
    times = fields.get("retained_times")
    teller.tell("base_rates", "", fields)
    if times is None:
        return ()
    if not times.items:
        teller.reader.problems.append(times.problem(times.shown(), "factors, as [1, 2, 4]"))
    return tuple(teller.reader.positive(item) for item in times.items)

"""A judgement: what a forecaster says of a number, and the distribution that it becomes."""

import math
from dataclasses import dataclass
from statistics import NormalDist

from drawdown.files.fields import Reader, quotes
from drawdown.files.yamlmarks import Node, scalar

FORMS = ("between", "about", "quantiles", "distribution")
KEYS = (*FORMS, "within_factor", "sure", "unit", "why", "url")
NAMES = {"log": "lognormal", "logit": "logitnormal", "normal": "normal"}
DEFAULT_SURE = 0.8
LEAST_APART = 1e-6
"""Between the chances of two quantiles."""
FAR = 100.0
LARGEST_MISFIT = 0.10
"""Of the range of the quantiles: beyond it the distribution would not say what was said."""
STANDARD = NormalDist()
SURENESS = (0.01, 0.9999)
"""Less sure than the one, or surer than the other, an interval is no longer a judgement."""
MIDDLE = {"log": (-20.7233, 20.7233), "logit": (-16.1181, 16.1181), "normal": (-1.0, 2.0)}
"""Where the middle of a distribution may lie, by family: from a billionth to a billion, and so on."""
WIDEST = {"log": 10.0, "logit": 10.0, "normal": 2.0}


@dataclass(frozen=True)
class Judgement:
    """A normal distribution on the scale of its family.

    Attributes
    ----------
    family : str
        `log` for positive quantities, `logit` for shares and chances, `normal` for shares that are
        added up.
    mu, sd : float
        On that scale.
    said : str
        The judgement as a sentence.
    """

    family: str
    mu: float
    sd: float
    unit: str = ""
    why: str = ""
    url: str = ""
    said: str = ""

    def quantile(self, p: float) -> float:
        """Return a quantile in natural units."""
        return _natural(self.family, self.mu + self.sd * STANDARD.inv_cdf(p))


PLACEHOLDER = Judgement("log", 0.0, 1.0)
"""Stands for a judgement that could not be read; never leaves a reader."""


def read_judgement(
    reader: Reader, node: Node | None, family: str, unit: str = "", extra: tuple[str, ...] = ()
) -> Judgement:
    """Read a judgement in one of its four forms.

    Parameters
    ----------
    reader : Reader
        Collects the problems.
    node : Node or None
        The block; None where it is missing, which the caller has reported.
    family : str
    unit : str
        Used where the block names none; a block that names another one is a problem.
    extra : tuple of str
        Keys of the block that belong to the caller.
    """
    if node is None:
        return PLACEHOLDER
    fields = reader.fields(node, ("why",), tuple(k for k in (*KEYS, *extra) if k != "why"))
    if not fields:
        return PLACEHOLDER
    why, url = reader.why(fields), reader.url(fields.get("url"))
    named = reader.text(fields["unit"]) if "unit" in fields else unit
    if unit and named != unit:
        reader.problems.append(fields["unit"].problem(f"unit `{named}`", f"`{unit}`"))
    forms = [form for form in FORMS if form in fields]
    if len(forms) != 1:
        wrong = " and ".join(f"`{form}`" for form in forms) if forms else "a judgement without a value"
        reader.problems.append(node.key_problem(wrong, f"exactly one of {', '.join(FORMS)}"))
        return PLACEHOLDER
    before = len(reader.problems)
    form = _Form(reader, fields, family, named)
    mu, sd, said = getattr(form, forms[0])()
    low, high = MIDDLE[family]
    if len(reader.problems) == before and not (low <= mu <= high and 0 < sd <= WIDEST[family]):
        given = node.fields[forms[0]]
        shown = " and ".join(f"{_natural(family, end):.3g}" for end in MIDDLE[family])
        wrong = f"a distribution with its middle at {mu:.3g} and a spread of {sd:.3g} on its own scale"
        expected = f"a middle between {shown} and a spread of at most {WIDEST[family]:g}"
        reader.problems.append(given.problem(wrong, expected))
    if len(reader.problems) > before:
        return PLACEHOLDER
    return Judgement(family, mu, sd, named, why, url, said)


class _Form:
    """The four forms; each returns location, scale and sentence."""

    def __init__(self, reader: Reader, fields: dict[str, Node], family: str, unit: str):
        self.reader, self.fields, self.family, self.unit = reader, fields, family, unit
        self._refuse_strays()

    def between(self) -> tuple[float, float, str]:
        node = self.fields["between"]
        values = self.pair(node, "two values, [low, high]")
        if values is None:
            return 0.0, 1.0, ""
        low, high = (self.scale(value) for value in values)
        if math.isnan(low) or math.isnan(high):
            return 0.0, 1.0, ""
        if not low < high:
            self.wrong(node, f"[{values[0].text}, {values[1].text}]", "low below high")
            return 0.0, 1.0, ""
        sure = self.sure()
        mid, half = (low + high) / 2, (high - low) / 2
        ends = " and ".join(show(value) for value in values)
        said = f"{sure * 100:g} % sure between {ends}{self.tail()}"
        return mid, half / STANDARD.inv_cdf((1 + sure) / 2), said

    def about(self) -> tuple[float, float, str]:
        node, factor = self.fields["about"], self.fields.get("within_factor")
        if self.family == "normal":
            self.wrong(node, "`about` for a share that is added up", "`between: [low, high]`")
            return 0.0, 1.0, ""
        if factor is None:
            self.wrong(node, "`about` without `within_factor`", "`within_factor: 2` beside it")
            return 0.0, 1.0, ""
        mu = self.scale(node)
        if not (factor.kind == "number" and isinstance(factor.value, float) and factor.value > 1):
            self.wrong(factor, factor.shown(), "a factor above 1")
            return 0.0, 1.0, ""
        sure = self.sure()
        odds = " in odds" if self.family == "logit" else ""
        said = (
            f"about {show(node)}{self.tail()}, {sure * 100:g} % sure within a factor of"
            f" {factor.value:g}{odds}"
        )
        return mu, math.log(factor.value) / STANDARD.inv_cdf((1 + sure) / 2), said

    def quantiles(self) -> tuple[float, float, str]:
        """Fit by least squares on the scale of the family."""
        node = self.fields["quantiles"]
        points = []
        for key, value in node.fields.items():
            p, kind = scalar(key)
            if kind not in ("percent", "number") or not isinstance(p, float) or not 0 < p < 1:
                problem = value.key_problem(f"`{key}`", "a percentage between 0% and 100%")
                self.reader.problems.append(problem)
                return 0.0, 1.0, ""
            points.append((p, self.scale(value), value))
        points.sort(key=lambda point: point[0])
        x = [point[1] for point in points]
        if any(math.isnan(value) for value in x):
            return 0.0, 1.0, ""
        rising = all(a < b for a, b in zip(x, x[1:], strict=False))
        apart = all(b[0] - a[0] > LEAST_APART for a, b in zip(points, points[1:], strict=False))
        if len(points) < 2 or not (rising and apart):
            expected = "at least two quantiles, rising, as {10%: 2, 50%: 9, 90%: 60}"
            self.wrong(node, node.shown(), expected)
            return 0.0, 1.0, ""
        z = [STANDARD.inv_cdf(point[0]) for point in points]
        mu, sd = _line(z, x)
        if abs(mu) + abs(sd) > FAR:
            # what has no natural value is refused as a distribution, whatever its quantiles
            return mu, sd, ""
        said_at = [_natural(self.family, value) for value in x]
        fitted = [_natural(self.family, mu + sd * value) for value in z]
        off = max(abs(a - b) for a, b in zip(said_at, fitted, strict=True))
        if off > LARGEST_MISFIT * (said_at[-1] - said_at[0]):
            near = zip(points, fitted, strict=True)
            fits = ", ".join(f"{point[0] * 100:g}%: {value:.3g}" for point, value in near)
            wrong = f"no {NAMES[self.family]} distribution has these quantiles"
            self.wrong(node, wrong, f"something near {fits}")
        listed = ", ".join(f"{point[0] * 100:g} %: {show(point[2])}" for point in points)
        return mu, sd, f"quantiles {listed}{self.tail()}"

    def distribution(self) -> tuple[float, float, str]:
        node, name = self.fields["distribution"], NAMES[self.family]
        expected = f"{{{name}: [mu, sd]}}"
        if list(node.fields) != [name]:
            self.wrong(node, ", ".join(f"`{key}`" for key in node.fields) or node.shown(), expected)
            return 0.0, 1.0, ""
        values = self.pair(node.fields[name], expected)
        if values is None:
            return 0.0, 1.0, ""
        mu, sd = (v.value if isinstance(v.value, float) else 0.0 for v in values)
        if sd <= 0 or any(v.kind not in ("number", "percent") for v in values):
            wrong = f"[{values[0].text}, {values[1].text}]"
            self.wrong(node.fields[name], wrong, f"{expected}, sd above 0")
            return 0.0, 1.0, ""
        said = f"{name} with location {mu:g} and scale {sd:g}{self.tail()}"
        return mu, sd, said

    def sure(self) -> float:
        """Return the chance of the interval."""
        node = self.fields.get("sure")
        if node is None:
            return DEFAULT_SURE
        sure = self.reader.chance(node)
        low, high = SURENESS
        if low <= sure <= high:
            return sure
        # what is no chance at all has been refused already
        if node.kind in ("number", "percent") and 0.0 <= sure <= 1.0:
            self.wrong(node, node.shown(), f"from {low * 100:g}% to {high * 100:g}%")
        return DEFAULT_SURE

    def scale(self, node: Node) -> float:
        """Read a value and put it on the scale of the family."""
        value = node.value
        share = self.family != "log"
        kinds = ("number", "percent") if share else ("number", "days")
        if node.kind not in kinds or not isinstance(value, float):
            self.wrong(node, node.shown(), "a percentage" if share else "a number", quotes(node))
        elif not share and value > 0:
            return math.log(value)
        elif self.family == "logit" and 0 < value < 1:
            return math.log(value / (1 - value))
        elif self.family == "normal" and 0 <= value <= 1:
            return value
        elif share:
            hint = f"`{node.text}%`" if node.kind == "number" and 1 < value < 100 else ""
            self.wrong(node, node.shown(), "more than 0% and less than 100%", hint)
        else:
            self.wrong(node, node.shown(), "a number above 0")
        return math.nan

    def pair(self, node: Node, expected: str) -> tuple[Node, Node] | None:
        if len(node.items) == 2:
            return node.items[0], node.items[1]
        self.wrong(node, f"{len(node.items)} values" if node.items else node.shown(), expected)
        return None

    def tail(self) -> str:
        return f" {self.unit}" if self.unit else ""

    def wrong(self, node: Node, wrong: str, expected: str, hint: str = "") -> None:
        self.reader.problems.append(node.problem(wrong, expected, hint))

    def _refuse_strays(self) -> None:
        """Refuse a key that belongs to another form: it would be silently without effect."""
        if "within_factor" in self.fields and "about" not in self.fields:
            self.reader.problems.append(
                self.fields["within_factor"].key_problem("`within_factor` without `about`", "both")
            )
        interval = "between" in self.fields or "about" in self.fields
        if "sure" in self.fields and not interval:
            wrong, expected = "`sure` without an interval", "`between` or `about`"
            self.reader.problems.append(self.fields["sure"].key_problem(wrong, expected))


def show(node: Node) -> str:
    """Show a value as a sentence has it."""
    return node.text.removesuffix("%").rstrip() + " %" if node.kind == "percent" else node.text


def _natural(family: str, value: float) -> float:
    if family == "log":
        return math.exp(value)
    if family == "logit":
        return 1 / (1 + math.exp(-value)) if value >= 0 else 1 - 1 / (1 + math.exp(value))
    return value


def _line(z: list[float], x: list[float]) -> tuple[float, float]:
    """Fit x = mu + sd z by least squares."""
    n = len(z)
    mean_z, mean_x = sum(z) / n, sum(x) / n
    sd = sum((a - mean_z) * (b - mean_x) for a, b in zip(z, x, strict=True)) / sum(
        (a - mean_z) ** 2 for a in z
    )
    return mean_x - sd * mean_z, sd

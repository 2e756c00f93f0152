"""Yardsticks of likelihood as data: words, the whole percents they cover, the sentences they make.

Change a band only with a new version; a report names the version that it used.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Band:
    """Whole percents from `low` to `high` and what they are called.

    `sentence` takes `outcome` (with its article in the text) and `percent`.
    """

    low: int
    high: int
    word: str
    sentence: str


@dataclass(frozen=True)
class Yardstick:
    """A scale of words. Of two bands that touch, the upper holds the edge; a scale may have gaps."""

    key: str
    name: str
    version: str
    bands: tuple[Band, ...]

    def at(self, percent: float) -> tuple[Band, ...]:
        """The band of a percent; in a gap the two bands beside it."""
        if not 0.0 <= percent <= 100.0:
            raise ValueError(f"not a percent: {percent}")
        below = max((band for band in self.bands if band.low <= percent), key=lambda band: band.low)
        if percent <= below.high:
            return (below,)
        return below, self.bands[self.bands.index(below) + 1]

    def word(self, percent: float) -> str:
        """Word of a percent."""
        found = [band.word for band in self.at(percent)]
        return found[0] if len(found) == 1 else f"between {found[0]} and {found[1]}"

    def sentence(self, outcome: str, percent: int) -> str:
        """One sentence, word and number together."""
        found = self.at(percent)
        if len(found) == 1:
            return found[0].sentence.format(outcome=outcome, percent=percent)
        words = self.word(percent)
        return f"The chance of a {outcome} lies {words} ({percent} %)."


_IS = "A {{outcome}} is {word} ({{percent}} %)."
_CHANCE = "There is {word} of a {{outcome}} ({{percent}} %)."
_EVEN = "The chance of a {{outcome}} is {word} ({{percent}} %)."


def _bands(*rows: tuple[int, int, str, str]) -> tuple[Band, ...]:
    return tuple(Band(low, high, word, form.format(word=word)) for low, high, word, form in rows)


ICD203 = Yardstick(
    "icd-203",
    "ICD 203",
    "2015",
    _bands(
        (0, 5, "almost no chance", _CHANCE),
        (5, 20, "very unlikely", _IS),
        (20, 45, "unlikely", _IS),
        (45, 55, "roughly even", _EVEN),
        (55, 80, "likely", _IS),
        (80, 95, "very likely", _IS),
        (95, 100, "almost certain", _IS),
    ),
)
"""Terms of Intelligence Community Directive 203, one row of its two; bands touch."""
PHIA = Yardstick(
    "phia",
    "the PHIA probability yardstick",
    "2025",
    _bands(
        (0, 5, "a remote chance", _CHANCE),
        (10, 20, "highly unlikely", _IS),
        (25, 35, "unlikely", _IS),
        (40, 49, "a realistic possibility", _IS),
        (55, 75, "likely", _IS),
        (80, 90, "highly likely", _IS),
        (95, 100, "almost certain", _IS),
    ),
)
"""The yardstick of UK defence intelligence; its ranges have gaps on purpose."""
YARDSTICKS = {yardstick.key: yardstick for yardstick in (ICD203, PHIA)}

"""What went wrong, in the forecaster's words, and the exit code that goes with it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

LONGEST = 500
"""Characters of each part of a message: a cell of a megabyte is not quoted whole."""
UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong in a file.

    Attributes
    ----------
    file : str
        As the forecaster knows it, relative to the working directory where possible.
    line, column : int
        Counted from one; 0 where there is no such place.
    wrong : str
        What is there.
    expected : str
        What should be there.
    hint : str
        What was probably meant.
    """

    file: str
    line: int
    column: int
    wrong: str
    expected: str = ""
    hint: str = ""

    def __str__(self) -> str:
        file = self.file if len(self.file) <= LONGEST else f"... {self.file[4 - LONGEST :]}"
        place = ":".join([file, *(str(n) for n in (self.line, self.column) if n)])
        text = f"{place}: {clipped(self.wrong)}"
        if self.expected:
            text += f"; expected {clipped(self.expected)}"
        if self.hint:
            text += f"; did you mean {clipped(self.hint)}?"
        return printable(text)


class InputError(Exception):
    """Bad input: every problem that was found; nothing has been written."""

    exit_code = 2

    def __init__(self, problems: Iterable[Problem]):
        self.problems = tuple(sorted(set(problems), key=lambda p: (p.file, p.line, p.column, p.wrong)))
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[type, tuple[tuple[Problem, ...]]]:
        # raised on a worker, it comes home whole
        return type(self), (self.problems,)


class FitError(Exception):
    """A fit that failed its checks."""

    exit_code = 3

    def __init__(self, message: str):
        self.message = message
        super().__init__(message)


def printable(text: str) -> str:
    """Return text that cannot drive a terminal: what is quoted in a message was written by anybody."""
    return UNPRINTABLE.sub(lambda found: f"<U+{ord(found[0]):04X}>", text)


def clipped(text: str) -> str:
    """Return text cut short where it is too long for a line."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 4]} ..."


def did_you_mean(word: str, candidates: Iterable[str]) -> str:
    """Return the candidate nearest to a word, quoted; empty if none is near."""
    known, word = sorted(candidates), word.lower()
    begun = [name for name in known if name.startswith(word)]
    near = begun if word and len(begun) == 1 else get_close_matches(word, known, n=1, cutoff=0.6)
    return f"`{near[0]}`" if near else ""

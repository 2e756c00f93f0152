"""The assessment that a question about a question starts from: stored draws, or a fit."""

from collections.abc import Callable
from datetime import date

from drawdown.answers.assess import Assessment, Question, assess
from drawdown.answers.publish import report_folder
from drawdown.answers.stored import stored
from drawdown.errors import FitError

Progress = Callable[[str], None]


def base_assessment(
    q: Question,
    as_of: date | None,
    *,
    quick: bool = False,
    fitting: Callable[[], None] = lambda: None,
    progress: Progress = lambda _: None,
) -> Assessment:
    """Read the assessment of a question from its report folder, or fit it.

    Parameters
    ----------
    q : Question
    as_of : date or None
        As it was asked for; it names the folder.
    quick : bool
        Whether a fit, where one is needed, may have few draws.
    fitting : callable
        Told once that no stored draws answer the question.

    Raises
    ------
    FitError
        If the fit failed its checks, stored or new.
    """
    for asked in dict.fromkeys((as_of, q.view.as_of, None)):
        for fewer in (False, True) if quick else (False,):
            found = stored(q, report_folder(q, asked, fewer))
            if found is not None:
                return _passed(found)
    fitting()
    return _passed(assess(q, quick=quick, progress=progress))


def _passed(a: Assessment) -> Assessment:
    if not a.passed:
        failed = "; ".join(f"{r.name} {r.value:.3g}" for r in a.readings if not r.passed)
        raise FitError(f"the fit failed its checks ({failed})")
    return a

"""What stands under each figure: enough to read it by itself on a slide."""

from drawdown.report.carried import MOST_CARRIED, MOST_MOVED

CAPTIONS = {
    "course": (
        "Each step is an assessment as of its date, with the priors of this run. Hollow marks: "
        "before any report. Dashed: the date of this one. Numbers on the foot: the origins that "
        "moved it most."
    ),
    "outcomes": (
        "Bars: the answer now. Whiskers: two Monte Carlo errors either way. Hollow marks: before "
        "any report."
    ),
    "carries": (
        "One row a cause, three marks a row. Above, where there is an earlier assessment: what "
        f"moved it since, at most {MOST_MOVED} rows. Below: the answer less the answer without an "
        f"origin, at most {MOST_CARRIED} rows. Hollow: fitted again without those reports."
    ),
    "sites": (
        "Median, 50 % and 90 % bands of the share still there. Dots: counts over the baseline, with"
        " what the report allows; up-arrows: at least; rings: looked, none. Paler: after {as_of}, "
        "or no report at all."
    ),
    "exit": (
        "Chance that a full exit is complete, and that the garrison of each major base has gone, by"
        " each date. What is under way and not done does not count."
    ),
    "looks": (
        "One row a look that could still be had, most worth having first. Filled: the chance of the"
        " outcome if it shows what the row says. Hollow: if somebody looks and it does not. Dashed:"
        " now."
    ),
    "predictive": (
        "What one look would count if the force ends so, before any report: median, and 5 to 95 % "
        "of looks. Where the three overlap, a look says little about the outcome."
    ),
    "sensitivity": (
        "One row a judgement that another person could make. Line: from the answer now, dashed, to "
        "the answer then. Band: the range of all that were tried."
    ),
}

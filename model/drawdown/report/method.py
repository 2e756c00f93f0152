"""Fixed text of the page: the method, what is measured, graded and judged, and the selection bias."""

METHOD = (
    "Each outcome is a hypothesis with a model of its own: at every site a garrison and stocks that "
    "leave along a curve with a start, a length and an end. A report is read as an interval of a "
    "count. The model asks how well each hypothesis foretold the reports, and weighs the base rates by"
    " the answers.",
    "Two strands share one result. The physical strand reads what was counted and says how far and how"
    " fast. The political strand reads what was said and decided and says whether; it was learned from"
    " past cases. The draws of each hypothesis are then run on to the horizon, late starts and returns"
    " included, and the rule is applied: how it ends and where it stands on the day are two questions.",
    "One origin has one vote. Reports that repeat a look add nothing, and every report may be wrong, "
    "with a chance set by the grade of its source. No row means that nobody looked; a count of none "
    "means that somebody did.",
)
KINDS = (
    (
        "Measured",
        "counts in reports, their dates, and the outcomes and indicators of the past cases",
    ),
    (
        "Graded",
        "how far each source is trusted, from A1 to F6; no published table says how often a grade is "
        "right, so the chances are judgements in an order",
    ),
    (
        "Judged",
        "base rates, the shares of the sites, the stocks before the trigger, when a force starts to "
        "leave and how much of it is seen; every judgement is listed in priors.yaml with its reason",
    ),
)
SELECTION = (
    "The political strand was learned from 42 past cases: 19 full exits, 12 partial redeployments and "
    "11 retained. They were chosen because something moved. Full exits are over-sampled, since they "
    "make history books, and quiet non-events are far under-sampled, so the true share of retained "
    "after a first sign is higher than in the sample; sample shares are not population rates.",
    "One coder who knew the outcomes picked and coded the cases, and the code of a statement of "
    "staying is partly definitional for partial redeployments. The Sahel cases of 2021 to 2024 are one"
    " cluster with one cause, and perhaps 25 cases are independent. Physical signs were coded mostly "
    "where someone looked, so what is missing is not missing at random. Democracies announce and "
    "Russia often does not: pooling over states may mislead. Indicators depend on one another, and the"
    " model does not multiply them as if they did not.",
)
READING = {
    "change": (
        "The rows are printed in tenths of a point so that they add up; a tenth is finer than the error "
        "of the simulation."
    ),
    "strands": (
        "The physical strand reads what was counted, the political strand what was said and decided. "
        "They do not add up to the answer, which weighs them together."
    ),
    "families": (
        "Log odds of each outcome, from the base rates to the answer: each family by its average over "
        "the orders in which the families could have come. The rows add up."
    ),
    "carries": (
        "Points that the answer gains or loses by one origin, or by the reports of one kind from one "
        "site: the answer less the answer without them, alone, given the rest. The rows do not add up."
    ),
    "sites": (
        "The garrison decides whether a site is given up; an empty yard alone does not. The range is 5"
        " to 95 %."
    ),
    "politics": (
        "What each outcome makes of a code: how many times as likely the code is under it as under the"
        " average of the three."
    ),
    "exit_by": (
        "An exit that is under way but not complete by the date does not count. The reserve is left out "
        "here, so that the last line may differ a little from the first screen."
    ),
    "looks": (
        "What the answer would be after one look, whatever it shows. Bits: how much the look is "
        "expected to say about the outcome; worth: bits times the chance of getting the look."
    ),
    "ends": (
        "The first column is how the drawdown ends, however long it takes; the rest is where it stands"
        " on the horizon in that case. The reserve is left out here."
    ),
    "sensitivity": (
        "The answer if one judgement were another that a reasonable person could make. A move of more "
        "than 15 points in any outcome is printed on the first screen as driven by prior."
    ),
    "power": (
        "Points on each outcome for a doubling of how firmly a judgement is held, largest first. Where "
        "k-hat is above 0.7 the weights do not hold and the number is a hint."
    ),
    "checks": (
        "A report whose fit fails one of these is stamped and replaces no report that passed. The last "
        "compares the reports with those that the posterior draws of each hypothesis make."
    ),
}

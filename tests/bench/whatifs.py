"""(d) A what-if from stored draws against fitting again."""

from machine import DAY, drawdown, seconds, syria

ASKED = ("reserve=5%", "lift=x0.7", "clock.lasts.*=x1.5", "sources.HUR=F6")


def table() -> list[str]:
    """Seconds of the answer by weights and by a fit, in turn, and of the whole command."""
    from drawdown.answers.alternatives import alternatives
    from drawdown.answers.base import base_assessment
    from drawdown.answers.retell import Teller
    from drawdown.files.setting import read_setting
    from drawdown.inference.fitted import FULL

    q = syria(DAY)
    teller = Teller(base_assessment(q, DAY))
    # the library of weights, once
    teller.reweighted(alternatives(q, (), [read_setting("lift=x0.9")], ())[1].question)
    rows = ["| what if | by weights | fitted again | ratio | whole command |", "| --- " * 5 + "|"]
    for asked in ASKED:
        other = alternatives(q, (), [read_setting(asked)], ())[1].question
        weighed, _ = seconds(lambda o=other: teller.reweighted(o).mcse)
        fitted, _ = seconds(lambda o=other: teller.refitted(o, FULL).mcse)
        ratio = f"{fitted / weighed:.0f}"
        if teller.reweighted(other).method == "exact":
            fitted, ratio = float("nan"), "nothing to fit"
        whole = drawdown("whatif", "evidence/syria-2024", "--as-of", DAY.isoformat(), "--set", asked)
        shown = f"{fitted:.1f} s" if fitted == fitted else ""
        rows.append(f"| `{asked}` | {weighed:.2f} s | {shown} | {ratio} | {whole.wall:.1f} s |")
    return rows

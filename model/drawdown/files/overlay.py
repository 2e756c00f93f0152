"""Overlays: a file of the same shape with most of it missing, laid over the priors below it."""

from dataclasses import replace

from drawdown.errors import did_you_mean
from drawdown.files.fields import Reader
from drawdown.files.indicator import FIELDS
from drawdown.files.yamlmarks import Node

FIXED = ("tracks", "of", "unit")
"""What an indicator is, rather than what is believed of it; the compiled model depends on it."""
OPEN = (("sources",),)
"""Where an overlay may add keys."""
INDICATORS = ("indicators",)
"""Where it may add a whole block, which says what it is; less than whole is a name mistyped."""


def overlay(reader: Reader, base: Node, over: Node, path: tuple[str, ...] = ()) -> Node:
    """Lay a file over another.

    A block with a `why` is replaced whole: a reason must not outlive the value that it was given
    for. Only what exists may be changed.

    Returns
    -------
    Node
        The merged tree; every value knows the file that it came from.
    """
    if base.kind == "map" and "why" in base.fields:
        return _with_unit(reader, base, over)
    if base.kind == "map":
        if over.kind != "map":
            keys = ", ".join(f"`{key}`" for key in base.fields)
            reader.problems.append(over.problem(over.shown(), f"keys ({keys})"))
            return base
        merged = dict(base.fields)
        for key, value in over.fields.items():
            if key in base.fields:
                merged[key] = overlay(reader, base.fields[key], value, (*path, key))
            elif path in OPEN or (path == INDICATORS and not (lacks := _lacks(value))):
                merged[key] = value
            elif path == INDICATORS:
                wrong = f"unknown indicator `{key}`, and no new one without {lacks}"
                hint = did_you_mean(key, base.fields)
                expected = "one of defaults.yaml, or a whole indicator"
                reader.problems.append(value.key_problem(wrong, expected, hint))
            else:
                wrong = f"unknown `{'.'.join((*path, key))}`"
                hint = did_you_mean(key, base.fields)
                expected = "something that defaults.yaml has"
                reader.problems.append(value.key_problem(wrong, expected, hint))
        return replace(base, value=merged)
    if path and path[-1] in FIXED:
        wrong = f"`{'.'.join(path)}` says what the indicator is"
        reader.problems.append(over.key_problem(wrong, "only judgements in an overlay"))
        return base
    return over


def _lacks(node: Node) -> str:
    """Name what keeps a block from being a whole indicator."""
    said = node.fields.get("tracks")
    if said is None or said.text not in FIELDS:
        return f"`tracks` ({', '.join(FIELDS)})"
    return ", ".join(f"`{key}`" for key in FIELDS[said.text][0] if key not in node.fields)


def lay_learned(reader: Reader, base: Node, over: Node) -> Node:
    """Lay in what past episodes say: the political indicators, the pace of an exit, nothing else."""
    given = reader.fields(over, ("reference", "indicators"), ("clock",))
    known = base.fields["indicators"].fields if "indicators" in base.fields else {}
    merged = dict(known)
    for name, value in given["indicators"].fields.items() if "indicators" in given else ():
        if name not in known:
            hint = did_you_mean(name, known)
            wrong = f"unknown indicator `{name}`"
            reader.problems.append(value.key_problem(wrong, "one of defaults.yaml", hint))
        elif "tracks" not in known[name].fields or known[name].fields["tracks"].text != "intent":
            wrong = f"`{name}` is no political indicator"
            reader.problems.append(value.key_problem(wrong, "one that tracks `intent`"))
        else:
            added = reader.fields(value, ("present", "shared"))
            merged[name] = replace(known[name], value=known[name].fields | added)
    if "indicators" not in base.fields:
        return base
    fields = base.fields | {"indicators": replace(base.fields["indicators"], value=merged)}
    if "clock" in given and "clock" in fields:
        lasts = reader.fields(given["clock"], ("lasts",))
        over = replace(given["clock"], value=lasts)
        fields["clock"] = overlay(reader, fields["clock"], over, ("clock",))
    return replace(base, value=fields)


def _with_unit(reader: Reader, base: Node, over: Node) -> Node:
    """Keep the unit where the overlay names none, and refuse another one."""
    unit = base.fields.get("unit")
    if over.kind != "map" or unit is None:
        return over
    if "unit" not in over.fields:
        return replace(over, value=over.fields | {"unit": unit})
    given = over.fields["unit"]
    if given.text != unit.text:
        reader.problems.append(given.problem(f"unit `{given.text}`", f"`{unit.text}`"))
    return over

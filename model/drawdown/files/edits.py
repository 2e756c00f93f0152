"""Priors as an earlier run had them, and where two sets of priors differ."""

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from drawdown.errors import InputError
from drawdown.files.fields import Reader
from drawdown.files.priors import Priors, Tree, build_priors
from drawdown.files.resolved import WORDS, plain
from drawdown.files.yamlmarks import Node, load_yaml

Keys = tuple[str, ...]
"""Keys from the root of a tree to a value."""


def restore_priors(path: Path, others: Path | None = None, paths: Collection[str] = ()) -> Priors:
    """Read priors as resolved back, as a report folder has them.

    Parameters
    ----------
    path : path
        A `priors.yaml` that `Priors.resolved_yaml` wrote.
    others : path, optional
        A second such file.
    paths : collection of str
        Of `edited_paths`: values that are taken from the second file.

    Raises
    ------
    InputError
        If a file cannot be read, or has not all that this version asks for.
    """
    reader = Reader()
    root = _load(reader, path)
    if others is not None:
        other = _load(reader, others)
        named = {".".join(path): path for path in differing(root, other)}
        for name in paths:
            root = transplant(root, other, named[name])
    return build_priors(reader, Tree(root, (), "", ("Priors as resolved",)))


def edited_paths(one: Path, two: Path) -> list[str]:
    """Paths of two files of priors as resolved at which their values differ, in the files' order.

    Raises
    ------
    InputError
        If a file cannot be read.
    """
    reader = Reader()
    return [".".join(path) for path in differing(_load(reader, one), _load(reader, two))]


def _load(reader: Reader, path: Path) -> Node:
    root, _, problems = load_yaml(path)
    reader.problems += problems
    if root is None or problems:
        raise InputError(reader.problems)
    return root


def differing(one: Node, two: Node, path: Keys = ()) -> list[Keys]:
    """Paths at which the values of two trees differ; a block with a `why` differs as a whole."""
    if plain(one, WORDS) == plain(two, WORDS):
        return []
    whole = one.kind != "map" or two.kind != "map" or "why" in one.fields or "why" in two.fields
    if whole and path:
        return [path]
    out = []
    for key in {**one.fields, **two.fields}:
        if key in WORDS:
            continue
        if key in one.fields and key in two.fields:
            out += differing(one.fields[key], two.fields[key], (*path, key))
        else:
            out.append((*path, key))
    return out


def transplant(base: Node, other: Node, path: Keys) -> Node:
    """Take the value at a path of `differing` from another tree, or take it away if none is there."""
    key, rest = path[0], path[1:]
    fields = dict(base.fields)
    if key not in other.fields:
        del fields[key]
    elif rest:
        fields[key] = transplant(base.fields[key], other.fields[key], rest)
    else:
        fields[key] = other.fields[key]
    return replace(base, value=fields)

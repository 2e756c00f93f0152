"""Priors as resolved, written back as YAML that a forecaster can read and edit."""

import hashlib
import json
import re
from datetime import date
from typing import Any

from drawdown.files.yamlmarks import Node, scalar

PLAIN = re.compile(r"[A-Za-z](?:[A-Za-z0-9 _./()%;-]*[A-Za-z0-9.)%])?")
PLAIN_KEY = re.compile(r"[A-Za-z0-9_]+%?")
WORDS = ("why", "url", "label")
"""What explains a value and cannot change an answer."""


def resolved_yaml(root: Node, header: tuple[str, ...]) -> str:
    """Write a merged tree as YAML; the same tree gives the same text."""
    lines = [f"# {line}" for line in header]
    for key, node in root.fields.items():
        lines += ["", *_block(key, node, "")]
    return "\n".join(lines) + "\n"


def values_sha256(root: Node) -> str:
    """Hash the values of a tree without the words that explain them."""
    text = json.dumps(plain(root, WORDS), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def plain(node: Node, leave_out: tuple[str, ...] = ()) -> Any:
    """Return a tree without its places."""
    if node.kind == "map":
        return {k: plain(v, leave_out) for k, v in node.fields.items() if k not in leave_out}
    if node.kind == "list":
        return [plain(item, leave_out) for item in node.items]
    return node.value.isoformat() if isinstance(node.value, date) else node.value


def _block(key: str, node: Node, indent: str) -> list[str]:
    """One key: on one line if it is a judgement, else its keys below it."""
    if node.kind != "map" or "why" in node.fields or not node.fields:
        return [f"{indent}{_key(key)}: {_flow(node)}"]
    lines = [f"{indent}{_key(key)}:"]
    for name, child in node.fields.items():
        lines += _block(name, child, indent + "  ")
    return lines


def _flow(node: Node) -> str:
    if node.kind == "map":
        return "{" + ", ".join(f"{_key(k)}: {_flow(v)}" for k, v in node.fields.items()) + "}"
    if node.kind == "list":
        return "[" + ", ".join(_flow(item) for item in node.items) + "]"
    if node.kind != "text":
        return node.text
    text = node.text.strip()
    bare = PLAIN.fullmatch(text) and scalar(text)[1] == "text"
    return text if bare else json.dumps(text, ensure_ascii=False)


def _key(key: str) -> str:
    return key if PLAIN_KEY.fullmatch(key) else json.dumps(key, ensure_ascii=False)

"""How likely a military drawdown ends as full exit, partial redeployment or retained presence."""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

PUBLIC = {
    "load_case": "drawdown.files.case",
    "load_priors": "drawdown.files.priors",
    "assess": "drawdown.answers.assess",
}
__all__ = ["__version__", "assess", "load_case", "load_priors"]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that `drawdown check` starts at once."""
    if name not in PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(PUBLIC[name]), name)

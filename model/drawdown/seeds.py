"""One integer seed, spawned by name for each stage, so that no stage disturbs another."""

import hashlib

import numpy as np


def stage_seed(seed: int, *stage: str) -> int:
    """Return the 32-bit seed of a named stage; the same names always give the same seed."""
    text = "/".join((str(seed), *stage))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")


def stage_generator(seed: int, *stage: str) -> np.random.Generator:
    """Return a generator for a named stage."""
    return np.random.default_rng(stage_seed(seed, *stage))

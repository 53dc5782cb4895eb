"""Weights and data by a formula, the same numbers as tests/web/formula.mjs makes, bit for bit.

Whole numbers are mixed in 32 bits, which both languages do exactly; the rest is arithmetic in float64 whose
every operation IEEE 754 rounds correctly, and one rounding to float32.
"""

import numpy as np


def mixed(tensor, count):
    """One number of 32 bits for each element of the tensor that has this number."""
    h = np.arange(1, count + 1, dtype=np.uint32) * np.uint32(0x9E3779B1)
    h ^= np.uint32((tensor + 1) * 0x632BE5AB % 2**32)
    for factor in (0x7FEB352D, 0x846CA68B):
        h ^= h >> np.uint32(16)
        h *= np.uint32(factor)
    return h ^ (h >> np.uint32(15))


def unit(tensor, shape):
    """Numbers in [-1, 1), in float64."""
    return (mixed(tensor, int(np.prod(shape))) >> np.uint32(8)).reshape(shape) / 2.0**23 - 1


def weight(name, tensor, shape, gain):
    """The values of a parameter or state, by the name and in the layout that lamella has for it."""
    u = unit(tensor, shape)
    if name in ("weights", "kernels"):
        fan_in = shape[0] if len(shape) == 2 else int(np.prod(shape[1:]))
        return (u * np.sqrt(gain / fan_in)).astype("float32")
    offset, factor = {
        "biases": (0, 0.1),
        "gamma": (1, 0.2),
        "beta": (0.5, 0.2),
        "cache_m": (0, 0.1),
        "cache_v": (1, 0.5),
    }[name]
    return (offset + factor * u).astype("float32")

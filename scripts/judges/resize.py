"""Writes tests/fixtures/images/resize.json: pictures at other sizes by Pillow, for tests/web/image-tensor.test.ts.

    python3 -m venv build/judges && build/judges/bin/pip install pillow==11.3.0 numpy==2.4.6
    build/judges/bin/python scripts/judges/resize.py

Pillow rounds bytes between its two passes, so each channel is resized as a picture of floats (mode F).
"""

import json
from pathlib import Path

import numpy as np
from PIL import Image

OUTPUT = Path(__file__).parents[2] / "tests/fixtures/images/resize.json"

# Height and width, channels, height and width afterwards, and what is cut out (left, top, width, height).
CASES = [
    ((13, 17), 3, (5, 4), None),
    ((13, 17), 4, (5, 4), None),
    ((9, 6), 3, (20, 11), None),
    ((8, 8), 1, (3, 13), None),
    ((40, 7), 3, (2, 7), None),
    ((30, 50), 4, (6, 6), (10, 0, 30, 30)),
    ((16, 12), 3, (7, 5), (2, 3, 8, 11)),
]


def pixels(height, width, channels):
    """The same bytes as in the test."""
    i = np.arange(height * width * channels, dtype=np.int64)
    return ((i * i * 7 + i * 13) % 251).astype(np.uint8).reshape(height, width, channels)


def resized(picture, size, part):
    """[channels, height, width]."""
    left, top, width, height = part or (0, 0, picture.shape[1], picture.shape[0])
    picture = picture[top : top + height, left : left + width].astype(np.float32)
    planes = [Image.fromarray(picture[:, :, c], mode="F") for c in range(picture.shape[2])]
    return [np.asarray(plane.resize(size[::-1], Image.Resampling.BILINEAR)) for plane in planes]


def main():
    cases = []
    for size, channels, target, part in CASES:
        planes = resized(pixels(*size, channels), target, part)
        numbers = [round(float(value), 3) for plane in planes for value in plane.ravel()]
        cases.append(
            {"size": size, "channels": channels, "target": target, "part": part, "wanted": numbers}
        )
    OUTPUT.write_text(json.dumps({"pillow": Image.__version__, "cases": cases}) + "\n")


main()

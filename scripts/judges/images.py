"""What Keras makes of images: writes tests/fixtures/images/augmentation.json.

Run in a virtual environment with keras 3.15.1, jax 0.10.2 and numpy 2.4.6:

    python scripts/judges/images.py

Factors whose bounds are equal leave nothing to chance. JAX is the backend: with it Keras has every fill
mode. Keras's images are channels-first here, as lamella's are.
"""

import json
import os
from pathlib import Path

os.environ["KERAS_BACKEND"] = "jax"
os.environ["JAX_PLATFORMS"] = "cpu"

import jax  # noqa: E402
import keras  # noqa: E402
import numpy as np  # noqa: E402

keras.config.set_image_data_format("channels_first")

SHAPE = (1, 2, 5, 6)
FILL_MODES = ("reflect", "wrap", "constant", "nearest")
INTERPOLATIONS = ("bilinear", "nearest")


def fixed(factor):
    return None if factor is None else (factor, factor)


def rounded(array):
    return [round(float(value), 6) for value in np.asarray(array).ravel()]


def main():
    generator = np.random.default_rng(22)
    images = generator.random(SHAPE).round(4).astype("float32")
    gradient = generator.standard_normal(SHAPE).round(4).astype("float32")
    cases = []

    def add(name, arguments, options, function):
        output, transpose = jax.vjp(function, images)
        cases.append(
            {
                "type": name,
                "arguments": arguments,
                "options": options,
                "output": rounded(output),
                "inputGradient": rounded(transpose(gradient)[0]),
            }
        )

    geometric = [
        ("RandomTranslation", [fixed(0.3), fixed(-0.45)]),
        ("RandomTranslation", [fixed(-0.9), fixed(0.25)]),
        ("RandomRotation", [fixed(0.1)]),
        ("RandomRotation", [fixed(-0.37)]),
        ("RandomZoom", [fixed(0.43), fixed(-0.31)]),
        ("RandomZoom", [fixed(-0.27)]),
        ("RandomZoom", [fixed(0.93)]),
    ]
    for name, factors in geometric:
        for fill_mode in FILL_MODES:
            for interpolation in INTERPOLATIONS:
                layer = getattr(keras.layers, name)(
                    *factors,
                    fill_mode=fill_mode,
                    fill_value=0.5,
                    interpolation=interpolation,
                )
                options = {
                    "fillMode": fill_mode,
                    "fillValue": 0.5,
                    "interpolation": interpolation,
                }
                add(name, factors, options, lambda x: layer(x, training=True))

    for factor in (0.31, -0.42):
        layer = keras.layers.RandomBrightness(fixed(factor), value_range=(0, 1))
        add(
            "RandomBrightness",
            [fixed(factor)],
            {"range": [0, 1]},
            lambda x: layer(x, training=True),
        )
    # Keras sorts the pair, so that a layer of its own has no factor below 1; its method does.
    for contrast in (1.7, 0.4):
        layer = keras.layers.RandomContrast(0.5, value_range=(0.1, 0.9))
        change = {"contrast_factor": np.full((SHAPE[0], 1, 1, 1), contrast, "float32")}
        add(
            "RandomContrast",
            [(round(1 - contrast, 6), round(contrast - 1, 6))],
            {"range": [0.1, 0.9]},
            lambda x: layer.transform_images(x, change, training=True),
        )

    flips = {}
    for mode in ("horizontal", "vertical", "horizontal_and_vertical"):
        layer = keras.layers.RandomFlip(mode)
        flip = {"flips": np.ones((SHAPE[0], 1, 1, 1), bool)}
        flips[mode] = rounded(layer.transform_images(images, flip, training=True))

    written = {
        "versions": {"keras": keras.__version__, "jax": jax.__version__},
        "shape": SHAPE,
        "images": rounded(images),
        "outputGradient": rounded(gradient),
        "cases": cases,
        "flips": flips,
    }
    folder = Path(__file__).parents[2] / "tests/fixtures/images"
    folder.mkdir(parents=True, exist_ok=True)
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    text = json.dumps({**written, "cases": "CASES"}, separators=(",", ":"))
    (folder / "augmentation.json").write_text(text.replace('"CASES"', f"[\n{lines}\n]") + "\n")


main()

"""What Keras makes of lamella/graph's activations, noise and changes of shape: writes
tests/fixtures/judges/activation.json.

Run in a virtual environment with keras 3.15.1, jax 0.10.2 and numpy 2.4.6:

    python scripts/judges/activation_layers.py

Numbers are those of inference, with the gradient of the input for a gradient of the output. The models are
as Keras writes them; images are channels-last there.
"""

import json
import os
from pathlib import Path

os.environ["KERAS_BACKEND"] = "jax"
os.environ["JAX_PLATFORMS"] = "cpu"

import jax  # noqa: E402
import keras  # noqa: E402
import numpy as np  # noqa: E402

from keras import layers  # noqa: E402

# Beside numbers where the functions bend, some that are small or would overflow.
EXTREMES = [1e-6, -1e-6, 1e-3, -1e-3, 12, -12, 40, -40, 88, -88, 95, -95]


def rounded(array, digits=8):
    return [float(f"{float(value):.{digits}g}") for value in np.asarray(array).ravel()]


def numbers(generator, shape, extremes=()):
    values = (3 * generator.standard_normal(shape)).round(4).astype("float32")
    values.ravel()[: len(extremes)] = extremes
    return values


def main():
    generator = np.random.default_rng(20)
    cases = []

    def add(name, arguments, layer, shape, extremes=()):
        x = numbers(generator, shape, extremes)
        output, transpose = jax.vjp(lambda x: layer(x, training=False), x)
        gradient = numbers(generator, output.shape)
        written = {
            "config": {"type": name, **arguments},
            "x": rounded(x, 7),
            "shape": shape,
            "output": rounded(output),
            "outputShape": output.shape,
            "outputGradient": rounded(gradient, 7),
            "inputGradient": rounded(transpose(gradient)[0]),
        }
        assert np.isfinite(written["output"] + written["inputGradient"]).all(), name
        cases.append(written)

    def activation(name, arguments, layer):
        add(name, arguments, layer, (4, 15), EXTREMES)

    activation("ELU", {}, layers.ELU())
    activation("ELU", {"alpha": 0.3}, layers.ELU(0.3))
    activation("ELU", {"alpha": 0}, layers.ELU(0.0))
    activation("SELU", {}, layers.Activation("selu"))
    activation("Softplus", {}, layers.Activation("softplus"))
    activation("Mish", {}, layers.Activation("mish"))
    activation("HardSigmoid", {}, layers.Activation("hard_sigmoid"))
    activation("Rescaling", {"scale": 1 / 127.5, "offset": -1}, layers.Rescaling(1 / 127.5, -1))
    activation("Rescaling", {"scale": -3}, layers.Rescaling(-3))
    for dims in [(2, 1), (1, 2)]:
        add("Permute", {"dims": dims}, layers.Permute(dims), (2, 5, 7))
    for dims in [(2, 3, 1), (3, 1, 2), (3, 2, 1), (1, 3, 2), (2, 1, 3)]:
        add("Permute", {"dims": dims}, layers.Permute(dims), (2, 3, 5, 4))
    add("Permute", {"dims": (4, 1, 3, 2)}, layers.Permute((4, 1, 3, 2)), (2, 3, 2, 4, 5))
    add("Repeat", {"n": 3}, layers.RepeatVector(3), (2, 5))
    # They do nothing in inference.
    add("GaussianNoise", {"standardDeviation": 0.5}, layers.GaussianNoise(0.5), (2, 5))
    channels_first = layers.SpatialDropout2D(0.5, data_format="channels_first")
    add("SpatialDropout2D", {"probability": 0.5}, channels_first, (2, 3, 2, 4))

    models = []

    def add_model(name, shape, *parts):
        model = keras.Sequential([keras.Input(shape), *parts], name=name)
        x = numbers(generator, (3, *shape))
        models.append(
            {
                "name": name,
                "json": model.to_json(),
                "x": rounded(x, 7),
                "shape": x.shape,
                "output": rounded(model(x, training=False)),
                "outputShape": [3, *model.output_shape[1:]],
            }
        )

    for name in ("elu", "selu", "softplus", "mish", "hard_sigmoid"):
        add_model(name, (6,), layers.Activation(name))
    add_model("ELU", (6,), layers.ELU(0.3))
    add_model("Rescaling", (4, 3, 2), layers.Rescaling(0.5, 2))
    add_model("RepeatVector", (6,), layers.RepeatVector(3))
    add_model("Permute", (4, 6), layers.Permute((2, 1)))
    # Images, of which every order is another than lamella's.
    for dims in [(2, 3, 1), (3, 1, 2), (3, 2, 1), (1, 3, 2), (2, 1, 3)]:
        add_model("images" + "".join(map(str, dims)), (4, 3, 2), layers.Permute(dims))
    add_model(
        "noise",
        (4, 3, 2),
        layers.GaussianNoise(0.5),
        layers.SpatialDropout2D(0.5, data_format="channels_last"),
    )

    folder = Path(__file__).parents[2] / "tests/fixtures/judges"
    folder.mkdir(parents=True, exist_ok=True)
    written = {
        "versions": {"keras": keras.__version__, "jax": jax.__version__},
        "cases": "CASES",
        "models": "MODELS",
    }
    text = json.dumps(written, indent=1)
    for word, items in (("CASES", cases), ("MODELS", models)):
        lines = ",\n".join(json.dumps(item, separators=(",", ":")) for item in items)
        text = text.replace(f'"{word}"', f"[\n{lines}\n]")
    (folder / "activation.json").write_text(text + "\n")


main()

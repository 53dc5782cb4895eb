"""What Keras makes of normalizations and PReLU: writes tests/fixtures/judges/normalization.json.

Run in a virtual environment with keras 3.15.1, jax 0.10.2 and numpy 2.4.6:

    python scripts/judges/normalization_layers.py

Single layers, whose samples have the channels first, with outputs and gradients; what adapt() makes of
data; and models with the channels last: as to_json() and numpy.savez write them, which is without the
whole numbers that Normalization counts in, and their weights as TensorFlow.js has them.
"""

import base64
import io
import json
import os
from pathlib import Path

os.environ["KERAS_BACKEND"] = "jax"
os.environ["JAX_PLATFORMS"] = "cpu"

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import keras  # noqa: E402
import numpy as np  # noqa: E402

layers = keras.layers
generator = np.random.default_rng(20)


def numbers(shape, low=-1.0, high=1.0):
    return generator.uniform(low, high, shape).round(4).astype("float32")


def rounded(array):
    return [float(f"{float(value):.7g}") for value in np.asarray(array).ravel()]


def layer_case(name, options, shape, layer, params, scale=1.0, last=False):
    """`params` are the layer's variables by lamella's names; `last` if it has the channels last."""
    x = (numbers(shape) * np.float32(scale)).astype("float32")
    layer.build((shape[0], *shape[2:], shape[1]) if last else shape)
    values = [numbers(variable.shape, 0.5, 1.5) for variable in layer.trainable_variables]
    fixed = [variable.value for variable in layer.non_trainable_variables]
    g = numbers(shape)

    def function(values, x):
        if not last:
            return layer.stateless_call(values, fixed, x)[0]
        output = layer.stateless_call(values, fixed, jnp.moveaxis(x, 1, -1))[0]
        return jnp.moveaxis(output, -1, 1)

    output, transpose = jax.vjp(function, values, x)
    gradients, input_gradient = transpose(g)
    return {
        "type": name,
        "options": options,
        "shape": shape,
        "params": {own: rounded(v) for own, v in zip(params, values, strict=True)},
        "input": rounded(x),
        "outputGradient": rounded(g),
        "output": rounded(output),
        "inputGradient": rounded(input_gradient),
        "gradients": {own: rounded(v) for own, v in zip(params, gradients, strict=True)},
    }


def layer_cases():
    both = ["gamma", "beta"]
    group = layers.GroupNormalization
    yield layer_case(
        "GroupNormalization", {"groups": 2}, (2, 6, 4, 3), group(2, axis=1), both
    )
    yield layer_case("GroupNormalization", {}, (2, 64, 2, 1), group(axis=1), both, 5)
    yield layer_case(
        "GroupNormalization",
        {"groups": 5, "epsilon": 0.1},
        (2, 5, 3, 4),
        group(5, axis=1, epsilon=0.1),
        both,
    )
    yield layer_case(
        "GroupNormalization", {"groups": 4}, (2, 5, 8), group(4, axis=-1), both
    )
    yield layer_case(
        "GroupNormalization",
        {"groups": 3, "axis": 0},
        (2, 6, 5),
        group(3, axis=1),
        both,
    )
    yield layer_case("GroupNormalization", {"groups": 2}, (3, 8), group(2), both)
    rms = layers.RMSNormalization
    yield layer_case("RMSNormalization", {}, (3, 7), rms(), ["gamma"])
    yield layer_case(
        "RMSNormalization",
        {"axis": -1, "epsilon": 0.1},
        (2, 5, 6),
        rms(axis=-1, epsilon=0.1),
        ["gamma"],
    )
    yield layer_case(
        "RMSNormalization", {"axis": 0}, (2, 6, 4, 3), rms(), ["gamma"], 9, last=True
    )
    yield layer_case(
        "RMSNormalization", {}, (2, 3, 4, 2), rms(axis=[1, 2, 3]), ["gamma"]
    )
    mean, variance = [0.5, -0.25, 2.0], [4.0, 0.25, 0.0]
    yield layer_case(
        "Normalization",
        {"mean": mean, "variance": variance},
        (2, 3, 4, 2),
        layers.Normalization(axis=1, mean=mean, variance=variance),
        [],
    )
    yield layer_case(
        "Normalization",
        {"mean": mean, "variance": variance},
        (2, 4, 3),
        layers.Normalization(axis=-1, mean=mean, variance=variance),
        [],
    )
    yield layer_case(
        "Normalization",
        {"mean": 0.5, "variance": 0.0625, "axis": 0},
        (2, 4, 3),
        layers.Normalization(axis=1, mean=0.5, variance=0.0625),
        [],
    )
    prelu = layers.PReLU
    yield layer_case(
        "ParametricReLU", {}, (2, 3, 4, 5), prelu(shared_axes=[2, 3]), ["alpha"]
    )
    yield layer_case("ParametricReLU", {}, (2, 4, 6), prelu(shared_axes=[1]), ["alpha"])
    yield layer_case("ParametricReLU", {}, (3, 7), prelu(), ["alpha"])


def adapted(shape, axis, own_axis):
    data = (numbers(shape) * 3 + 2).round(4).astype("float32")
    layer = layers.Normalization(axis=axis)
    layer.adapt(data)
    return {
        "options": {} if own_axis is None else {"axis": own_axis},
        "shape": shape,
        "data": rounded(data),
        "mean": rounded(layer.adapt_mean),
        "variance": rounded(layer.adapt_variance),
        "output": rounded(layer(data)),
    }


def model_case(shape, *own):
    model = keras.Sequential([keras.Input(shape), *own])
    for layer in model.layers:
        if isinstance(layer, layers.Normalization):
            if layer.input_mean is None:
                layer.adapt(numbers((16, *layer._build_input_shape[1:])) * 3 + 1)
        else:
            values = [numbers(weight.shape, 0.1, 1.5) for weight in layer.get_weights()]
            layer.set_weights(values)
    x = numbers((3, *shape), -2, 2)
    weights = [(weight.path, np.asarray(weight.value)) for weight in model.weights]
    file = io.BytesIO()
    np.savez(file, *(array for _, array in weights if array.dtype == np.float32))
    return {
        "json": model.to_json(),
        "npz": base64.b64encode(file.getvalue()).decode(),
        "weights": [
            {"name": name, "dtype": str(array.dtype), "shape": array.shape}
            for name, array in weights
        ],
        "bytes": base64.b64encode(b"".join(a.tobytes() for _, a in weights)).decode(),
        "shape": x.shape,
        "input": rounded(x),
        "output": rounded(model(x)),
    }


def main():
    written = {
        "versions": {"keras": keras.__version__, "jax": jax.__version__},
        "layers": list(layer_cases()),
        "adapted": [
            adapted((5, 3, 4, 2), 1, None),
            adapted((5, 4, 3), -1, None),
            adapted((5, 4, 3), 1, 0),
            adapted((6, 4), -1, None),
        ],
        "models": [
            model_case(
                (4, 3, 6),
                layers.Normalization(),
                layers.GroupNormalization(groups=2),
                layers.PReLU(shared_axes=[1, 2]),
                layers.RMSNormalization(),
            ),
            model_case(
                (5, 4),
                layers.Normalization(mean=[0.5, 0.1, -1, 2], variance=[1, 2, 0.5, 4]),
                layers.GroupNormalization(groups=-1, epsilon=0.1),
                layers.PReLU(shared_axes=[1]),
                layers.GroupNormalization(groups=5, axis=1),
                layers.RMSNormalization(epsilon=0.1),
            ),
            model_case(
                (6,),
                layers.Normalization(mean=0.5, variance=4.0),
                layers.GroupNormalization(groups=3),
                layers.PReLU(),
                layers.RMSNormalization(),
                layers.Dense(2),
            ),
            model_case(
                (3, 2, 4),
                layers.Flatten(),
                layers.Normalization(),
                layers.PReLU(),
                layers.RMSNormalization(),
                layers.Dense(2),
            ),
        ],
    }
    folder = Path(__file__).parents[2] / "tests/fixtures/judges"
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(written, separators=(",", ":"))
    # A case a line.
    text = text.replace('},{"type"', '},\n{"type"').replace('},{"options"', '},\n{"options"')
    (folder / "normalization.json").write_text(text.replace('},{"json"', '},\n{"json"') + "\n")


main()

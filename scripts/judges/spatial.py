"""What Keras's layers over images make: writes tests/fixtures/judges/spatial.json.

Run in a virtual environment with keras 3.15.1, jax 0.10.2 and numpy 2.4.6:

    python scripts/judges/spatial.py

Inputs, weights and output gradients are numbers of one formula, which tests/web/support.ts has, too; the
weights are in lamella's layouts. Images are channels-first, as lamella's are. JAX is the backend.
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


def numbers(shape, seed):
    """The numbers that `numbers` of tests/web/support.ts gives."""
    state, values = seed, []
    for _ in range(int(np.prod(shape))):
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        signed = state - (1 << 32) if state >= 1 << 31 else state
        values.append((signed >> 8) / 2**23)
    return np.array(values, "float32").reshape(shape)


def rounded(array):
    return [round(float(value), 6) for value in np.asarray(array).ravel()]


def outputs_first(kernel):
    """[height, width, inputs, outputs] of Keras to [outputs, inputs, height, width]."""
    return np.transpose(kernel, (3, 2, 0, 1))


def outputs_last(kernel):
    return np.transpose(kernel, (2, 3, 1, 0))


def depthwise_first(kernel):
    """[height, width, channels, multiplier] to [channels * multiplier, 1, height, width]."""
    height, width = kernel.shape[:2]
    return np.transpose(np.asarray(kernel).reshape(height, width, -1, 1), (2, 3, 0, 1))


def depthwise_last(kernel, channels):
    height, width = kernel.shape[2:]
    return np.transpose(kernel, (2, 3, 0, 1)).reshape(height, width, channels, -1)


def same(array, *_):
    return array


# The names of a layer's weights here, and how they come from Keras's and become Keras's.
DEPTHWISE = (depthwise_first, depthwise_last)
KERNELS = (outputs_first, lambda kernel, _: outputs_last(kernel))
BIASES = ("biases", same, same)
WEIGHTS = {
    "DepthwiseConv2D": [("kernels", *DEPTHWISE), BIASES],
    "SeparableConv2D": [("depthwiseKernels", *DEPTHWISE), ("pointwiseKernels", *KERNELS), BIASES],
    # Its kernels are those of the convolution that makes inputs of outputs.
    "Conv2DTranspose": [("kernels", *KERNELS), BIASES],
}


def main():
    cases = []

    def add(name, arguments, layer, shape, after=None):
        """A layer of lamella with its arguments, and Keras's layers that are the same."""
        layer.build((None, *shape))
        x = numbers((2, *shape), 1)
        weights = []
        for i, ((_, first, last), weight) in enumerate(zip(WEIGHTS.get(name, []), layer.weights)):
            ours = numbers(first(np.zeros(weight.shape)).shape, 3 + i)
            weights.append(jax.numpy.asarray(last(ours, shape[0])))

        def run(x, weights):
            y = layer.stateless_call(weights, [], x)[0]
            return y if after is None else after(y)

        y, transpose = jax.vjp(run, x, weights)
        input_gradient, gradients = transpose(jax.numpy.asarray(numbers(y.shape, 2)))
        cases.append(
            {
                "type": name,
                "arguments": arguments,
                "inputShape": shape,
                "outputShape": y.shape[1:],
                "output": rounded(y),
                "inputGradient": rounded(input_gradient),
                "gradients": {
                    own: rounded(first(gradient))
                    for (own, first, _), gradient in zip(WEIGHTS.get(name, []), gradients)
                },
            }
        )

    layers = keras.layers
    image = (3, 5, 6)
    for padding in (1, (2, 1), ((0, 1), (2, 3))):
        add("ZeroPadding2D", {"padding": padding}, layers.ZeroPadding2D(padding), image)
    for cropping in (1, (2, 1), ((0, 1), (2, 3))):
        add("Cropping2D", {"cropping": cropping}, layers.Cropping2D(cropping), image)

    for interpolation in ("nearest", "bilinear"):
        for size in (2, (3, 1), (1, 4), (2, 5)):
            arguments = {"size": size, "interpolation": interpolation}
            add("UpSampling2D", arguments, layers.UpSampling2D(**arguments), (2, 3, 4))
        for height, width in ((7, 9), (3, 4), (2, 11), (1, 1), (5, 6)):
            arguments = {"height": height, "width": width, "interpolation": interpolation}
            add("Resizing", arguments, layers.Resizing(**arguments), (2, 5, 6))
    add("Resizing", {"height": 4, "width": 4}, layers.Resizing(4, 4), (2, 8, 7))
    add("UpSampling2D", {}, layers.UpSampling2D(), (2, 1, 3))

    def separable(own, keras_own, shape=(3, 6, 7)):
        for name, depth in (("DepthwiseConv2D", {}), ("SeparableConv2D", {"outputDepth": 4})):
            filters = {"filters": 4} if depth else {}
            layer = getattr(layers, name)(**filters, **keras_own)
            add(name, {**depth, **own}, layer, shape)

    separable({"kernelSize": 3}, {"kernel_size": 3})
    separable(
        {"kernelSize": 3, "stride": 2, "padding": "same-upper", "depthMultiplier": 2},
        {"kernel_size": 3, "strides": 2, "padding": "same", "depth_multiplier": 2},
    )
    separable(
        {"kernelSize": [2, 3], "dilation": 2, "padding": "same", "noBias": True},
        {"kernel_size": (2, 3), "dilation_rate": 2, "padding": "same", "use_bias": False},
    )

    for kernel, stride in ((3, 1), (2, 2), (3, 2), (4, 2), (2, 3), ((1, 4), (2, 3)), (5, 3)):
        for padding in ("valid", "same"):
            layer = layers.Conv2DTranspose(3, kernel, strides=stride, padding=padding)
            arguments = {
                "outputDepth": 3,
                "kernelSize": kernel,
                "stride": stride,
                "padding": padding,
            }
            add("Conv2DTranspose", arguments, layer, (2, 3, 4))
    # Numbers are pixels that are left out of what 'valid' makes.
    for kernel, stride, padding in ((3, 2, 1), ((4, 3), (2, 1), ((1, 2), (0, 1)))):
        layer = layers.Conv2DTranspose(3, kernel, strides=stride, use_bias=False)
        arguments = {
            "outputDepth": 3,
            "kernelSize": kernel,
            "stride": stride,
            "padding": padding,
            "noBias": True,
        }
        add("Conv2DTranspose", arguments, layer, (2, 3, 4), layers.Cropping2D(padding))

    written = {"versions": {"keras": keras.__version__, "jax": jax.__version__}, "cases": "CASES"}
    folder = Path(__file__).parents[2] / "tests/fixtures/judges"
    folder.mkdir(parents=True, exist_ok=True)
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    text = json.dumps(written, separators=(",", ":"))
    (folder / "spatial.json").write_text(text.replace('"CASES"', f"[\n{lines}\n]") + "\n")


main()

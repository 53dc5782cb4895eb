"""Networks as Keras runs them: writes tests/fixtures/judges/networks.json, for tests/web/networks.test.mjs.

    python scripts/judges/networks.py

The twins of examples/networks/ get weights and data by the formula in judge_networks/formula.py. Written down are
their predictions, the norms of their first gradients, the losses of ten steps of SGD in training mode, and the
predictions after these steps, which depend on the running statistics.
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

from judge_networks.formula import mixed, unit, weight  # noqa: E402
from judge_networks.twins import twins  # noqa: E402

STEPS = 10
# Their tensors have numbers of their own, above those of any weight.
IMAGES, LABELS, BOXES = 1_000_000, 1_000_001, 1_000_002

# Options, samples in the batch, learning rate, gain of the weights.
SETTINGS = {
    "mobileNetV1": ({"inputShape": [3, 64, 64], "width": 0.25}, 8, 0.0002, 8),
    "mobileNetV2": ({"inputShape": [3, 64, 64], "width": 0.25}, 8, 0.0001, 6),
    "mobileNetV3Small": ({"inputShape": [3, 64, 64], "width": 0.25}, 4, 0.001, 5),
    "resNet18": ({"inputShape": [3, 64, 64], "width": 0.125}, 4, 0.0003, 3),
    "resNet50": ({"inputShape": [3, 64, 64], "width": 0.125}, 8, 1e-05, 1),
    "squeezeNet": ({"inputShape": [3, 64, 64], "width": 0.125}, 4, 0.01, 8),
    "inception": ({"inputShape": [3, 32, 32], "width": 0.125}, 4, 0.01, 6),
    "efficientNetB0": ({"inputShape": [3, 64, 64], "width": 0.25}, 4, 0.001, 4.5),
    "uNet": ({"inputShape": [1, 16, 16], "width": 0.125, "levels": 3, "padding": "same"}, 2, 0.2, 6),
    "uNet valid": ({"inputShape": [1, 44, 44], "width": 0.125, "levels": 2}, 2, 0.01, 6),
    "twoHeads": ({"inputShape": [3, 32, 32], "width": 0.25}, 4, 0.0005, 6),
}
CLASSES = 10

# Defaults of examples/networks/, and where keras.applications has the same network.
PUBLISHED = {
    "mobileNetV1": ((3, 224, 224), "MobileNet"),
    "mobileNetV2": ((3, 224, 224), "MobileNetV2"),
    "mobileNetV3Small": ((3, 224, 224), "MobileNetV3Small"),
    "resNet18": ((3, 224, 224), None),
    "resNet50": ((3, 224, 224), None),
    "squeezeNet": ((3, 227, 227), None),
    "inception": ((3, 224, 224), None),
    "efficientNetB0": ((3, 224, 224), "EfficientNetB0"),
}


def published(name, input_shape, application):
    """The number of trainable numbers, which must be that of keras.applications."""

    def count(model):
        return sum(int(np.prod(variable.shape)) for variable in model.trainable_variables)

    keras.utils.clear_session()
    own = count(twins[name](input_shape, 1000, 1))
    if application is not None:
        theirs = count(getattr(keras.applications, application)(weights=None))
        assert own == theirs, f"{name}: {own} parameters, keras.applications has {theirs}"
    return own


def in_order(model):
    """The layers, each after those that it reads, found from the outputs by depth first."""
    found = []
    seen = set()

    def visit(tensor):
        layer, node, _ = tensor._keras_history
        if layer in seen:
            return
        seen.add(layer)
        for source in layer._inbound_nodes[node].input_tensors:
            visit(source)
        found.append(layer)

    for output in model.outputs:
        visit(output)
    return found


def parameters(layer):
    """Variables as (variable, name in lamella, shape in lamella, axes from there to Keras's layout)."""
    own = {"bias": "biases", "moving_mean": "cache_m", "moving_variance": "cache_v"}
    for variable in layer.weights:
        name, shape = variable.name, tuple(variable.shape)
        if not name.endswith("kernel"):
            yield variable, own.get(name, name), shape, range(len(shape))
        elif len(shape) == 2:
            yield variable, "weights", shape, (0, 1)
        elif isinstance(layer, keras.layers.DepthwiseConv2D):
            # [channels, 1, height, width]: their multiplier is 1.
            yield variable, "kernels", (*shape[2:], *shape[:2]), (2, 3, 0, 1)
        else:
            # [outputs, inputs, height, width], and for transposed convolutions the other way round.
            yield variable, "kernels", (*shape[:1:-1], *shape[:2]), (2, 3, 1, 0)


def fill(model, gain):
    """Gives all variables their values; the shapes of lamella's tensors by name, in order."""
    tensors = []
    for layer in in_order(model):
        for variable, name, shape, axes in parameters(layer):
            variable.assign(weight(name, len(tensors), shape, gain).transpose(axes))
            tensors.append((name, shape))
    return tensors


def data(inputs, outputs, batch):
    """A batch, and what each output should be: classes as one-hot vectors along axis 1, and four numbers."""
    x = unit(IMAGES, (batch, *inputs.shape[1:])).astype("float32")
    classes = outputs[0].shape[1]
    positions = (batch, *outputs[0].shape[2:])
    labels = mixed(LABELS, int(np.prod(positions))).reshape(positions) % np.uint32(classes)
    one_hot = np.moveaxis(np.eye(classes, dtype="float32")[labels], -1, 1)
    boxes = [unit(BOXES, (batch, 4)).astype("float32")] if len(outputs) > 1 else []
    return x, [one_hot, *boxes]


def loss_of(outputs, expected):
    """Cross-entropy, averaged over positions; squares are summed over a sample and weigh half."""
    log_probabilities = jax.nn.log_softmax(outputs[0], axis=1)
    loss = -(expected[0] * log_probabilities).sum(axis=1).mean()
    if len(outputs) > 1:
        loss += 0.5 * ((outputs[1] - expected[1]) ** 2).sum(axis=1).mean()
    return loss


def listed(outputs):
    return outputs if isinstance(outputs, (list, tuple)) else [outputs]


def predictions(model, x):
    first, *more = listed(model(x, training=False))
    return [np.asarray(jax.nn.softmax(first, axis=1)), *(np.asarray(y) for y in more)]


def rounded(array):
    """To seven digits, of which float32 has hardly more."""
    return [float(f"{value:.7g}") for value in np.asarray(array, dtype="float64").ravel()]


def judge(name, options, batch, rate, gain):
    words = {"inputShape": "input_shape"}
    keras.utils.clear_session()
    model = twins[name.split()[0]](
        classes=CLASSES, **{words.get(key, key): value for key, value in options.items()}
    )
    tensors = fill(model, gain)
    x, expected = data(model.inputs[0], model.outputs, batch)
    before = predictions(model, x)

    optimizer = keras.optimizers.SGD(learning_rate=rate)
    optimizer.build(model.trainable_variables)

    def loss_and_state(trainable, others):
        outputs, others = model.stateless_call(trainable, others, x, training=True)
        return loss_of(listed(outputs), expected), others

    @jax.jit
    def step(trainable, others, slots):
        differentiated = jax.value_and_grad(loss_and_state, has_aux=True)
        (loss, others), gradients = differentiated(trainable, others)
        trainable, slots = optimizer.stateless_apply(slots, gradients, trainable)
        return loss, gradients, trainable, others, slots

    variables = [model.trainable_variables, model.non_trainable_variables, optimizer.variables]
    state = [[variable.value for variable in kind] for kind in variables]
    losses = []
    for _ in range(STEPS):
        loss, gradients, *state = step(*state)
        losses.append(loss)
        if len(losses) == 1:
            norms = {
                id(variable): np.linalg.norm(np.asarray(gradient, dtype="float64").ravel())
                for variable, gradient in zip(model.trainable_variables, gradients)
            }
    for kind, values in zip(variables, state):
        for variable, value in zip(kind, values):
            variable.assign(value)
    return {
        "options": {**options, "classes": CLASSES},
        "batch": batch,
        "learningRate": rate,
        "gain": gain,
        "tensors": [f"{own} {'x'.join(map(str, shape))}" for own, shape in tensors],
        "predictions": [rounded(output) for output in before],
        "gradientNorms": rounded(
            [
                norms[id(variable)]
                for layer in in_order(model)
                for variable, *_ in parameters(layer)
                if id(variable) in norms
            ]
        ),
        "losses": rounded(losses),
        "trainedPredictions": [rounded(output) for output in predictions(model, x)],
    }


def main():
    counts = {name: published(name, *network) for name, network in PUBLISHED.items()}
    networks = {}
    for name, settings in SETTINGS.items():
        networks[name] = result = judge(name, *settings)
        first, *_, last = result["losses"]
        print(f"{name}: loss {first:.4f}, after {STEPS - 1} steps {last:.4f}", flush=True)
    folder = Path(__file__).parents[2] / "tests/fixtures/judges"
    folder.mkdir(parents=True, exist_ok=True)
    lines = ",\n".join(
        f"{json.dumps(name)}:{json.dumps(result, separators=(',', ':'))}"
        for name, result in networks.items()
    )
    head = {
        "versions": {"keras": keras.__version__, "jax": jax.__version__},
        "tolerance": 1e-4,
        "parameters": counts,
    }
    text = json.dumps({**head, "networks": "NETWORKS"}, separators=(",", ":"))
    (folder / "networks.json").write_text(text.replace('"NETWORKS"', f"{{\n{lines}\n}}") + "\n")


main()

"""The networks of examples/networks/ in Keras's functional API, images channels-first."""

from keras import Input, Model, layers

# Layers that several networks have.


def scaled(channels, width):
    return max(1, int(channels * width))


def rounded_to_eight(channels, width=1):
    wanted = channels * width
    rounded = max(8, int(wanted + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * wanted else rounded


def padded(x, padding):
    """What a convolution of Keras is given, which knows the words alone: images and padding."""
    if isinstance(padding, str):
        return x, padding
    return layers.ZeroPadding2D(padding)(x), "valid"


def normalized(x, activation, epsilon, momentum):
    x = layers.BatchNormalization(axis=1, epsilon=epsilon, momentum=momentum)(x)
    return x if activation is None else layers.Activation(activation)(x)


def convolution(x, channels, size, epsilon, momentum, activation=None, stride=1, padding="same"):
    x, padding = padded(x, padding)
    x = layers.Conv2D(channels, size, strides=stride, padding=padding, use_bias=False)(x)
    return normalized(x, activation, epsilon, momentum)


def depthwise(x, size, epsilon, momentum, activation=None, stride=1):
    x = layers.DepthwiseConv2D(size, strides=stride, padding="same", use_bias=False)(x)
    return normalized(x, activation, epsilon, momentum)


def squeeze_excite(x, squeezed, activation, gate):
    channels = x.shape[1]
    y = layers.GlobalAveragePooling2D(keepdims=True)(x)
    y = layers.Conv2D(squeezed, 1, activation=activation)(y)
    y = layers.Conv2D(channels, 1, activation=gate)(y)
    return layers.Multiply()([x, y])


def classifier(x, classes):
    return layers.Dense(classes)(layers.GlobalAveragePooling2D()(x))


def plain(x, channels, size, stride=1, padding="valid"):
    """A convolution with biases and ReLU."""
    return layers.Conv2D(channels, size, strides=stride, padding=padding, activation="relu")(x)


def added(x, y):
    return layers.Add()([x, y]) if x.shape == y.shape else y


# The networks.


def mobile_net_v1(input_shape, classes, width):
    settings = {"activation": "relu6", "momentum": 0.99, "epsilon": 1e-3}
    inputs = Input(input_shape)
    x = convolution(inputs, scaled(32, width), 3, stride=2, **settings)
    for channels, stride in (
        [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)]
        + [(512, 1)] * 5
        + [(1024, 2), (1024, 1)]
    ):
        x = depthwise(x, 3, stride=stride, **settings)
        x = convolution(x, scaled(channels, width), 1, **settings)
    return Model(inputs, classifier(x, classes))


def mobile_net_v2(input_shape, classes, width):
    linear = {"momentum": 0.999, "epsilon": 1e-3}
    settings = {"activation": "relu6", **linear}
    inputs = Input(input_shape)
    x = convolution(inputs, rounded_to_eight(32, width), 3, stride=2, **settings)
    for expansion, channels, repetitions, stride in (
        (1, 16, 1, 1),
        (6, 24, 2, 2),
        (6, 32, 3, 2),
        (6, 64, 4, 2),
        (6, 96, 3, 1),
        (6, 160, 3, 2),
        (6, 320, 1, 1),
    ):
        for step in [stride] + [1] * (repetitions - 1):
            y = x
            if expansion > 1:
                y = convolution(y, expansion * x.shape[1], 1, **settings)
            y = depthwise(y, 3, stride=step, **settings)
            y = convolution(y, rounded_to_eight(channels, width), 1, **linear)
            x = added(x, y)
    x = convolution(x, rounded_to_eight(1280, max(1, width)), 1, **settings)
    return Model(inputs, classifier(x, classes))


def mobile_net_v3_small(input_shape, classes, width):
    linear = {"momentum": 0.999, "epsilon": 1e-3}
    inputs = Input(input_shape)
    x = convolution(
        inputs, rounded_to_eight(16, width), 3, stride=2, activation="hard_swish", **linear
    )
    for size, inside, channels, excites, activation, stride in (
        (3, 16, 16, True, "relu", 2),
        (3, 72, 24, False, "relu", 2),
        (3, 88, 24, False, "relu", 1),
        (5, 96, 40, True, "hard_swish", 2),
        (5, 240, 40, True, "hard_swish", 1),
        (5, 240, 40, True, "hard_swish", 1),
        (5, 120, 48, True, "hard_swish", 1),
        (5, 144, 48, True, "hard_swish", 1),
        (5, 288, 96, True, "hard_swish", 2),
        (5, 576, 96, True, "hard_swish", 1),
        (5, 576, 96, True, "hard_swish", 1),
    ):
        inside, channels = rounded_to_eight(inside, width), rounded_to_eight(channels, width)
        y = x
        if inside != x.shape[1]:
            y = convolution(y, inside, 1, activation=activation, **linear)
        y = depthwise(y, size, stride=stride, activation=activation, **linear)
        if excites:
            y = squeeze_excite(y, rounded_to_eight(inside / 4), "relu", "hard_sigmoid")
        x = added(x, convolution(y, channels, 1, **linear))
    x = convolution(x, rounded_to_eight(576, width), 1, activation="hard_swish", **linear)
    x = layers.GlobalAveragePooling2D(keepdims=True)(x)
    x = layers.Conv2D(rounded_to_eight(1024, max(1, width)), 1, activation="hard_swish")(x)
    return Model(inputs, layers.Dense(classes)(layers.Flatten()(x)))


def res_net(block, repetitions):
    linear = {"momentum": 0.9, "epsilon": 1e-5}
    settings = {"activation": "relu", **linear}

    def basic(x, channels, stride):
        y = convolution(x, channels, 3, stride=stride, padding=1, **settings)
        return convolution(y, channels, 3, padding=1, **linear)

    def bottleneck(x, channels, stride):
        y = convolution(x, channels, 1, stride=stride, **settings)
        y = convolution(y, channels, 3, padding=1, **settings)
        return convolution(y, 4 * channels, 1, **linear)

    def network(input_shape, classes, width):
        inputs = Input(input_shape)
        x = convolution(inputs, scaled(64, width), 7, stride=2, padding=3, **settings)
        # After a ReLU, a margin of zeros changes no maximum.
        x = layers.MaxPooling2D(3, 2)(layers.ZeroPadding2D(1)(x))
        for stage, count in enumerate(repetitions):
            for i in range(count):
                stride = 2 if stage > 0 and i == 0 else 1
                y = {"basic": basic, "bottleneck": bottleneck}[block](
                    x, scaled(64 * 2**stage, width), stride
                )
                if x.shape != y.shape:
                    x = convolution(x, y.shape[1], 1, stride=stride, **linear)
                x = layers.ReLU()(layers.Add()([y, x]))
        return Model(inputs, classifier(x, classes))

    return network


def squeeze_net(input_shape, classes, width):
    def fire(x, squeezed, expanded):
        few = plain(x, scaled(squeezed, width), 1)
        one = plain(few, scaled(expanded, width), 1)
        return layers.Concatenate(axis=1)(
            [one, plain(few, scaled(expanded, width), 3, padding="same")]
        )

    inputs = Input(input_shape)
    x = layers.MaxPooling2D(3, 2)(plain(inputs, scaled(96, width), 7, stride=2))
    for sizes in ((16, 64), (16, 64), (32, 128)):
        x = fire(x, *sizes)
    x = layers.MaxPooling2D(3, 2)(x)
    for sizes in ((32, 128), (48, 192), (48, 192), (64, 256)):
        x = fire(x, *sizes)
    x = fire(layers.MaxPooling2D(3, 2)(x), 64, 256)
    return Model(inputs, layers.GlobalAveragePooling2D()(plain(x, classes, 1)))


def inception(input_shape, classes, width):
    def block(x, *sizes):
        one, before_three, three, before_five, five, pooled = (scaled(n, width) for n in sizes)
        return layers.Concatenate(axis=1)(
            [
                plain(x, one, 1),
                plain(plain(x, before_three, 1), three, 3, padding="same"),
                plain(plain(x, before_five, 1), five, 5, padding="same"),
                plain(layers.MaxPooling2D(3, 1, padding="same")(x), pooled, 1),
            ]
        )

    def pool(x):
        return layers.MaxPooling2D(3, 2, padding="same")(x)

    inputs = Input(input_shape)
    x = pool(plain(inputs, scaled(64, width), 7, stride=2, padding="same"))
    x = plain(plain(x, scaled(64, width), 1), scaled(192, width), 3, padding="same")
    x = block(pool(x), 64, 96, 128, 16, 32, 32)
    x = block(x, 128, 128, 192, 32, 96, 64)
    return Model(inputs, classifier(pool(x), classes))


def efficient_net_b0(input_shape, classes, width):
    linear = {"momentum": 0.99, "epsilon": 1e-3}
    settings = {"activation": "swish", **linear}
    inputs = Input(input_shape)
    x = convolution(inputs, rounded_to_eight(32, width), 3, stride=2, **settings)
    for size, repetitions, channels, expansion, stride in (
        (3, 1, 16, 1, 1),
        (3, 2, 24, 6, 2),
        (5, 2, 40, 6, 2),
        (3, 3, 80, 6, 2),
        (5, 3, 112, 6, 1),
        (5, 4, 192, 6, 2),
        (3, 1, 320, 6, 1),
    ):
        for step in [stride] + [1] * (repetitions - 1):
            before = x.shape[1]
            y = x
            if expansion > 1:
                y = convolution(y, expansion * before, 1, **settings)
            y = depthwise(y, size, stride=step, **settings)
            y = squeeze_excite(y, max(1, before // 4), "swish", "sigmoid")
            x = added(x, convolution(y, rounded_to_eight(channels, width), 1, **linear))
    x = convolution(x, rounded_to_eight(1280, width), 1, **settings)
    return Model(inputs, classifier(x, classes))


def u_net(input_shape, classes, width, levels=4, padding="valid"):
    def twice(x, level):
        channels = scaled(64 * 2**level, width)
        return plain(plain(x, channels, 3, padding=padding), channels, 3, padding=padding)

    inputs = x = Input(input_shape)
    kept = []
    for level in range(levels):
        kept.append(twice(x, level))
        x = layers.MaxPooling2D()(kept[level])
    x = twice(x, levels)
    for level in reversed(range(levels)):
        x = layers.Conv2DTranspose(scaled(64 * 2**level, width), 2, strides=2)(x)
        rests = [kept[level].shape[axis] - x.shape[axis] for axis in (2, 3)]
        cropping = [(rest // 2, rest - rest // 2) for rest in rests]
        # A cropping of nothing is a layer as well, which has no weights.
        x = layers.Concatenate(axis=1)([layers.Cropping2D(cropping)(kept[level]), x])
        x = twice(x, level)
    return Model(inputs, layers.Conv2D(classes, 1)(x))


def two_heads(input_shape, classes, width):
    inputs = x = Input(input_shape)
    for channels in (32, 64, 128):
        x = layers.MaxPooling2D()(plain(x, scaled(channels, width), 3, padding="same"))
    # Of images that are channels-first, Keras would bring the channels to the back.
    x = layers.Flatten(data_format="channels_last")(x)

    def head(size):
        return layers.Dense(size)(layers.Dense(scaled(256, width), activation="relu")(x))

    return Model(inputs, [head(classes), head(4)])


twins = {
    "mobileNetV1": mobile_net_v1,
    "mobileNetV2": mobile_net_v2,
    "mobileNetV3Small": mobile_net_v3_small,
    "resNet18": res_net("basic", (2, 2, 2, 2)),
    "resNet50": res_net("bottleneck", (3, 4, 6, 3)),
    "squeezeNet": squeeze_net,
    "inception": inception,
    "efficientNetB0": efficient_net_b0,
    "uNet": u_net,
    "twoHeads": two_heads,
}

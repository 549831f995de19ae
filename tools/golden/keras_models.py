"""Writes packages/worker/src/model/keras.golden.json: small networks of the real Keras, with what they compute.

Keras is not needed to build or test Lockstep; this file says where the numbers come from and makes them
again. From the root of the repository:

    python3 -m venv /tmp/keras-venv
    /tmp/keras-venv/bin/pip install 'keras==3.15.*' tensorflow
    /tmp/keras-venv/bin/python tools/golden/keras_models.py

Every layer, activation, loss and metric that Lockstep trains has a case: the topology as `to_json` gives it,
what Keras makes of six images (outputs, loss, metrics), and the gradient of the mean loss with respect to the
weights. Weights, images and labels follow from formulas, which keras.test.ts repeats.
"""

import json
import os
from pathlib import Path

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import keras
import numpy as np
import tensorflow as tf
from keras import layers

OUTPUT = Path(__file__).parents[2] / "packages/worker/src/model/keras.golden.json"
SIDE = 6
SAMPLES = 6

SPARSE = "sparse_categorical_crossentropy"
ACTIVATIONS = [
    "celu", "elu", "exponential", "gelu", "hard_sigmoid", "hard_silu", "hard_swish", "hard_tanh",
    "leaky_relu", "linear", "log_sigmoid", "log_softmax", "mish", "relu", "relu6", "selu", "sigmoid",
    "silu", "softmax", "softplus", "softsign", "swish", "tanh", "tanh_shrink",
]


def sequential(*stack, name):
    return keras.Sequential([layers.Input((SIDE, SIDE, 1)), *stack], name=name)


def head(units=3, activation="softmax"):
    return [layers.Flatten(), layers.Dense(units, activation=activation)]


def layer_cases():
    conv = lambda **options: layers.Conv2D(2, 3, activation="tanh", **options)
    stacks = {
        "Dense": [layers.Flatten(), layers.Dense(4, activation="tanh"), layers.Dense(3, "softmax")],
        "Dense without bias": [layers.Flatten(), layers.Dense(3, "softmax", use_bias=False)],
        "Conv2D valid": [conv(), *head()],
        "Conv2D same": [conv(padding="same"), *head()],
        "Conv2D strides 2, same": [conv(strides=2, padding="same"), *head()],
        "Conv2D strides 2, valid": [conv(strides=2), *head()],
        "Conv2D of a size for each side": [layers.Conv2D(2, (3, 2), strides=(1, 2)), *head()],
        "MaxPooling2D": [conv(), layers.MaxPooling2D(2), *head()],
        "MaxPooling2D overlapping": [conv(), layers.MaxPooling2D(3, strides=1), *head()],
        "MaxPooling2D same": [conv(), layers.MaxPooling2D(3, strides=2, padding="same"), *head()],
        "AveragePooling2D": [conv(), layers.AveragePooling2D(2), *head()],
        "AveragePooling2D overlapping": [conv(), layers.AveragePooling2D((2, 3), strides=1), *head()],
        "AveragePooling2D same": [
            conv(), layers.AveragePooling2D(3, strides=2, padding="same"), *head()
        ],
        "GlobalAveragePooling2D": [conv(), layers.GlobalAveragePooling2D(), layers.Dense(3, "softmax")],
        "GlobalMaxPooling2D": [conv(), layers.GlobalMaxPooling2D(), layers.Dense(3, "softmax")],
        "Dropout": [layers.Flatten(), layers.Dense(4), layers.Dropout(0.0), layers.Dense(3, "softmax")],
        "Reshape": [layers.Reshape((3, 12)), *head()],
        "ZeroPadding2D": [layers.ZeroPadding2D(((1, 0), (0, 2))), conv(), *head()],
        "Activation, last": [layers.Flatten(), layers.Dense(3), layers.Activation("softmax")],
        "Softmax, last": [layers.Flatten(), layers.Dense(3), layers.Softmax()],
        "ReLU": [layers.Flatten(), layers.Dense(4), layers.ReLU(), layers.Dense(3, "softmax")],
        "ReLU up to 0.4": [
            layers.Flatten(), layers.Dense(4), layers.ReLU(max_value=0.4), layers.Dense(3, "softmax")
        ],
        "LeakyReLU": [
            layers.Flatten(), layers.Dense(4), layers.LeakyReLU(negative_slope=0.1), layers.Dense(3, "softmax")
        ],
        "DepthwiseConv2D": [layers.DepthwiseConv2D(3, depth_multiplier=2), *head()],
        "SeparableConv2D": [conv(), layers.SeparableConv2D(3, 2, activation="relu"), *head()],
        "Conv2DTranspose": [conv(), layers.Conv2DTranspose(2, 3, strides=2), *head()],
        "LayerNormalization": [
            layers.Flatten(), layers.Dense(5), layers.LayerNormalization(), layers.Dense(3, "softmax")
        ],
        "L1, L2 and both": [
            layers.Flatten(),
            layers.Dense(4, kernel_regularizer="l1", bias_regularizer=keras.regularizers.L2(0.05)),
            layers.Dense(3, "softmax", kernel_regularizer=keras.regularizers.L1L2(0.02, 0.03)),
        ],
        "Sequential in a Sequential": [
            keras.Sequential([layers.Input((SIDE, SIDE, 1)), conv(name="inner")], name="block"), *head()
        ],
    }
    return [(name, sequential(*stack, name="layers"), SPARSE) for name, stack in stacks.items()]


def functional_cases():
    image = layers.Input((SIDE, SIDE, 1))
    left = layers.Conv2D(2, 3, padding="same", activation="relu")(image)
    right = layers.Conv2D(2, 1, activation="sigmoid")(image)
    joined = layers.Concatenate()([layers.Add()([left, right]), layers.Multiply()([left, right])])
    outputs = layers.Dense(3, "softmax")(layers.Flatten()(layers.MaxPooling2D()(joined)))
    branches = keras.Model(image, outputs, name="branches")
    again = layers.Input((SIDE, SIDE, 1))
    shared = layers.Dense(4, "tanh")
    first = shared(layers.Reshape((9, 4))(again))
    twice = layers.Dense(3, "softmax")(layers.Flatten()(shared(first)))
    return [
        ("a functional model with branches", branches, SPARSE),
        ("a functional model with a shared layer", keras.Model(again, twice, name="shared"), SPARSE),
    ]


def activation_cases():
    stack = lambda name: [layers.Flatten(), layers.Dense(4, activation=name), layers.Dense(3, "softmax")]
    return [(f"activation {name}", sequential(*stack(name), name="activation"), SPARSE, 2.5) for name in ACTIVATIONS]


def loss_cases():
    cases = [
        (SPARSE, 3, "softmax"),
        (SPARSE, 7, "softmax"),
        ("categorical_crossentropy", 3, "softmax"),
        ("categorical_crossentropy", 7, "softmax"),
        ("binary_crossentropy", 3, "sigmoid"),
        ("binary_crossentropy", 1, "sigmoid"),
        ("mean_squared_error", 3, "softmax"),
        ("mean_squared_error", 3, "sigmoid"),
        ("mean_squared_error", 3, "linear"),
        ("mean_squared_error", 1, "sigmoid"),
        ("mean_squared_error", 1, "linear"),
    ]
    return [
        (f"{loss} of {units} {activation}", sequential(*head(units, activation), name="losses"), loss)
        for loss, units, activation in cases
    ]


def fill(model, scale):
    """Weight i of the model, counted over all of them, is scale * sin(0.7 i + 1)."""
    flat = scale * np.sin(0.7 * np.arange(model.count_params()) + 1)
    weights, begin = [], 0
    for weight in model.trainable_weights:
        size = int(np.prod(weight.shape))
        weights.append(flat[begin : begin + size].reshape(weight.shape).astype(np.float32))
        begin += size
    for weight, values in zip(model.trainable_weights, weights):
        weight.assign(values)


def images():
    """Byte i is (37 i + i*i // 5) mod 256, so that no two pictures are the same."""
    index = np.arange(SAMPLES * SIDE * SIDE)
    values = (37 * index + index * index // 5) % 256
    return (values.reshape(SAMPLES, SIDE, SIDE, 1) / 255).astype(np.float32)


def metrics_for(loss, units):
    """`accuracy` is what Keras takes it for; those by name are given the targets that they want."""
    if loss == SPARSE:
        return ["accuracy", "sparse_categorical_accuracy", "sparse_top_k_categorical_accuracy"]
    if units == 1:
        return ["accuracy", "binary_accuracy"]
    return ["accuracy", "categorical_accuracy", "binary_accuracy", "top_k_categorical_accuracy"]


def run(name, model, loss, scale=0.5):
    fill(model, scale)
    x = images()
    units = model.output_shape[-1]
    labels = np.arange(SAMPLES) % (2 if units == 1 else units)
    if loss == SPARSE:
        y = labels
    elif units == 1:
        y = labels.reshape(-1, 1).astype(np.float32)
    else:
        y = keras.utils.to_categorical(labels, units)
    model.compile(optimizer="sgd", loss=loss, metrics=metrics_for(loss, units))
    topology = json.loads(model.to_json())
    with tf.GradientTape() as tape:
        outputs = model(x, training=True)
        value = model.compute_loss(x, y, outputs, training=True)
    slopes = tape.gradient(value, model.trainable_weights)
    flat = np.concatenate([np.ravel(slope) for slope in slopes])
    measured = model.evaluate(x, y, batch_size=SAMPLES, verbose=0, return_dict=True)
    return {
        "name": name,
        "loss": loss,
        "scale": scale,
        "topology": topology,
        "outputs": short(outputs.numpy().ravel()),
        "metrics": {key: float(value) for key, value in measured.items()},
        "gradient": short(flat),
    }


def short(values):
    return [float(f"{value:.6g}") for value in values]


def main():
    keras.utils.clear_session()
    cases = [*layer_cases(), *functional_cases(), *activation_cases(), *loss_cases()]
    golden = {"keras": keras.__version__, "cases": [run(*case) for case in cases]}
    OUTPUT.write_text(json.dumps(golden) + "\n")


if __name__ == "__main__":
    main()

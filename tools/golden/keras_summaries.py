"""Writes packages/cli/src/report/keras.golden.json: what the real Keras prints for `model.summary()`.

The four networks of the zoo with Adam, whose state is there already, and a model with two branches that was never
compiled. The widths are those of a terminal of 80 letters.

    python3 -m venv .venv && .venv/bin/pip install 'keras==3.15.*' jax
    COLUMNS=80 KERAS_BACKEND=jax .venv/bin/python tools/golden/keras_summaries.py
"""

import json
import os
import pathlib

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ["COLUMNS"] = "80"

import keras
from keras import layers

TARGET = pathlib.Path(__file__).parents[2] / "packages/cli/src/report/keras.golden.json"
IMAGE = (28, 28, 1)


def conv(filters, size, name="conv2d", padding="valid"):
    return layers.Conv2D(filters, size, activation="relu", padding=padding, name=name)


def dense(units, activation, name="dense"):
    return layers.Dense(units, activation=activation, name=name)


def pool(name="max_pooling2d"):
    return layers.MaxPooling2D(2, name=name)


def flatten():
    return layers.Flatten(name="flatten")


ZOO = {
    "cnn": [conv(32, 3), pool(), flatten(), dense(128, "relu"), dense(10, "softmax", "dense_1")],
    "mlp": [flatten(), dense(128, "relu"), dense(10, "softmax", "dense_1")],
    "deep": [
        conv(32, 5, padding="same"),
        pool(),
        conv(64, 5, "conv2d_1", "same"),
        pool("max_pooling2d_1"),
        flatten(),
        dense(1024, "relu"),
        layers.Dropout(0.5, name="dropout"),
        dense(10, "softmax", "dense_1"),
    ],
    "tiny": [conv(3, 3), pool(), flatten(), dense(100, "relu"), dense(10, "softmax", "dense_1")],
}


def summary(model):
    lines = []
    model.summary(print_fn=lambda text: lines.append(text))
    return "".join(lines).rstrip("\n")


def of_zoo(name):
    model = keras.Sequential([keras.Input(IMAGE), *ZOO[name]], name=name)
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
    model.optimizer.build(model.trainable_variables)
    return summary(model)


def branched():
    image = keras.Input((4, 4, 1), name="image")
    flat = layers.Flatten(name="flat")(image)
    left = layers.Dense(4, activation="relu", trainable=False, name="left")(flat)
    right = layers.Dense(4, activation="relu", name="right")(flat)
    both = layers.Concatenate(name="both")([left, right])
    name = "a_layer_with_a_very_long_name_indeed"
    out = layers.Dense(3, activation="softmax", name=name)(both)
    return summary(keras.Model(image, out, name="branched"))


golden = {name: of_zoo(name) for name in ZOO} | {"branched": branched()}
TARGET.write_text(json.dumps(golden, indent=2, ensure_ascii=False) + "\n")
print(f"wrote {TARGET} with Keras {keras.__version__}")

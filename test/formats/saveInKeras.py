"""Models that Keras makes, trains a little and saves, and what becomes of them: saveInKeras.py FOLDER.

FOLDER has images.bin and labels.bin (100 of MNIST). Writes NAME.keras, NAME.h5 and NAME.json for each model, and
prints their predictions and the losses of two more steps.
"""

import json
import sys

import keras
import numpy as np
from keras import initializers, layers, optimizers

folder = sys.argv[1]
images = np.fromfile(f"{folder}/images.bin", np.uint8).reshape(-1, 28, 28, 1)
images = images.astype(np.float32) / 255
labels = np.fromfile(f"{folder}/labels.bin", np.uint8)
keras.utils.set_random_seed(7)


def sequential(dropout):
    """Each layer of the list, in several settings."""
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(
                4,
                5,
                strides=2,
                padding="same",
                activation="relu",
                kernel_initializer=initializers.TruncatedNormal(stddev=0.1),
                bias_initializer=initializers.Constant(0.1),
            ),
            layers.MaxPooling2D(2, padding="same"),
            layers.Conv2D(6, (3, 2), use_bias=False, kernel_initializer="he_normal"),
            layers.Activation("tanh"),
            layers.AveragePooling2D((2, 2), strides=1),
            layers.Flatten(),
            *([layers.Dropout(0.5, seed=3)] if dropout else []),
            layers.Dense(12, activation="sigmoid"),
            layers.Dense(10),
            layers.Activation("softmax"),
        ],
        name="everything",
    )


def functional():
    """Branches that differ in their weights but not in their shapes, a shared layer and a frozen one."""
    image = keras.Input((28, 28, 1), name="image")
    pooled = layers.AveragePooling2D(4, name="pool")(image)
    left = layers.Conv2D(3, 3, activation="relu", name="b")(pooled)
    right = layers.Conv2D(3, 3, activation="relu", name="a")(pooled)
    shared = layers.Conv2D(3, 1, name="shared")
    joined = layers.Add(name="sum")([shared(right), left, shared(left)])
    flat = layers.Flatten(name="flat")(layers.Concatenate(name="both")([joined, right]))
    frozen = layers.Dense(16, activation="relu", name="frozen", trainable=False)(flat)
    return keras.Model(image, layers.Dense(10, activation="softmax", name="out")(frozen))


def nested():
    """A Sequential inside of a functional model."""
    image = keras.Input((28, 28, 1), name="image")
    body = keras.Sequential(
        [layers.AveragePooling2D(4), layers.Flatten(), layers.Dense(8, activation="relu")],
        name="body",
    )
    return keras.Model(image, layers.Dense(10, activation="softmax", name="head")(body(image)))


def perceptron():
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.AveragePooling2D(4),
            layers.Flatten(),
            layers.Dense(10, activation="softmax"),
        ]
    )


models = {
    "sequential": (sequential(dropout=False), optimizers.Adam(0.01)),
    "dropout": (sequential(dropout=True), optimizers.Adam(0.01)),
    "functional": (functional(), optimizers.Adam(0.01)),
    "nested": (nested(), optimizers.Adam(0.01)),
    "sgd": (perceptron(), optimizers.SGD(0.1)),
    "momentum": (perceptron(), optimizers.SGD(0.1, momentum=0.9, nesterov=True)),
    "rmsprop": (perceptron(), optimizers.RMSprop(0.01)),
    "centered": (perceptron(), optimizers.RMSprop(0.01, momentum=0.9, centered=True)),
    "adagrad": (perceptron(), optimizers.Adagrad(0.1)),
    "adadelta": (perceptron(), optimizers.Adadelta(1.0)),
    "amsgrad": (perceptron(), optimizers.Adam(0.01, amsgrad=True)),
    "adamw": (perceptron(), optimizers.AdamW(0.01, weight_decay=0.01)),
    "adamax": (perceptron(), optimizers.Adamax(0.01)),
}

result = {}
for name, (model, optimizer) in models.items():
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    for begin in (0, 32):
        model.train_on_batch(images[begin : begin + 32], labels[begin : begin + 32])
    model.save(f"{folder}/{name}.keras")
    model.save(f"{folder}/{name}.h5")
    with open(f"{folder}/{name}.json", "w") as file:
        file.write(model.to_json())
    predictions = model.predict(images, verbose=0).flatten().tolist()
    batches = [slice(64, 96), slice(0, 32)]
    losses = [float(model.train_on_batch(images[s], labels[s])[0]) for s in batches]
    result[name] = {"predictions": predictions, "losses": losses}
print(json.dumps(result))

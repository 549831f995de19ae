"""Opens what `lockstep export` wrote, predicts, and trains on: openInKeras.py FOLDER.

FOLDER has model.keras, model.h5, model.json, weights.npz, images.bin and labels.bin (100 of MNIST).
"""

import json
import sys

import h5py
import keras
import numpy as np
import tensorflow as tf

folder = sys.argv[1]
images = np.fromfile(f"{folder}/images.bin", np.uint8).reshape(-1, 28, 28, 1)
images = images.astype(np.float32) / 255
labels = np.fromfile(f"{folder}/labels.bin", np.uint8)


def predict(model):
    return model.predict(images, verbose=0).flatten().tolist()


def train(model):
    """The losses of three more steps."""
    steps = [slice(0, 32), slice(32, 64), slice(64, 96)]
    return [float(model.train_on_batch(images[s], labels[s])[0]) for s in steps]


def with_state(path):
    """The model of a .h5 with the state of its optimizer: as docs/formats.md has it."""
    model = keras.models.load_model(path)
    optimizer = model.optimizer
    optimizer.build(model.trainable_variables)
    with h5py.File(path) as file:
        group = file["lockstep_optimizer_weights"]
        values = [group[name][()] for name in group.attrs["weight_names"]]
    for variable, value in zip(optimizer.variables, values, strict=True):
        variable.assign(value)
    return model


result = {}
for name in ["model.keras", "model.h5"]:
    model = keras.models.load_model(f"{folder}/{name}")
    result[name] = {"predictions": predict(model), "losses": train(model)}
result["state"] = train(with_state(f"{folder}/model.h5"))

keras.models.load_model(f"{folder}/model.keras").export(f"{folder}/saved", verbose=False)
saved = tf.saved_model.load(f"{folder}/saved")
result["saved"] = {"predictions": saved.serve(images).numpy().flatten().tolist()}

with open(f"{folder}/model.json") as file:
    model = keras.models.model_from_json(file.read())
arrays = np.load(f"{folder}/weights.npz")
for variable in model.weights:
    layer, name = variable.path.split("/")[-2:]
    variable.assign(arrays[f"{layer}/{name}"])
result["model.json"] = {"predictions": predict(model)}
print(json.dumps(result))

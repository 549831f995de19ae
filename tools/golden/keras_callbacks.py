"""Writes packages/core/src/callbacks/keras.golden.json: what Keras's own callbacks do.

Drives the real EarlyStopping and ReduceLROnPlateau of Keras 3.15 over sequences of logs, with a stub in
the place of the model; the optimizer, and with it the rounding of the learning rate, is Keras's own.

    python3 -m venv .venv && .venv/bin/pip install 'keras==3.15.*' numpy scipy jax
    KERAS_BACKEND=numpy .venv/bin/python tools/golden/keras_callbacks.py

(The numpy backend of this version imports scipy and jax.)
"""

import json
import math
import pathlib
import warnings

import keras
from keras.src.trainers import compile_utils

TARGET = pathlib.Path(__file__).parents[2] / "packages/core/src/callbacks/keras.golden.json"
NAN = math.nan

# One list per metric; None: the epoch's logs have no such metric.
SEQUENCES = {
    "falling": {"val_loss": [1.0, 0.8, 0.6, 0.5, 0.45, 0.42]},
    "plateau": {"val_loss": [1.0, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6]},
    "valley": {"val_loss": [0.9, 0.5, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65]},
    "zigzag": {"val_loss": [0.9, 0.7, 0.8, 0.6, 0.7, 0.5, 0.6, 0.55, 0.49, 0.6, 0.7, 0.8]},
    "late": {"val_loss": [0.5, 0.6, 0.7, 0.4, 0.3, 0.35, 0.2, 0.3, 0.4, 0.5]},
    "tiny steps": {"val_loss": [0.5, 0.49995, 0.4999, 0.49985, 0.4998, 0.49, 0.4899, 0.4898]},
    "nan first": {"val_loss": [NAN, 0.5, 0.4, 0.3, 0.2]},
    "nan inside": {"val_loss": [0.5, NAN, 0.4, NAN, NAN, 0.3]},
    "infinite": {"val_loss": [math.inf, 0.5, math.inf, -math.inf, 0.1, 0.1]},
    "missing": {"val_loss": [None, 0.5, None, 0.6, None, 0.7, 0.4]},
    "accuracy": {"val_accuracy": [0.5, 0.6, 0.7, 0.7, 0.69, 0.71, 0.71, 0.7, 0.7]},
    "single": {"val_loss": [0.5]},
}

EARLY_STOPPING = [
    {},
    {"patience": 1},
    {"patience": 2},
    {"patience": 3, "restore_best_weights": True},
    {"patience": 2, "min_delta": 0.05, "restore_best_weights": True},
    {"patience": 2, "min_delta": -0.05},
    {"patience": 2, "baseline": 0.55, "restore_best_weights": True},
    {"patience": 2, "baseline": 0.1, "restore_best_weights": True},
    {"patience": 1, "start_from_epoch": 3, "restore_best_weights": True},
    {"patience": 2, "mode": "max", "restore_best_weights": True},
    {"patience": 2, "mode": "min"},
]

REDUCE_LR = [
    {},
    {"patience": 1},
    {"patience": 2, "factor": 0.5},
    {"patience": 0, "factor": 0.5},
    {"patience": 1, "factor": 0.2, "min_lr": 0.0005},
    {"patience": 1, "factor": 0.5, "cooldown": 1},
    {"patience": 2, "factor": 0.5, "cooldown": 2},
    {"patience": 1, "factor": 0.5, "cooldown": 3, "min_lr": 0.002},
    {"patience": 1, "factor": 0.5, "min_delta": 0.1},
    {"patience": 1, "factor": 0.5, "min_delta": 0},
    {"patience": 1, "factor": 0.5, "mode": "max"},
]

RATES = [0.01, 0.001]


class StubModel:
    """What the callbacks touch of a model; its weights are the number of the epoch."""

    def __init__(self, learning_rate=0.01):
        self.stop_training = False
        self.epoch = 0
        self.restored = None
        self.optimizer = keras.optimizers.SGD(learning_rate=learning_rate)
        accuracy = keras.metrics.SparseCategoricalAccuracy(name="accuracy")
        self.metrics = [compile_utils.MetricsList([accuracy])]

    def get_weights(self):
        return self.epoch

    def set_weights(self, weights):
        self.restored = weights


def epochs_of(sequence):
    """The logs of each epoch."""
    length = len(next(iter(sequence.values())))
    for epoch in range(length):
        logs = {name: values[epoch] for name, values in sequence.items()}
        yield epoch, {name: value for name, value in logs.items() if value is not None}


def started(callback, model):
    callback.set_model(model)
    callback.on_train_begin()
    return callback


def early_stopping(sequence, options):
    model = StubModel()
    callback = started(keras.callbacks.EarlyStopping(**options), model)
    stopped = None
    for epoch, logs in epochs_of(sequence):
        model.epoch = epoch
        callback.on_epoch_end(epoch, logs)
        if model.stop_training:
            stopped = epoch
            break
    callback.on_train_end()
    return {"stopped": stopped, "bestEpoch": callback.best_epoch, "restored": model.restored}


def reduce_lr(sequence, options, learning_rate):
    model = StubModel(learning_rate)
    callback = started(keras.callbacks.ReduceLROnPlateau(**options), model)
    rates = []
    for epoch, logs in epochs_of(sequence):
        callback.on_epoch_end(epoch, logs)
        rates.append(float(keras.ops.convert_to_numpy(model.optimizer.learning_rate)))
    return {"learningRates": rates}


def monitored(sequence, options):
    return {"monitor": next(iter(sequence)), **options}


def plain(value):
    """JSON has no NaN and no infinities: they become texts that JavaScript's Number() reads."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value


def main():
    warnings.simplefilter("ignore")
    golden = {"keras": keras.__version__, "sequences": SEQUENCES, "earlyStopping": [], "reduceLr": []}
    for name, sequence in SEQUENCES.items():
        for given in EARLY_STOPPING:
            options = monitored(sequence, given)
            result = early_stopping(sequence, options)
            golden["earlyStopping"].append({"sequence": name, "options": options, **result})
        for given in REDUCE_LR:
            options = monitored(sequence, given)
            for rate in RATES:
                result = reduce_lr(sequence, options, rate)
                case = {"sequence": name, "options": options, "learningRate": rate, **result}
                golden["reduceLr"].append(case)
    lines = []
    for key, value in plain(golden).items():
        if isinstance(value, list):
            rows = ",\n    ".join(json.dumps(row) for row in value)
            lines.append(f'  "{key}": [\n    {rows}\n  ]')
        else:
            lines.append(f'  "{key}": {json.dumps(value)}')
    TARGET.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()

"""Keras: `fit` of the `cnn` at batch 32 until an epoch's training accuracy is 99.5 %, as the tutorials do it.

Prints that it is reached, and in the end {"version": ..., "epochs": ..., "accuracy": ...}. Whoever starts it takes the
times.
"""

import argparse
import json
import pathlib

from harness import load_training_data

import keras
import tensorflow as tf
from keras_models import build

BATCH = 32
MOST_EPOCHS = 20
TARGET = 0.995


class StopAtTarget(keras.callbacks.Callback):
    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        if logs is not None and logs["accuracy"] >= TARGET:
            print(f"Reached {TARGET:.1%} accuracy", flush=True)
            self.model.stop_training = True


def main(options: argparse.Namespace) -> None:
    keras.utils.set_random_seed(options.seed)
    if options.precision == "bfloat16":
        keras.mixed_precision.set_global_policy("mixed_bfloat16")
    images, labels = load_training_data(options.data)
    model = build("cnn")
    history = model.fit(
        images, labels, batch_size=BATCH, epochs=MOST_EPOCHS, verbose=0, callbacks=[StopAtTarget()]
    ).history
    version = f"Keras {keras.__version__}, TensorFlow {tf.__version__}"
    accuracies = history["accuracy"]
    print(json.dumps({"version": version, "epochs": len(accuracies), "accuracy": accuracies[-1]}), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--precision", choices=["float32", "bfloat16"], default="float32")
    parser.add_argument("--data", type=pathlib.Path, required=True, help="directory with MNIST's unpacked IDX files")
    main(parser.parse_args())

"""Keras: `fit` on TensorFlow, with the accuracy it prints for everybody, as it comes out of the box.

Out of the box XLA is off on a CPU (jit_compile="auto"), where it would be slower. --clock says what counts: `epoch`
from begin to end of an epoch, as it is from the second epoch on; `call` all of a call of `fit` with one epoch, with
what it does once for all epochs, such as copying the data.
"""

import argparse
import time

from harness import Measurement, load_training_data, parse_arguments, serve

import keras
from keras_models import build
import numpy as np
import tensorflow as tf

LEAST_STEPS = 30  # An epoch has its own beginning; fewer steps would make it weigh more than in a real one.


class EpochClock(keras.callbacks.Callback):
    """Keeps how long the last epoch took, in seconds."""

    seconds = 0.0

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        self._begin = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        self.seconds = time.perf_counter() - self._begin


def main(options: argparse.Namespace) -> None:
    if options.precision == "bfloat16":
        keras.mixed_precision.set_global_policy("mixed_bfloat16")
    images, labels = load_training_data(options.data)
    model = build(options.model)
    clock = EpochClock()

    def epoch(steps: int) -> Measurement:
        rows = steps * options.batch
        begin = time.perf_counter()
        model.fit(images[:rows], labels[:rows], batch_size=options.batch, verbose=0, callbacks=[clock])
        call_seconds = time.perf_counter() - begin
        return Measurement(steps, clock.seconds if options.clock == "epoch" else call_seconds)

    most_steps = len(images) // options.batch
    epoch(min(LEAST_STEPS, most_steps))  # Traces the step; the next one says how long a step takes.
    warm = epoch(min(LEAST_STEPS, most_steps))
    wanted = round(options.seconds * warm.steps / warm.seconds)
    steps = int(np.clip(wanted, min(LEAST_STEPS, most_steps), most_steps))
    version = f"Keras {keras.__version__}, TensorFlow {tf.__version__}"
    serve(f"Keras fit ({options.clock})", version, options, lambda: epoch(steps))


main(parse_arguments(__doc__, clock=["epoch", "call"]))

"""TensorFlow's own graph of a whole training step: forward, backward, one fused ResourceApplyAdam a weight.

Nothing of Keras is in it, shapes are static, logits go straight into the fused cross-entropy: as fast as TensorFlow
gets without writing kernels. --through says who calls the graph: `function` is tf.function from Python, `session`
is TF_SessionRun with a callable made beforehand, the shorter way in for small batches.
"""

import argparse
from collections.abc import Callable

from harness import load_training_data, parse_arguments, run_steps, serve
from tf_models import TrainingStep

import numpy as np
import tensorflow as tf

WARM_UP_STEPS = 10


def through_function(options: argparse.Namespace) -> Callable[[np.ndarray, np.ndarray], float]:
    """A step through tf.function; the loss is read each time, as it is everywhere in this comparison."""
    training = TrainingStep(options.model, options.precision)
    signature = [tf.TensorSpec([options.batch, 28, 28, 1]), tf.TensorSpec([options.batch], tf.int32)]
    traced = tf.function(training, input_signature=signature).get_concrete_function()

    def step(images: np.ndarray, labels: np.ndarray) -> float:
        return float(traced(tf.constant(images), tf.constant(labels))["loss"])

    return step


def through_session(options: argparse.Namespace) -> Callable[[np.ndarray, np.ndarray], float]:
    """A step through TF_SessionRun: the graph is the same, but no Python stands between two of its operations."""
    graph = tf.Graph()
    with graph.as_default():
        images = tf.compat.v1.placeholder(tf.float32, [options.batch, 28, 28, 1])
        labels = tf.compat.v1.placeholder(tf.int32, [options.batch])
        results = TrainingStep(options.model, options.precision)(images, labels)
        session = tf.compat.v1.Session(graph=graph)
        session.run(tf.compat.v1.global_variables_initializer())
        call = session.make_callable([results["loss"], results["accuracy"]], [images, labels])
    return lambda image_rows, label_rows: float(call(image_rows, label_rows)[0])


def main(options: argparse.Namespace) -> None:
    tf.random.set_seed(1)
    images, labels = load_training_data(options.data)
    run = {"function": through_function, "session": through_session}[options.through](options)

    def step(first: int) -> None:
        rows = slice(first, first + options.batch)
        run(images[rows], labels[rows])

    for index in range(WARM_UP_STEPS):
        step(index * options.batch)
    serve(
        f"TensorFlow's own graph ({options.through})",
        f"TensorFlow {tf.__version__}",
        options,
        lambda: run_steps(step, options.batch, len(images), options.seconds),
    )


main(parse_arguments(__doc__, through=["function", "session"]))

"""TensorFlow's own graph of a whole training step: forward, backward, one fused ResourceApplyAdam a weight.

Nothing of Keras is in it, shapes are static, logits go straight into the fused cross-entropy: as fast as TensorFlow
gets without writing kernels. --through says who calls the graph: `function` is tf.function from Python, `session`
is TF_SessionRun with a callable made beforehand, the shorter way in for small batches.
"""

import argparse
from collections.abc import Callable

from harness import load_training_data, parse_arguments, run_steps, serve

import numpy as np
import tensorflow as tf

WARM_UP_STEPS = 10
BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-7
LEARNING_RATES = {"cnn": 0.001, "deep": 0.0001}
SHAPES = {
    "cnn": [(3, 3, 1, 32), (32,), (5408, 128), (128,), (128, 10), (10,)],
    "deep": [(5, 5, 1, 32), (32,), (5, 5, 32, 64), (64,), (3136, 1024), (1024,), (1024, 10), (10,)],
}


class TrainingStep:
    """A model of packages/core/src/model/zoo.ts with Adam's state; calling it builds a step in the current graph."""

    def __init__(self, name: str, precision: str) -> None:
        self.name = name
        self.compute = tf.dtypes.as_dtype(precision)
        self.weights = [tf.Variable(initial_value(name, shape)) for shape in SHAPES[name]]
        self.slots = [[tf.Variable(np.zeros(shape, np.float32)) for shape in SHAPES[name]] for _ in range(2)]
        self.powers = [tf.Variable(BETA1), tf.Variable(BETA2)]

    def __call__(self, images: tf.Tensor, labels: tf.Tensor) -> dict[str, tf.Tensor]:
        with tf.GradientTape() as tape:
            logits = tf.cast(self.logits(tf.cast(images, self.compute)), tf.float32)
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
            loss = tf.reduce_mean(losses)
        updates = self.apply(tape.gradient(loss, self.weights))
        hits = tf.equal(tf.argmax(logits, -1, tf.int32), labels)
        with tf.control_dependencies(updates):
            return {"loss": tf.identity(loss), "accuracy": tf.reduce_mean(tf.cast(hits, tf.float32))}

    def logits(self, x: tf.Tensor) -> tf.Tensor:
        weights = [tf.cast(weight, self.compute) for weight in self.weights]
        if self.name == "cnn":
            x = convolve(x, weights[0], weights[1], "VALID")
        else:
            x = convolve(x, weights[0], weights[1], "SAME")
            x = convolve(x, weights[2], weights[3], "SAME")
        kernel, bias, out_kernel, out_bias = weights[-4:]
        x = tf.reshape(x, (-1, kernel.shape[0]))
        x = tf.nn.relu(tf.nn.bias_add(tf.matmul(x, kernel), bias))
        if self.name == "deep":
            x = tf.nn.dropout(x, 0.5)
        return tf.nn.bias_add(tf.matmul(x, out_kernel), out_bias)

    def apply(self, gradients: list[tf.Tensor]) -> list[tf.Operation]:
        """Adam's update of each weight, then of the powers of beta: the operations a step has to wait for."""
        powers = [power.read_value() for power in self.powers]
        adam = {"lr": LEARNING_RATES[self.name], "beta1": BETA1, "beta2": BETA2, "epsilon": EPSILON}
        updates = [
            tf.raw_ops.ResourceApplyAdam(
                var=weight.handle, m=m.handle, v=v.handle, grad=gradient,
                beta1_power=powers[0], beta2_power=powers[1], **adam,
            )
            for weight, m, v, gradient in zip(self.weights, *self.slots, gradients, strict=True)
        ]  # fmt: skip
        with tf.control_dependencies(updates):
            for power, value, beta in zip(self.powers, powers, (BETA1, BETA2), strict=True):
                updates.append(power.assign(value * beta, read_value=False))
        return updates


def convolve(x: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor, padding: str) -> tf.Tensor:
    x = tf.nn.relu(tf.nn.bias_add(tf.nn.conv2d(x, kernel, 1, padding), bias))
    return tf.nn.max_pool2d(x, 2, 2, "VALID")


def initial_value(name: str, shape: tuple[int, ...]) -> np.ndarray:
    """`cnn`: Glorot uniform and zeros; `deep`: normal with deviation 0.1 cut at two deviations, and 0.1."""
    random = np.random.default_rng(1)
    if len(shape) == 1:
        return np.full(shape, 0.1 if name == "deep" else 0.0, np.float32)
    if name == "deep":
        return np.clip(random.normal(0, 0.1, shape), -0.2, 0.2).astype(np.float32)
    field = int(np.prod(shape[:-2]))
    limit = np.sqrt(6 / (field * (shape[-2] + shape[-1])))
    return random.uniform(-limit, limit, shape).astype(np.float32)


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

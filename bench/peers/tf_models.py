"""The models of packages/core/src/model/zoo.ts in TensorFlow's own operations, with the step that trains them."""

from collections.abc import Callable

import numpy as np
import tensorflow as tf

BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-7
LEARNING_RATES = {"cnn": 0.001, "deep": 0.0001}
SHAPES = {
    "cnn": [(3, 3, 1, 32), (32,), (5408, 128), (128,), (128, 10), (10,)],
    "deep": [(5, 5, 1, 32), (32,), (5, 5, 32, 64), (64,), (3136, 1024), (1024,), (1024, 10), (10,)],
}

Gradients = list[tf.Tensor]


class TrainingStep:
    """A model with Adam's state; calling it builds a step in the current graph.

    `reduce` makes of the gradients of a replica those of all of them.
    """

    def __init__(self, name: str, precision: str, reduce: Callable[[Gradients], Gradients] = list) -> None:
        self.name = name
        self.reduce = reduce
        self.compute = tf.dtypes.as_dtype(precision)
        self.weights = [tf.Variable(initial_value(name, shape)) for shape in SHAPES[name]]
        self.slots = [[tf.Variable(np.zeros(shape, np.float32)) for shape in SHAPES[name]] for _ in range(2)]
        # How replicas agree on a value that all of them compute alike has to be said.
        same = tf.VariableAggregation.ONLY_FIRST_REPLICA
        self.powers = [tf.Variable(beta, aggregation=same) for beta in (BETA1, BETA2)]

    def __call__(self, images: tf.Tensor, labels: tf.Tensor) -> dict[str, tf.Tensor]:
        with tf.GradientTape() as tape:
            logits = tf.cast(self.logits(tf.cast(images, self.compute)), tf.float32)
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
            loss = tf.reduce_mean(losses)
        updates = self.apply(self.reduce(tape.gradient(loss, self.weights)))
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

    def apply(self, gradients: Gradients) -> list[tf.Operation]:
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

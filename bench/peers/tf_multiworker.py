"""TensorFlow: one worker of MultiWorkerMirroredStrategy with a training loop of its own, with one thread.

Keras 3's `fit` does not run with this strategy (3.15.1 fails when it builds the model), and costs more than this loop:
the graph of tf_function.py, whose gradients the strategy adds up.
"""

import argparse
import json
import os

from harness import load_training_data
from ranks import RankLoop, parse_rank_arguments

import tensorflow as tf
from tf_models import TrainingStep


def total_of(values: tf.Tensor | list[tf.Tensor], operation: tf.distribute.ReduceOp) -> tf.Tensor | list[tf.Tensor]:
    return tf.distribute.get_replica_context().all_reduce(operation, values)


def main(options: argparse.Namespace) -> None:
    task = {"type": "worker", "index": options.rank}
    os.environ["TF_CONFIG"] = json.dumps({"cluster": {"worker": options.meet.split(",")}, "task": task})
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.random.set_seed(1)
    strategy = tf.distribute.MultiWorkerMirroredStrategy()
    images, labels = load_training_data(options.data, slice(options.rank, None, options.ranks))

    def mean(gradients: list[tf.Tensor]) -> list[tf.Tensor]:
        return total_of(gradients, tf.distribute.ReduceOp.MEAN)

    with strategy.scope():
        training = TrainingStep(options.model, "float32", mean)

    @tf.function(
        input_signature=[tf.TensorSpec([options.batch, 28, 28, 1]), tf.TensorSpec([options.batch], tf.int32)]
    )
    def train(image_rows: tf.Tensor, label_rows: tf.Tensor) -> dict[str, tf.Tensor]:
        return strategy.run(training, (image_rows, label_rows))

    @tf.function(input_signature=[tf.TensorSpec([], tf.int64)])
    def total(number: tf.Tensor) -> tf.Tensor:
        return strategy.run(lambda: total_of(tf.identity(number), tf.distribute.ReduceOp.SUM))

    def step(rows: slice) -> None:
        float(train(tf.constant(images[rows]), tf.constant(labels[rows]))["loss"])

    def agree(number: int) -> int:
        return int(total(tf.constant(number if options.rank == 0 else 0, tf.int64)))

    RankLoop(options, len(images), step, agree).serve(
        "TensorFlow MultiWorkerMirroredStrategy", f"TensorFlow {tf.__version__}"
    )


main(parse_rank_arguments(__doc__))

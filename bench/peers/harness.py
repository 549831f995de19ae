"""What the peers' scripts share: arguments, data, and when to measure.

A script prepares and warms up its model, prints one line {"ready": ..., "version": ...}, and then waits: for
each line on its standard input it trains for about --seconds and prints one measurement as a line of JSON;
at the end of the input it ends. So that whoever compares can let two programs take turns. By hand:

    echo | python tf_function.py --model cnn --batch 32 --data DIRECTORY
"""

import argparse
import json
import os
import pathlib
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np


@dataclass(frozen=True)
class Measurement:
    """Steps done and the time they took, in seconds."""

    steps: int
    seconds: float


def parse_arguments(description: str, **choices: list[str]) -> argparse.Namespace:
    """Reads the arguments that all peers take; `choices` are further ones, the first value the default."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--model", choices=["cnn", "deep"], default="cnn")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--precision", choices=["float32", "bfloat16"], default="float32")
    parser.add_argument("--seconds", type=float, default=2.0, help="how long a measurement takes, about")
    parser.add_argument("--data", type=pathlib.Path, required=True, help="directory with MNIST's unpacked IDX files")
    for name, values in choices.items():
        parser.add_argument(f"--{name}", choices=values, default=values[0])
    return parser.parse_args()


def load_training_data(directory: pathlib.Path, rows: slice = slice(None)) -> tuple[np.ndarray, np.ndarray]:
    """Images, float32 [n, 28, 28, 1] in 0..1, and labels, int32 [n]: all 60,000, or some of them."""
    images = np.fromfile(directory / "train-images-idx3-ubyte", np.uint8, offset=16)
    labels = np.fromfile(directory / "train-labels-idx1-ubyte", np.uint8, offset=8)
    scaled = images.reshape(-1, 28, 28, 1)[rows].astype(np.float32)
    scaled /= np.float32(255)
    return scaled, labels[rows].astype(np.int32)


def run_steps(step: Callable[[int], None], batch: int, samples: int, seconds: float) -> Measurement:
    """Calls `step` with the first row of one batch after another until the time is up, five times at least."""
    begin = time.perf_counter()
    done = 0
    while done < 5 or time.perf_counter() - begin < seconds:
        step(done * batch % (samples - batch + 1))
        done += 1
    return Measurement(done, time.perf_counter() - begin)


def serve(peer: str, version: str, options: argparse.Namespace, measure: Callable[[], Measurement]) -> None:
    """Says that the script is ready (call this after the warm-up), then measures whenever it is told to."""
    _print_line({"ready": peer, "version": version})
    for _ in sys.stdin:
        measured = measure()
        step_seconds = measured.seconds / measured.steps
        _print_line(
            {
                "peer": peer,
                "model": options.model,
                "batch": options.batch,
                "precision": options.precision,
                "imagesPerSecond": options.batch / step_seconds,
                "stepMs": 1000 * step_seconds,
            }
        )


def _print_line(line: dict[str, object]) -> None:
    print(json.dumps(line), flush=True)

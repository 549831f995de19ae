"""What the peers' scripts that are one rank of several share.

A rank prepares and warms up its model, prints {"ready": ..., "version": ...}, and then does as it is told, a line of
JSON for each line of JSON. All ranks are told the same at the same time:

    {"do": "measure", "seconds": S}   trains for about that long; {"steps": ..., "milliseconds": ...}
    {"do": "run", "until": N}         trains until N steps are done, the warm-up included; {"steps": N}
"""

import argparse
import json
import pathlib
import sys
import time
from collections.abc import Callable

WARM_UP_SECONDS = 1.0
LEAST_STEPS = 5


def parse_rank_arguments(description: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--rank", type=int, required=True)
    parser.add_argument("--ranks", type=int, required=True)
    parser.add_argument("--model", choices=["cnn", "deep"], default="cnn")
    parser.add_argument("--batch", type=int, default=32, help="images of this rank in a step")
    parser.add_argument("--data", type=pathlib.Path, required=True, help="directory with MNIST's unpacked IDX files")
    parser.add_argument("--meet", required=True, help="where ranks find each other: a new file, or addresses")
    return parser.parse_args()


class RankLoop:
    """Trains when told; `agree` gives every rank the number that rank 0 has in mind."""

    def __init__(
        self, options: argparse.Namespace, samples: int, step: Callable[[slice], None], agree: Callable[[int], int]
    ) -> None:
        self._batch = options.batch
        self._samples = samples
        self._step = step
        self._agree = agree
        self._done = 0
        self._step_seconds = 1.0

    def serve(self, peer: str, version: str) -> None:
        self._run(LEAST_STEPS)
        self._run(self._steps_in(WARM_UP_SECONDS))
        _print_line({"ready": peer, "version": version})
        for line in sys.stdin:
            order = json.loads(line)
            if order["do"] == "measure":
                steps = self._steps_in(order["seconds"])
                _print_line({"steps": steps, "milliseconds": 1000 * self._run(steps)})
            else:
                self._run(order["until"] - self._done)
                _print_line({"steps": self._done})

    def _steps_in(self, seconds: float) -> int:
        """As many as rank 0 expects to take about so long."""
        return self._agree(max(LEAST_STEPS, round(seconds / self._step_seconds)))

    def _run(self, steps: int) -> float:
        """Gives the time that it took, in seconds."""
        begin = time.perf_counter()
        for _ in range(steps):
            first = self._done * self._batch % (self._samples - self._batch + 1)
            self._step(slice(first, first + self._batch))
            self._done += 1
        seconds = time.perf_counter() - begin
        self._step_seconds = seconds / max(1, steps)
        return seconds


def _print_line(line: dict[str, object]) -> None:
    print(json.dumps(line), flush=True)

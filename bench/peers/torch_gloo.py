"""PyTorch's gloo: one rank of an all-reduce. Speaks as bench/reducerRank.mjs does, in lines of JSON.

gloo gives the sum, where Lockstep gives the mean: the division is left out of gloo's time. Ranks meet before each
operation, as ours do, in a small operation.
"""

import argparse
import json
import pathlib
import sys
import time

import torch
import torch.distributed as dist

PERIOD = 251
BLOCK_LENGTH = PERIOD * 64
WARM_UP_OPERATIONS = 3
MEETING_LENGTH = 16


def input_block(rank: int, operation: int) -> torch.Tensor:
    """What a rank brings to an operation, as bench/support/pattern.mjs has it: one block, float32."""
    return ((7 * torch.arange(BLOCK_LENGTH) + 13 * rank + 5 * operation) % PERIOD).float()


class Rank:
    def __init__(self, rank: int, ranks: int) -> None:
        self._meeting = torch.zeros(MEETING_LENGTH)
        self._inputs = [input_block(rank, operation) for operation in (0, 1)]
        self._sums = [sum(input_block(each, operation) for each in range(ranks)) for operation in (0, 1)]
        self._array = torch.empty(0)
        self._operation = 0

    def prepare(self, length: int) -> list[float]:
        self._array = torch.zeros(length)
        return self.measure(WARM_UP_OPERATIONS, proven=True)

    def measure(self, operations: int, proven: bool = False) -> list[float]:
        times = []
        for index in range(operations):
            for part, block in self._parts(self._inputs):
                part.copy_(block)
            dist.all_reduce(self._meeting)
            begin = time.perf_counter()
            dist.all_reduce(self._array)
            times.append(1000 * (time.perf_counter() - begin))
            if proven or index == operations - 1:
                self._check()
            self._operation += 1
        return times

    def release(self) -> list[float]:
        self._array = torch.empty(0)
        return []

    def _parts(self, blocks: list[torch.Tensor]) -> list[tuple[torch.Tensor, torch.Tensor]]:
        """All of the array in whole blocks, then the rest of it, each with what belongs there."""
        block = blocks[self._operation % 2]
        whole = len(self._array) // BLOCK_LENGTH * BLOCK_LENGTH
        rest = self._array[whole:]
        return [(self._array[:whole].view(-1, BLOCK_LENGTH), block), (rest, block[: len(rest)])]

    def _check(self) -> None:
        if not all(bool((part == block).all()) for part, block in self._parts(self._sums)):
            raise ValueError(f"operation {self._operation}: a sum is wrong")


def main(options: argparse.Namespace) -> None:
    torch.set_num_threads(1)
    dist.init_process_group(
        "gloo", init_method=options.store.as_uri(), rank=options.rank, world_size=options.ranks
    )
    rank = Rank(options.rank, options.ranks)
    _print_line({"ready": "gloo", "version": f"PyTorch {torch.__version__}"})
    for line in sys.stdin:
        order = json.loads(line)
        _print_line({"milliseconds": obey(rank, order)})
    dist.destroy_process_group()


def obey(rank: Rank, order: dict) -> list[float]:
    if order["do"] == "prepare":
        return rank.prepare(order["length"])
    if order["do"] == "measure":
        return rank.measure(order["operations"])
    return rank.release()


def _print_line(line: dict[str, object]) -> None:
    print(json.dumps(line), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rank", type=int, required=True)
    parser.add_argument("--ranks", type=int, required=True)
    parser.add_argument("--store", type=pathlib.Path, required=True, help="a new file: where ranks find each other")
    main(parser.parse_args())

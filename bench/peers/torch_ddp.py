"""PyTorch: one rank of the usual training loop with DistributedDataParallel over gloo, with one thread.

As everybody writes it: buckets as they come out of the box, each rank trains its share of the samples, the loss is read
in each step; accuracy is not computed.
"""

import argparse

from harness import load_training_data
from ranks import RankLoop, parse_rank_arguments
from torch_models import LEARNING_RATES, build

import torch
import torch.distributed as dist
from torch.nn import functional
from torch.nn.parallel import DistributedDataParallel


def main(options: argparse.Namespace) -> None:
    torch.set_num_threads(1)
    torch.manual_seed(1)
    dist.init_process_group(
        "gloo", init_method=f"file://{options.meet}", rank=options.rank, world_size=options.ranks
    )
    host_images, host_labels = load_training_data(options.data, slice(options.rank, None, options.ranks))
    images = torch.from_numpy(host_images).reshape(-1, 1, 28, 28)
    labels = torch.from_numpy(host_labels).long()
    model = DistributedDataParallel(build(options.model))
    optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATES[options.model], eps=1e-7)

    def step(rows: slice) -> None:
        optimizer.zero_grad()
        loss = functional.cross_entropy(model(images[rows]), labels[rows])
        loss.backward()
        optimizer.step()
        loss.item()

    def agree(number: int) -> int:
        first = torch.tensor([number])
        dist.broadcast(first, 0)
        return int(first)

    RankLoop(options, len(images), step, agree).serve("PyTorch DDP (gloo)", f"PyTorch {torch.__version__}")
    dist.destroy_process_group()


main(parse_rank_arguments(__doc__))

"""PyTorch: the usual eager training loop, with the number of threads given by --threads.

More threads are not always faster for small batches: measure one, and as many as there are cores.
"""

import argparse
import os

from harness import load_training_data, parse_arguments, run_steps, serve
from torch_models import LEARNING_RATES, build

import torch
from torch.nn import functional

WARM_UP_STEPS = 10


def main(options: argparse.Namespace) -> None:
    threads = 1 if options.threads == "one" else os.cpu_count() or 1
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    host_images, host_labels = load_training_data(options.data)
    images = torch.from_numpy(host_images).reshape(-1, 1, 28, 28)
    labels = torch.from_numpy(host_labels).long()
    model = build(options.model)
    optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATES[options.model], eps=1e-7)
    mixed = options.precision == "bfloat16"

    def step(first: int) -> None:
        rows = slice(first, first + options.batch)
        optimizer.zero_grad()
        with torch.autocast("cpu", torch.bfloat16, enabled=mixed):
            logits = model(images[rows])
        loss = functional.cross_entropy(logits.float(), labels[rows])
        loss.backward()
        optimizer.step()
        loss.item()

    for index in range(WARM_UP_STEPS):
        step(index * options.batch)
    name = f"PyTorch ({threads} thread{'' if threads == 1 else 's'})"
    serve(
        name,
        f"PyTorch {torch.__version__}",
        options,
        lambda: run_steps(step, options.batch, len(images), options.seconds),
    )


main(parse_arguments(__doc__, threads=["all", "one"]))

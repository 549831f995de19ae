"""PyTorch: the usual eager training loop, with the number of threads given by --threads.

More threads are not always faster for small batches: measure one, and as many as there are cores.
"""

import argparse
import os

from harness import load_training_data, parse_arguments, run_steps, serve

import torch
from torch import nn
from torch.nn import functional

LEARNING_RATES = {"cnn": 0.001, "deep": 0.0001}
WARM_UP_STEPS = 10


def build(name: str) -> nn.Sequential:
    """The models of packages/core/src/model/zoo.ts, up to the logits, in PyTorch's own layout (channels first)."""
    if name == "cnn":
        return nn.Sequential(
            *[nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()],
            *[nn.Linear(5408, 128), nn.ReLU(), nn.Linear(128, 10)],
        )
    model = nn.Sequential(
        *[nn.Conv2d(1, 32, 5, padding="same"), nn.ReLU(), nn.MaxPool2d(2)],
        *[nn.Conv2d(32, 64, 5, padding="same"), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()],
        *[nn.Linear(3136, 1024), nn.ReLU(), nn.Dropout(0.5), nn.Linear(1024, 10)],
    )
    for layer in model:
        if isinstance(layer, (nn.Conv2d, nn.Linear)):
            nn.init.trunc_normal_(layer.weight, std=0.1, a=-0.2, b=0.2)
            nn.init.constant_(layer.bias, 0.1)
    return model


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

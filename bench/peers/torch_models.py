"""The models of packages/core/src/model/zoo.ts in PyTorch."""

from torch import nn

LEARNING_RATES = {"cnn": 0.001, "deep": 0.0001}


def build(name: str) -> nn.Sequential:
    """A model up to the logits, in PyTorch's own layout (channels first)."""
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

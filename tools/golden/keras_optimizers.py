"""Writes packages/worker/src/optimizer/keras.golden.json: the optimizers of the real Keras, step by step.

Keras is not needed to build or test Lockstep; this file says where the numbers come from and makes them
again. From the root of the repository:

    python3 -m venv /tmp/keras-venv
    /tmp/keras-venv/bin/pip install 'keras==3.15.*' jax
    KERAS_BACKEND=jax /tmp/keras-venv/bin/python tools/golden/keras_optimizers.py

Each case applies one configuration to one weight vector for STEPS steps, with gradients that change size
and sign and hold zeros. Recorded after every step: the weights; after the last: the optimizer's slots.
"""

import json
import os
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np

STEPS = 20
OUTPUT = Path(__file__).parents[2] / "packages/worker/src/optimizer/keras.golden.json"

# Each case: the configuration as packages/core/src/optimizer.ts names it, defaults left out.
CASES = [
    {"name": "sgd"},
    {"name": "sgd", "learningRate": 0.1, "momentum": 0.9},
    {"name": "sgd", "learningRate": 0.1, "momentum": 0.9, "nesterov": True},
    {"name": "rmsprop"},
    {"name": "rmsprop", "learningRate": 0.01, "rho": 0.8, "epsilon": 1e-3},
    {"name": "rmsprop", "learningRate": 0.01, "momentum": 0.5},
    {"name": "rmsprop", "learningRate": 0.01, "centered": True, "epsilon": 1e-4},
    {"name": "rmsprop", "learningRate": 0.01, "centered": True, "momentum": 0.9, "epsilon": 1e-4},
    {"name": "adagrad"},
    {"name": "adagrad", "learningRate": 0.5, "initialAccumulatorValue": 0.0, "epsilon": 1e-2},
    {"name": "adadelta"},
    {"name": "adadelta", "learningRate": 1.0, "rho": 0.9, "epsilon": 1e-3},
    {"name": "adam"},
    {"name": "adam", "learningRate": 0.1, "beta1": 0.8, "beta2": 0.9, "epsilon": 1e-2},
    {"name": "adam", "learningRate": 0.05, "amsgrad": True, "beta2": 0.7},
    {"name": "adamw"},
    {"name": "adamw", "learningRate": 0.1, "weightDecay": 0.3, "amsgrad": True, "beta2": 0.8},
    {"name": "adamax"},
    {"name": "adamax", "learningRate": 0.1, "beta1": 0.7, "beta2": 0.8, "epsilon": 1e-2},
]

KERAS_CLASSES = {
    "sgd": keras.optimizers.SGD,
    "rmsprop": keras.optimizers.RMSprop,
    "adagrad": keras.optimizers.Adagrad,
    "adadelta": keras.optimizers.Adadelta,
    "adam": keras.optimizers.Adam,
    "adamw": keras.optimizers.AdamW,
    "adamax": keras.optimizers.Adamax,
}

KERAS_ARGUMENTS = {
    "learningRate": "learning_rate",
    "initialAccumulatorValue": "initial_accumulator_value",
    "weightDecay": "weight_decay",
    "beta1": "beta_1",
    "beta2": "beta_2",
}

WEIGHTS = np.array([0.5, -1.25, 2.0, 0.01, -0.75, 1.0, 3.5, -0.125], np.float32)


def gradients() -> np.ndarray:
    """[STEPS, len(WEIGHTS)]: one scale per element, from 1e-3 to 10, with sign changes and zeros."""
    step = np.arange(STEPS)[:, None]
    element = np.arange(len(WEIGHTS))[None, :]
    scale = 10.0 ** np.linspace(-3, 1, len(WEIGHTS))[None, :]
    values = scale * np.cos(0.9 * step + 0.7 * element) * (1 + 0.1 * step)
    values[(step + element) % 7 == 3] = 0.0
    return values.astype(np.float32)


def run(case: dict, steps: np.ndarray) -> dict:
    arguments = {KERAS_ARGUMENTS.get(k, k): v for k, v in case.items() if k != "name"}
    optimizer = KERAS_CLASSES[case["name"]](**arguments)
    variable = keras.Variable(WEIGHTS, name="w")
    optimizer.build([variable])
    weights = []
    for gradient in steps:
        optimizer.apply([keras.ops.convert_to_tensor(gradient)])
        weights.append(variable.numpy().tolist())
    slots = {
        v.name.removeprefix("w_"): v.numpy().tolist()
        for v in optimizer.variables
        if v.name not in ("iteration", "learning_rate")
    }
    learning_rate = float(keras.ops.convert_to_numpy(optimizer.learning_rate))
    return {"config": case, "learningRate": learning_rate, "weights": weights, "slots": slots}


def main() -> None:
    steps = gradients()
    golden = {
        "keras": keras.__version__,
        "backend": keras.backend.backend(),
        "initial": WEIGHTS.tolist(),
        "gradients": steps.tolist(),
        "cases": [run(case, steps) for case in CASES],
    }
    OUTPUT.write_text(json.dumps(golden) + "\n")


if __name__ == "__main__":
    main()

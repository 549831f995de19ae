"""Writes packages/worker/src/model/initializers.golden.json: how the initializers of the real Keras are spread.

Keras is not needed to build or test Lockstep; this file says where the numbers come from and makes them
again. From the root of the repository:

    python3 -m venv /tmp/keras-venv
    /tmp/keras-venv/bin/pip install 'keras==3.15.*' jax
    KERAS_BACKEND=jax /tmp/keras-venv/bin/python tools/golden/keras_initializers.py

Random numbers are not comparable, their distribution is: of many draws, their mean, standard deviation, least and
largest value.
"""

import json
import os
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np

OUTPUT = Path(__file__).parents[2] / "packages/worker/src/model/initializers.golden.json"
SHAPES = {"dense": [400, 250], "conv": [5, 5, 40, 100]}
CASES = [
    ("Zeros", {}),
    ("Ones", {}),
    ("Constant", {"value": 0.1}),
    ("RandomUniform", {}),
    ("RandomUniform", {"minval": -0.2, "maxval": 0.4}),
    ("RandomNormal", {}),
    ("RandomNormal", {"mean": 0.3, "stddev": 0.2}),
    ("TruncatedNormal", {}),
    ("TruncatedNormal", {"mean": 0.0, "stddev": 0.1}),
    ("VarianceScaling", {}),
    ("VarianceScaling", {"scale": 0.5, "mode": "fan_out", "distribution": "uniform"}),
    ("VarianceScaling", {"scale": 3.0, "mode": "fan_avg", "distribution": "untruncated_normal"}),
    ("GlorotUniform", {}),
    ("GlorotNormal", {}),
    ("HeUniform", {}),
    ("HeNormal", {}),
    ("LecunUniform", {}),
    ("LecunNormal", {}),
]


def run(name, config, shape):
    random = name not in ("Zeros", "Ones", "Constant")
    initializer = getattr(keras.initializers, name)(**config, **({"seed": 7} if random else {}))
    values = np.asarray(initializer(shape), np.float64)
    spread = {"mean": values.mean(), "deviation": values.std(), "least": values.min(), "largest": values.max()}
    return {"class_name": name, "config": config, "shape": shape, **{k: float(v) for k, v in spread.items()}}


def main():
    cases = [run(name, config, shape) for name, config in CASES for shape in SHAPES.values()]
    OUTPUT.write_text(json.dumps({"keras": keras.__version__, "cases": cases}) + "\n")


if __name__ == "__main__":
    main()

"""What SavedModels predict for FOLDER/images.bin: predictInTensorFlow.py FOLDER NAME...

Prints for each its signature, and what it predicts by TensorFlow (for all images, and for the first alone) and as a
layer of Keras.
"""

import json
import sys

import keras
import numpy as np
import tensorflow as tf

folder, *names = sys.argv[1:]
images = np.fromfile(f"{folder}/images.bin", np.uint8).reshape(-1, 28, 28, 1)
images = images.astype(np.float32) / 255


def described(specs):
    return {name: [spec.dtype.name, spec.shape.as_list()] for name, spec in specs.items()}


result = {}
for name in names:
    serve = tf.saved_model.load(f"{folder}/{name}").signatures["serving_default"]
    _, inputs = serve.structured_input_signature
    [input_name] = inputs
    layer = keras.layers.TFSMLayer(f"{folder}/{name}", call_endpoint="serving_default")
    outputs = {
        "all": serve(**{input_name: tf.constant(images)}),
        "first": serve(tf.constant(images[:1])),
        "keras": layer(images),
    }
    result[name] = {
        "inputs": described(inputs),
        "outputs": described(serve.structured_outputs),
        "predictions": {
            how: output["output_0"].numpy().flatten().tolist() for how, output in outputs.items()
        },
    }
print(json.dumps(result))

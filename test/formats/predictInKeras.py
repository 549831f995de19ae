"""What models predict for FOLDER/images.bin: predictInKeras.py FOLDER NAME..."""

import json
import sys

import keras
import numpy as np

folder, *names = sys.argv[1:]
images = np.fromfile(f"{folder}/images.bin", np.uint8).reshape(-1, 28, 28, 1)
images = images.astype(np.float32) / 255
predictions = {}
for name in names:
    model = keras.models.load_model(f"{folder}/{name}")
    predictions[name] = model.predict(images, verbose=0).flatten().tolist()
print(json.dumps(predictions))

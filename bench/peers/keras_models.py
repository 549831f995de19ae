"""The models of packages/core/src/model/zoo.ts in Keras."""

import keras


def build(name: str) -> keras.Model:
    """A model, compiled. Probabilities are float32 whatever the policy, as Keras advises."""
    return {"cnn": build_cnn, "deep": build_deep}[name]()


def build_cnn() -> keras.Model:
    """693,962 parameters, Adam at 0.001."""
    layers = [
        keras.Input((28, 28, 1)),
        keras.layers.Conv2D(32, 3, activation="relu"),
        keras.layers.MaxPooling2D(2),
        keras.layers.Flatten(),
        keras.layers.Dense(128, activation="relu"),
        keras.layers.Dense(10, activation="softmax", dtype="float32"),
    ]
    return compiled(layers, learning_rate=0.001)


def build_deep() -> keras.Model:
    """3,274,634 parameters, Adam at 0.0001."""
    start = {
        "kernel_initializer": keras.initializers.TruncatedNormal(stddev=0.1, seed=1),
        "bias_initializer": keras.initializers.Constant(0.1),
    }
    layers = [
        keras.Input((28, 28, 1)),
        keras.layers.Conv2D(32, 5, padding="same", activation="relu", **start),
        keras.layers.MaxPooling2D(2),
        keras.layers.Conv2D(64, 5, padding="same", activation="relu", **start),
        keras.layers.MaxPooling2D(2),
        keras.layers.Flatten(),
        keras.layers.Dense(1024, activation="relu", **start),
        keras.layers.Dropout(0.5),
        keras.layers.Dense(10, activation="softmax", dtype="float32", **start),
    ]
    return compiled(layers, learning_rate=0.0001)


def compiled(layers: list[keras.Layer], learning_rate: float) -> keras.Model:
    model = keras.Sequential(layers)
    optimizer = keras.optimizers.Adam(learning_rate)
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model

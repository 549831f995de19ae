/** A model as people look at it: what a tensor library says of a topology that it has built. */
export interface ModelDescription {
  readonly name: string;
  /** In the order in which they compute. A functional model's input is one of them, a Sequential's is not. */
  readonly layers: readonly LayerDescription[];
  /** The input's shape; null where any size will do, such as the batch's. */
  readonly inputShape: readonly (number | null)[];
}

export interface LayerDescription {
  readonly name: string;
  /** As Keras calls it: `Conv2D`. */
  readonly className: string;
  /** As in the topology: `filters`, `kernel_size`, `activation`, ... */
  readonly config: Readonly<Record<string, unknown>>;
  readonly outputShape: readonly (number | null)[];
  /** The names of the layers whose outputs it takes; empty at the input. */
  readonly inputs: readonly string[];
  readonly weights: readonly LayerWeight[];
}

/** One weight of a layer, and where it lies in the flat weights of a checkpoint. */
export interface LayerWeight {
  /** Within the layer: `kernel`, `bias`. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly trainable: boolean;
  /** Offset and length in elements. */
  readonly offset: number;
  readonly length: number;
}

/** What a layer gives for one image. */
export interface LayerOutput {
  readonly layer: string;
  /** Without the batch: `[26, 26, 32]`, `[10]`. */
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** Elements of a model's weights, or of those of one kind. */
export function parametersOf(
  layers: readonly Pick<LayerDescription, 'weights'>[],
  isCounted: (weight: LayerWeight) => boolean = () => true,
): number {
  // A layer that is used twice stands there once; a weight that two layers share lies in one place.
  const lengths = new Map(
    layers
      .flatMap(({ weights }) => weights)
      .filter(isCounted)
      .map(({ offset, length }) => [offset, length]),
  );
  return [...lengths.values()].reduce((sum, length) => sum + length, 0);
}

import { LockstepError } from '@lockstep/core';
import {
  avgPool,
  mul,
  pad,
  type serialization,
  type Tensor,
  type Tensor4D,
  tensor,
  tidy,
} from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import { type Frame, frameOf } from './frame.js';

type LayerArguments = NonNullable<ConstructorParameters<typeof layers.Layer>[0]>;
type Shape = (number | null)[];

interface PoolingArguments extends LayerArguments {
  poolSize: number | [number, number];
  strides?: number | [number, number] | null;
  dataFormat?: string;
}

/**
 * Average pooling with `padding="same"`: a window at the border is the mean of the elements that it has.
 *
 * TensorFlow.js's own has another gradient there on its own backends: that of a window's sum over its whole area
 * (its AvgPoolGrad kernels do not count). So the border is put on by hand, and its zeros are taken out of the mean.
 */
export class AveragePooling2D extends layers.Layer {
  static readonly className: string = 'LockstepAveragePooling2D';
  readonly #poolSize: readonly [number, number];
  readonly #strides: readonly [number, number];

  constructor(given: PoolingArguments) {
    super(given);
    if (given.dataFormat === 'channelsFirst') {
      throw new LockstepError('USAGE', `layer '${this.name}' has its channels first`, {
        hint: 'Put the channels last: data_format="channels_last".',
      });
    }
    this.#poolSize = pairOf(given.poolSize);
    this.#strides = pairOf(given.strides ?? given.poolSize);
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    const input = (Array.isArray(inputs) ? inputs[0]! : inputs) as Tensor4D;
    const [, height, width] = input.shape;
    const frames = this.#frames(height, width);
    return tidy(() => {
      const framed = pad(input, [[0, 0], frames[0].padding, frames[1].padding, [0, 0]]);
      const means = avgPool(framed, [...this.#poolSize], [...this.#strides], 'valid');
      return mul(means, correction(frames, this.#poolSize));
    });
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const [samples = null, height, width, channels = null] = inputShape as Shape;
    const [rows, columns] = this.#frames(height ?? 0, width ?? 0);
    return [samples, rows.counts.length, columns.counts.length, channels];
  }

  override getConfig(): serialization.ConfigDict {
    const sizes = { poolSize: [...this.#poolSize], strides: [...this.#strides] };
    return { ...super.getConfig(), ...sizes, padding: 'same' };
  }

  #frames(height: number, width: number): readonly [Frame, Frame] {
    const along = (size: number, axis: 0 | 1) =>
      frameOf(size, this.#poolSize[axis], this.#strides[axis]);
    return [along(height, 0), along(width, 1)];
  }
}

/** `[1, rows, columns, 1]`: the window's area over the elements of the image that are in it. */
function correction([rows, columns]: readonly [Frame, Frame], poolSize: readonly number[]): Tensor {
  const area = poolSize[0]! * poolSize[1]!;
  const values = rows.counts.flatMap((high) => columns.counts.map((wide) => area / (high * wide)));
  return tensor(values, [1, rows.counts.length, columns.counts.length, 1]);
}

const pairOf = (size: number | [number, number]): readonly [number, number] =>
  typeof size === 'number' ? [size, size] : size;

import {
  add,
  customGrad,
  mul,
  type Scalar,
  scalar,
  type Tensor,
  type Tensor2D,
  tensor,
  tensor1d,
  tidy,
  type Variable,
  variableGrads,
} from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Loss } from '../../loss/index.js';
import type { BuiltModel } from '../../model/index.js';
import type { Noise } from '../../noise/index.js';
import type { Moment, Parameter } from '../engine.js';
import { useBackend } from './backend.js';
import { type BatchSums, type Network, variableOf } from './network.js';

/** The values of a tensor on the host, to be read before the backend is used again. */
export type ReadValues = (tensor: Tensor) => Float32Array;

/**
 * A network on a backend whose tensors can be read at once. Every method is one synchronous piece of
 * work and leaves no tensors behind.
 */
export class SynchronousNetwork implements Network {
  readonly #backend: string;
  readonly #read: ReadValues;
  readonly #network: LayersModel;
  readonly #noise: Noise;
  readonly #loss: Loss;
  readonly #classes: number;
  readonly #weights: readonly { parameter: Parameter; variable: Variable }[];

  constructor(backend: string, built: BuiltModel, read: ReadValues) {
    this.#backend = backend;
    this.#read = read;
    this.#network = built.network;
    this.#noise = built.noise;
    this.#loss = built.loss;
    this.#classes = built.classes;
    this.#weights = built.parameters.map((parameter, index) => ({
      parameter,
      variable: variableOf(built.variables[index]!),
    }));
  }

  /** Copies flat weights into the variables. */
  write(weights: Float32Array): void {
    this.#run(() => {
      for (const { parameter, variable } of this.#weights) {
        const { offset, length, shape } = parameter;
        variable.assign(tensor(weights.subarray(offset, offset + length), [...shape]));
      }
    });
  }

  gradients(
    images: Float32Array,
    shape: number[],
    labels: Uint8Array,
    gradient: Float32Array,
    { step, position }: Moment,
  ): BatchSums {
    return this.#run(() => {
      const input = tensor(images, shape);
      const counter = tensor1d([position, step], 'int32');
      const trainable = this.#weights.filter(({ parameter }) => parameter.trainable);
      let correct = 0;
      const { value, grads } = variableGrads(
        () => {
          const logits = this.#noise.during(counter, () => this.#logits(input));
          const mean = customGrad((...inputs) => {
            const given = inputs[0] as Tensor;
            const slope = new Float32Array(given.size);
            const values = given.dataSync<'float32'>();
            const sums = this.#loss.compute(values, labels, this.#classes, slope);
            correct = sums.correct;
            const value = scalar(sums.loss / labels.length);
            return { value, gradFunc: (dy: Tensor) => mul(dy, tensor(slope, given.shape)) };
          })(logits) as Scalar;
          return this.#regularization().reduce((sum, each) => add(sum, each), mean);
        },
        trainable.map(({ variable }) => variable),
      );
      for (const { parameter, variable } of trainable) {
        const { offset, length } = parameter;
        const found = grads[variable.name];
        if (found === undefined) gradient.fill(0, offset, offset + length);
        else gradient.set(this.#read(found), offset);
      }
      return { loss: value.dataSync()[0]! * labels.length, correct };
    });
  }

  evaluate(images: Float32Array, shape: number[], labels: Uint8Array): BatchSums {
    return this.#run(() => {
      const logits = this.#logits(tensor(images, shape)).dataSync<'float32'>();
      const { loss, correct } = this.#loss.compute(logits, labels, this.#classes);
      return { loss: loss + this.#regularizationSum() * labels.length, correct };
    });
  }

  predict(images: Float32Array, shape: number[]): Float32Array {
    return this.#run(() => {
      const logits = this.#logits(tensor(images, shape)).dataSync<'float32'>();
      return this.#loss.outputs(logits, this.#classes);
    });
  }

  dispose(): void {
    useBackend(this.#backend);
    this.#network.dispose();
  }

  #run<Result>(work: () => Result): Result {
    useBackend(this.#backend);
    let result: Result | undefined;
    tidy(() => {
      result = work();
    });
    return result as Result;
  }

  #logits(input: Tensor): Tensor2D {
    return this.#network.apply(input) as Tensor2D;
  }

  #regularization(): Scalar[] {
    return this.#network.calculateLosses();
  }

  #regularizationSum(): number {
    return this.#regularization().reduce((sum, each) => sum + each.dataSync()[0]!, 0);
  }
}

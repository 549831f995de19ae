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
import { outputsOf } from '../../loss/index.js';
import type { BuiltModel } from '../../model/index.js';
import type { Moment, Parameter } from '../engine.js';
import { useBackend } from './backend.js';
import { type BatchSums, measure, type Network, variableOf } from './network.js';

/** The values of a tensor on the host, to be read before the backend is used again. */
export type ReadValues = (tensor: Tensor) => Float32Array;

/**
 * A network on a backend whose tensors can be read at once. Every method is one synchronous piece of
 * work and leaves no tensors behind.
 */
export class SynchronousNetwork implements Network {
  readonly #backend: string;
  readonly #read: ReadValues;
  readonly #built: BuiltModel;
  readonly #weights: readonly { parameter: Parameter; variable: Variable }[];

  constructor(backend: string, built: BuiltModel, read: ReadValues) {
    this.#backend = backend;
    this.#read = read;
    this.#built = built;
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
    const { noise, loss, units } = this.#built;
    return this.#run(() => {
      const input = tensor(images, shape);
      const counter = tensor1d([position, step], 'int32');
      const trainable = this.#weights.filter(({ parameter }) => parameter.trainable);
      let measured: number[] = [];
      const { value, grads } = variableGrads(
        () => {
          const scores = noise.during(counter, () => this.#scores(input));
          const mean = customGrad((...inputs) => {
            const given = inputs[0] as Tensor;
            const slope = new Float32Array(given.size);
            const values = given.dataSync<'float32'>();
            const value = scalar(loss.compute(values, labels, units, slope) / labels.length);
            measured = measure(this.#built, values, labels);
            return { value, gradFunc: (dy: Tensor) => mul(dy, tensor(slope, given.shape)) };
          })(scores) as Scalar;
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
      return { loss: value.dataSync()[0]! * labels.length, measured };
    });
  }

  evaluate(images: Float32Array, shape: number[], labels: Uint8Array): BatchSums {
    return this.#run(() => {
      const scores = this.#scores(tensor(images, shape)).dataSync<'float32'>();
      const loss = this.#built.loss.compute(scores, labels, this.#built.units);
      const measured = measure(this.#built, scores, labels);
      return { loss: loss + this.#regularizationSum() * labels.length, measured };
    });
  }

  predict(images: Float32Array, shape: number[]): Float32Array {
    return this.#run(() => {
      const scores = this.#scores(tensor(images, shape)).dataSync<'float32'>();
      return outputsOf(this.#built.loss.head, scores, this.#built.units);
    });
  }

  dispose(): void {
    useBackend(this.#backend);
    this.#built.network.dispose();
  }

  #run<Result>(work: () => Result): Result {
    useBackend(this.#backend);
    let result: Result | undefined;
    tidy(() => {
      result = work();
    });
    return result as Result;
  }

  #scores(input: Tensor): Tensor2D {
    return this.#built.network.apply(input) as Tensor2D;
  }

  #regularization(): Scalar[] {
    return this.#built.network.calculateLosses();
  }

  #regularizationSum(): number {
    return this.#regularization().reduce((sum, each) => sum + each.dataSync()[0]!, 0);
  }
}

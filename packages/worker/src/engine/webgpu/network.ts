import {
  add,
  clone,
  concat1d,
  keep,
  mean,
  reshape,
  type Scalar,
  scalar,
  type Tensor,
  type Tensor2D,
  tensor,
  tensor1d,
  tensor2d,
  tidy,
  type Variable,
  variableGrads,
} from '@tensorflow/tfjs-core';
import { outputsOf, targetsOf } from '../../loss/index.js';
import type { BuiltModel } from '../../model/index.js';
import type { Moment, Parameter } from '../engine.js';
import { useBackend } from '../tfjs/backend.js';
import { type BatchSums, measure, type Network, variableOf } from '../tfjs/network.js';
import { backendName } from './backend.js';
import type { Device } from './device.js';

/**
 * A network on the GPU. Each method sends all its work at once and waits once, for one array with all
 * the results: a step costs one trip to the GPU and back. What is measured is computed on the host from
 * the scores, by the same code as everywhere.
 */
export class WebgpuNetwork implements Network {
  readonly #device: Device;
  readonly #built: BuiltModel;
  readonly #weights: readonly { parameter: Parameter; variable: Variable }[];

  constructor(device: Device, built: BuiltModel) {
    this.#device = device;
    this.#built = built;
    this.#weights = built.parameters.map((parameter, index) => ({
      parameter,
      variable: variableOf(built.variables[index]!),
    }));
  }

  write(weights: Float32Array): void {
    useBackend(backendName);
    tidy(() => {
      for (const { parameter, variable } of this.#weights) {
        const { offset, length, shape } = parameter;
        variable.assign(tensor(weights.subarray(offset, offset + length), [...shape]));
      }
    });
  }

  async gradients(
    images: Float32Array,
    shape: number[],
    labels: Uint8Array,
    gradient: Float32Array,
    { step, position }: Moment,
  ): Promise<BatchSums> {
    const trainable = this.#weights.filter(({ parameter }) => parameter.trainable);
    const reached: Parameter[] = [];
    const { noise, loss, units } = this.#built;
    const [scores, penalty, ...slopes] = await this.#read(() => {
      const counter = tensor1d([position, step], 'int32');
      const input = tensor(images, shape);
      // Made on the host: a few hundred numbers.
      const targets = tensor2d(targetsOf(labels, units), [labels.length, units]);
      const kept: Tensor[] = [];
      const { grads } = variableGrads(
        () => {
          const forward = noise.during(counter, () => this.#scores(input));
          const regularization = this.#regularization();
          // What is made in here goes with the end of the backward pass.
          kept.push(keep(forward), keep(regularization));
          return add(mean(loss.perSample(forward, targets)), regularization);
        },
        trainable.map(({ variable }) => variable),
      );
      const results = kept.map((tensor) => {
        const result = clone(tensor);
        tensor.dispose();
        return result;
      });
      for (const { parameter, variable } of trainable) {
        const slope = grads[variable.name];
        if (slope === undefined) continue;
        reached.push(parameter);
        results.push(slope);
      }
      return results;
    });
    if (reached.length < trainable.length) gradient.fill(0);
    for (const [i, { offset }] of reached.entries()) gradient.set(slopes[i]!, offset);
    return this.#sums(scores!, penalty!, labels);
  }

  async evaluate(images: Float32Array, shape: number[], labels: Uint8Array): Promise<BatchSums> {
    const [scores, penalty] = await this.#read(() => [
      this.#scores(tensor(images, shape)),
      this.#regularization(),
    ]);
    return this.#sums(scores!, penalty!, labels);
  }

  async predict(images: Float32Array, shape: number[]): Promise<Float32Array> {
    const [scores] = await this.#read(() => [this.#scores(tensor(images, shape))]);
    return outputsOf(this.#built.loss.head, scores!, this.#built.units);
  }

  dispose(): void {
    useBackend(backendName);
    this.#built.network.dispose();
  }

  #sums(scores: Float32Array, penalty: Float32Array, labels: Uint8Array): BatchSums {
    const loss = this.#built.loss.compute(scores, labels, this.#built.units);
    const measured = measure(this.#built, scores, labels);
    return { loss: loss + penalty[0]! * labels.length, measured };
  }

  /** The values of the tensors that `work` gives, flat each, once the GPU is done with all of them. */
  async #read(work: () => Tensor[]): Promise<Float32Array[]> {
    useBackend(backendName);
    let sizes: number[] = [];
    const joined = tidy(() => {
      const tensors = work();
      sizes = tensors.map(({ size }) => size);
      return concat1d(tensors.map((tensor) => reshape(tensor, [tensor.size])));
    });
    try {
      const values = await this.#device.checked(joined.data<'float32'>());
      let end = 0;
      return sizes.map((size) => {
        end += size;
        return values.subarray(end - size, end);
      });
    } finally {
      joined.dispose();
    }
  }

  #scores(input: Tensor): Tensor2D {
    return this.#built.network.apply(input) as Tensor2D;
  }

  #regularization(): Scalar {
    const terms = this.#built.network.calculateLosses();
    return terms.reduce((sum, term) => add(sum, term), scalar(0));
  }
}

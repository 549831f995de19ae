import { optimizerConfigSchema } from '@lockstep/core';
import type { Batch } from '@lockstep/core/data';
import type { ModelSpec } from '@lockstep/core/model';
import { CapturedFunction, GraphSpace, startTensorFlow } from '@lockstep/tensorflow';
import { findEngine } from '@lockstep/tensorflow/install';
import { type BuiltModel, buildModel } from '../../model/index.js';
import type { LoadOptions, Moment } from '../engine.js';
import { useBackend } from '../tfjs/backend.js';
import { gradientName, gradientPass } from './passes.js';
import { wholeBatches } from './towers.js';
import { GraphWeights } from './weights.js';

/**
 * The engine's own passes, run op by op: the same functions of TensorFlow.js on the same library, with
 * TensorFlow.js's own gradients and nothing fused.
 */
export class EagerTwin {
  private constructor(
    private readonly space: GraphSpace,
    private readonly built: BuiltModel,
    private readonly weights: GraphWeights,
    private readonly pass: CapturedFunction,
    readonly fallbacks: readonly string[],
  ) {}

  static async load(spec: ModelSpec, { seed, imageShape }: LoadOptions): Promise<EagerTwin> {
    const tensorflow = startTensorFlow((await findEngine())!.library);
    useBackend('tensorflow');
    const built = await buildModel(spec, seed);
    const space = new GraphSpace(tensorflow);
    const plain = optimizerConfigSchema.parse({ name: 'sgd' });
    const weights = await GraphWeights.create(space, built, plain);
    const fallbacks: string[] = [];
    const pass = new CapturedFunction(space, gradientPass(built, wholeBatches(1)), {
      name: 'eager',
      inputs: {
        images: { dtype: 'uint8', shape: [null, ...imageShape] },
        labels: { dtype: 'uint8', shape: [null] },
        counter: { dtype: 'int32', shape: [2] },
      },
      maxShapes: 0,
      onFallback: ({ message }) => fallbacks.push(message),
    });
    return new EagerTwin(space, built, weights, pass, fallbacks);
  }

  /** Mean loss, and the gradient of each trainable weight in order, with these flat weights. */
  async gradients(
    flat: Float32Array,
    { images, labels, size }: Batch,
    { position, step }: Moment,
  ): Promise<{ readonly loss: number; readonly gradients: Float32Array[] }> {
    await this.weights.write({ weights: flat, optimizer: { iterations: 0, slots: {} } });
    useBackend('tensorflow');
    const counter = Int32Array.of(position, step);
    const results = await this.pass.run({ images, labels, counter });
    const trainable = this.built.parameters.filter((parameter) => parameter.trainable);
    const gradients = trainable.map((_, i) => results[gradientName(i)] as Float32Array);
    return { loss: results.sums![0]! / size, gradients };
  }

  async dispose(): Promise<void> {
    useBackend('tensorflow');
    this.built.network.dispose();
    await this.space.delete();
  }
}

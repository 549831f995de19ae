import { LockstepError, toLockstepError } from '@lockstep/core';
import { Random } from '@lockstep/core/data';
import type { ModelSpec } from '@lockstep/core/model';
import { FrozenFunction, type TensorFlow } from '@lockstep/tensorflow';
import { type Tensor, type Tensor2D, tensor, tidy } from '@tensorflow/tfjs-core';
import { model as modelOf } from '@tensorflow/tfjs-layers';
import { outputTensorOf } from '../../loss/index.js';
import { type BuiltModel, buildModel } from '../../model/index.js';
import type { Parameter } from '../engine.js';
import { useBackend } from '../tfjs/backend.js';
import { variableOf } from '../tfjs/network.js';
import { openTensorFlow } from './tensorflow.js';

/** All weights of a model, flat, in the order of its parameters; `fresh` are those it would begin with. */
export type WeightsFor = (parameters: readonly Parameter[], fresh: Float32Array) => Float32Array;

/** In inference mode, from images as the network takes them. */
type Forward = (images: Tensor) => Tensor;

/** By which callers know the outputs, as in what Keras exports. */
const outputName = 'output_0';

/** Batches in which what was frozen is compared with the network itself. */
const comparedSizes = [1, 3];

/** Far more than rounding makes, relative to the largest output; far less than a wrong size does. */
const limit = 1e-4;

/**
 * A model with its weights as TensorFlow's `saved_model.pb`: from images, floats from 0 to 1 in a batch of any size,
 * to its outputs.
 *
 * @throws ENGINE_UNAVAILABLE without the native library; USAGE where the topology cannot be built; MODEL_FILE, naming
 *   the layer, where one does not work in batches of every size
 */
export async function freezeModel(spec: ModelSpec, weightsFor: WeightsFor): Promise<Uint8Array> {
  const tensorflow = await openTensorFlow({ automatic: false, device: 'cpu' });
  const built = await buildModel(spec, 0);
  const { network, loss, parameters, initialWeights } = built;
  try {
    const { sample, input } = inputOf(spec.name, built);
    write(built, weightsFor(parameters, initialWeights));
    const freezer = new Freezer(tensorflow, built, sample, input);
    const outcome = await freezer.freeze((images) =>
      outputTensorOf(loss.head, network.apply(images, { training: false }) as Tensor2D),
    );
    if (outcome instanceof Uint8Array) return outcome;
    const what = (await culprit(freezer, built)) ?? 'it';
    throw new LockstepError(
      'MODEL_FILE',
      `the model '${spec.name}' cannot be written for batches of any size: ${what} fails: ${outcome.reason}`,
      { hint: 'Write --format keras, and let Keras export it (docs/formats.md).' },
    );
  } finally {
    useBackend('tensorflow');
    network.dispose();
  }
}

interface Failure {
  readonly reason: string;
}

/** Freezes what a network computes, and compares it with that. */
class Freezer {
  constructor(
    private readonly tensorflow: TensorFlow,
    private readonly built: BuiltModel,
    /** The shape of an image. */
    private readonly sample: readonly number[],
    /** The input's name. */
    private readonly input: string,
  ) {}

  async freeze(forward: Forward): Promise<Uint8Array | Failure> {
    let frozen: FrozenFunction | undefined;
    try {
      useBackend('tensorflow');
      frozen = new FrozenFunction(
        this.tensorflow,
        (given) => ({ [outputName]: forward(given[this.input]!) }),
        { inputs: { [this.input]: this.sample }, variables: this.built.variables.map(variableOf) },
      );
      for (const size of comparedSizes) {
        if (!(await this.#isSame(frozen, forward, size))) {
          return { reason: `the outputs are others in a batch of ${size}` };
        }
      }
      return frozen.savedModel();
    } catch (thrown) {
      // A layer that meets a batch of -1 may also fail in a way of its own.
      const [reason = ''] = toLockstepError(thrown).message.split('\n');
      return { reason };
    } finally {
      await frozen?.delete();
    }
  }

  async #isSame(frozen: FrozenFunction, forward: Forward, size: number): Promise<boolean> {
    const shape = [size, ...this.sample];
    const length = shape.reduce((product, side) => product * side, 1);
    const random = Random.from('frozen', size);
    const images = Float32Array.from({ length }, () => random.below(256) / 255);
    const found = (await frozen.run({ [this.input]: images }, size))[outputName]!;
    useBackend('tensorflow');
    const wanted = tidy(() => forward(tensor(images, shape)).dataSync<'float32'>());
    const largest = wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
    return (
      found.length === wanted.length &&
      wanted.every((value, i) => Math.abs(value - found[i]!) <= limit * largest)
    );
  }
}

/** The first layer up to which the network cannot be frozen; null: each can. */
async function culprit(freezer: Freezer, { network }: BuiltModel): Promise<string | null> {
  for (const layer of network.layers) {
    const upTo = modelOf({ inputs: network.inputs, outputs: layer.getOutputAt(0) });
    const outcome = await freezer.freeze((images) => upTo.apply(images) as Tensor);
    if (!(outcome instanceof Uint8Array)) {
      return `the layer '${layer.name}' (${layer.getClassName()})`;
    }
  }
  return null;
}

function write({ variables, parameters }: BuiltModel, weights: Float32Array): void {
  useBackend('tensorflow');
  tidy(() => {
    for (const [index, { offset, length, shape }] of parameters.entries()) {
      const values = tensor(weights.subarray(offset, offset + length), [...shape]);
      variableOf(variables[index]!).assign(values);
    }
  });
}

function inputOf(name: string, { inputShape, network }: BuiltModel) {
  const sample = inputShape.map((size) => {
    if (size !== null) return size;
    throw new LockstepError('USAGE', `the model '${name}' does not say how large its images are`, {
      hint: 'Give its first layer a batch_input_shape with numbers.',
    });
  });
  return { sample, input: network.inputs[0]!.sourceLayer.name };
}

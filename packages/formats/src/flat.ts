import { type OptimizerConfig, optimizerConfigSchema } from '@lockstep/core';
import type { Checkpoint } from '@lockstep/core/checkpoint';
import { type ParameterShape, sizeOf } from '@lockstep/core/model';
import type { SavedModel, SavedWeight } from './savedModel.js';

type Slots = Readonly<Record<string, Float32Array>>;

/** The model of a run as it was at a checkpoint. */
export function savedModelOf(checkpoint: Checkpoint): SavedModel {
  const { header, weights, optimizer } = checkpoint;
  const { model, parameters, learningRate } = header;
  const configured: OptimizerConfig = optimizerConfigSchema.parse(header.config.optimizer);
  return {
    name: model.name,
    topology: model.topology,
    loss: model.loss,
    weights: weightsFrom(parameters, weights, optimizer.slots),
    optimizer: {
      config: { ...configured, learningRate },
      iterations: optimizer.iterations,
    },
    notes: [],
  };
}

/** Views on flat arrays: `weights` has all parameters in order, each slot the trainable ones. */
function weightsFrom(
  parameters: readonly ParameterShape[],
  weights: Float32Array,
  slots: Slots,
): SavedWeight[] {
  let offset = 0;
  let trainableOffset = 0;
  return parameters.map((parameter) => {
    const { name: path, shape, trainable } = parameter;
    const length = sizeOf(parameter);
    const values = weights.subarray(offset, offset + length);
    const own = Object.entries(trainable ? slots : {}).map(([slot, flat]) => [
      slot,
      flat.subarray(trainableOffset, trainableOffset + length),
    ]);
    offset += length;
    if (trainable) trainableOffset += length;
    const { layer, name } = splitName(path);
    return { layer, name, shape, trainable, values, slots: Object.fromEntries(own) };
  });
}

/** `conv2d/kernel`: the last part is the weight's own name, the one before it the layer's. */
export function splitName(path: string): { layer: string; name: string } {
  const [layer = '', name = path] = path.split('/').slice(-2);
  return { layer, name };
}

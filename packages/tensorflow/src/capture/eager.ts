import { cast, type NamedTensorMap, type Tensor, tensor, tidy } from '@tensorflow/tfjs-core';
import { dataType } from '../native/dataTypes.js';
import type { ConcreteInput, FeedArray } from './signature.js';
import type { GraphSpace } from './space.js';
import type { TensorFunction } from './trace.js';
import { useBackend } from './useBackend.js';
import type { GraphVariable, VariableValues } from './variableValues.js';

/** A result with its shape; the values are a copy. */
export interface EagerResult {
  readonly shape: readonly number[];
  readonly type: number;
  readonly values: FeedArray;
}

/**
 * Runs the function op by op, with the values that the graph's variables have, and stores what it assigns.
 *
 * @param feeds kept by TensorFlow.js while the function runs: no one else may change them
 */
export async function runEagerly(
  space: GraphSpace,
  work: TensorFunction,
  inputs: readonly ConcreteInput[],
  feeds: Readonly<Record<string, FeedArray>>,
  access: VariableValues,
): Promise<Record<string, EagerResult>> {
  const bound = [...space.bound];
  const present: Float32Array[] = [];
  for (const [variable, target] of bound) {
    const values = new Float32Array(variable.size);
    await access.readInto([target], values);
    present.push(values);
  }
  useBackend(space.tensorflow);
  for (const [i, [variable]] of bound.entries()) {
    tidy(() => variable.assign(tensor(present[i]!, variable.shape)));
  }
  const before = bound.map(([variable]) => variable.dataId);
  const results: Record<string, EagerResult> = {};
  tidy(() => {
    const given = inputs.map((input) => [input.name, tensorOf(input, feeds[input.name]!)]);
    for (const [name, each] of Object.entries(work(Object.fromEntries(given) as NamedTensorMap))) {
      results[name] = { shape: each.shape, type: typeOf(each), values: each.dataSync().slice() };
    }
  });
  const changed: [GraphVariable, Float32Array][] = bound.flatMap(([variable, target], i) =>
    variable.dataId === before[i] ? [] : [[target, variable.dataSync<'float32'>()]],
  );
  for (const [target, values] of changed) await access.writeFrom([target], values);
  return results;
}

function tensorOf({ type, shape }: ConcreteInput, values: FeedArray): Tensor {
  if (type === dataType.int32) return tensor(values, [...shape], 'int32');
  if (type === dataType.bool) return tensor(values, [...shape], 'bool');
  if (type === dataType.uint8) return cast(tensor(values, [...shape], 'int32'), 'float32');
  return tensor(values, [...shape], 'float32');
}

function typeOf({ dtype }: Tensor): number {
  if (dtype === 'int32') return dataType.int32;
  return dtype === 'bool' ? dataType.bool : dataType.float32;
}

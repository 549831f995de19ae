import { cast, type NamedTensorMap, type Tensor, tensor, tidy } from '@tensorflow/tfjs-core';
import { dataType } from '../native/dataTypes.js';
import type { ConcreteInput, FeedArray } from './signature.js';
import type { GraphSpace, GraphVariable } from './space.js';
import type { TensorFunction } from './trace.js';

/** A result with its shape; the values are a copy. */
export interface EagerResult {
  readonly shape: readonly number[];
  readonly type: number;
  readonly values: FeedArray;
}

/** Runs the function op by op, with the values that the graph's variables have, and stores what it assigns. */
export async function runEagerly(
  space: GraphSpace,
  work: TensorFunction,
  inputs: readonly ConcreteInput[],
  feeds: Readonly<Record<string, FeedArray>>,
): Promise<Record<string, EagerResult>> {
  const bound = [...space.bound];
  for (const [variable, target] of bound) {
    const values = new Float32Array(variable.size);
    await space.readInto([target], values);
    tidy(() => variable.assign(tensor(values, variable.shape)));
  }
  const before = bound.map(([variable]) => variable.dataId);
  const results: Record<string, EagerResult> = {};
  tidy(() => {
    const given = inputs.map((input) => [input.name, tensorOf(input, feeds[input.name]!)]);
    for (const [name, each] of Object.entries(work(Object.fromEntries(given) as NamedTensorMap))) {
      const type = each.dtype === 'int32' ? dataType.int32 : dataType.float32;
      results[name] = { shape: each.shape, type, values: each.dataSync() };
    }
  });
  const changed: [GraphVariable, Float32Array][] = bound.flatMap(([variable, target], i) =>
    variable.dataId === before[i] ? [] : [[target, variable.dataSync<'float32'>()]],
  );
  for (const [target, values] of changed) await space.writeFrom([target], values);
  return results;
}

function tensorOf({ type, shape }: ConcreteInput, values: FeedArray): Tensor {
  if (type === dataType.int32) return tensor(values, [...shape], 'int32');
  if (type === dataType.bool) return tensor(values, [...shape], 'bool');
  if (type === dataType.uint8) return cast(tensor(values, [...shape], 'int32'), 'float32');
  return tensor(values, [...shape], 'float32');
}

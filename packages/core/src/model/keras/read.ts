import { LockstepError, toLockstepError } from '../../errors.js';
import type { Topology } from '../topology.js';
import { canonicalTopology } from './canonical.js';
import { isObject } from './json.js';

/** What a file of topology JSON says. */
export interface ReadTopology {
  readonly topology: Topology;
  /** Of the model that was compiled before it was written; null: it does not say. */
  readonly loss: string | null;
}

/**
 * Reads what Keras 2 and 3 write with `to_json`, and TensorFlow.js with `toJSON` or as `model.json`. Weights that
 * belong to it lie elsewhere, and are not looked for.
 *
 * @param file named in errors
 * @throws USAGE where it is no JSON, or no model
 */
export function readTopology(text: string, file: string): ReadTopology {
  try {
    // TensorFlow.js's `toJSON()` gives a text, which who writes it as JSON wraps once more.
    const parsed: unknown = JSON.parse(text);
    const outer: unknown = typeof parsed === 'string' ? JSON.parse(parsed) : parsed;
    const saved = isObject(outer) && 'modelTopology' in outer ? outer.modelTopology : outer;
    const model = isObject(saved) && 'model_config' in saved ? saved.model_config : saved;
    return { topology: canonicalTopology(model), loss: lossIn(saved) };
  } catch (thrown) {
    const { message, hint } = toLockstepError(thrown);
    throw new LockstepError('USAGE', `${file} is not the topology of a model: ${message}`, {
      hint: hint ?? 'Give the JSON that Keras writes with model.to_json().',
      cause: thrown,
    });
  }
}

/** Keras 3: `compile_config`; Keras 2 and TensorFlow.js: `training_config`. */
function lossIn(saved: unknown): string | null {
  if (!isObject(saved)) return null;
  const compiled = saved.compile_config ?? saved.training_config;
  const loss = isObject(compiled) ? compiled.loss : null;
  const name = isObject(loss) ? loss.class_name : loss;
  return typeof name === 'string' ? name : null;
}

import type { OptimizerConfig } from '@lockstep/core';
import { isRecord, type Json } from '../json.js';
import type { SavedModel } from '../savedModel.js';
import { snakeCase } from './dialect/names.js';
import { optimizerFromKeras, optimizerToKeras } from './optimizer/config.js';

/** How a model was compiled, as far as Lockstep knows such things. */
export interface Compiled {
  readonly loss: string | null;
  readonly optimizer: OptimizerConfig | null;
  readonly notes: readonly string[];
}

/**
 * What `model.compile` was given, from `.keras` (`compile_config`) or `.h5` (`training_config`).
 *
 * @param optimizer under `optimizer` in one, `optimizer_config` in the other
 */
export function compiledFrom(json: unknown): Compiled {
  if (!isRecord(json)) return { loss: null, optimizer: null, notes: [] };
  const loss = lossFrom(json.loss);
  const optimizerJson = json.optimizer ?? json.optimizer_config;
  const optimizer = optimizerJson == null ? null : optimizerFromKeras(optimizerJson);
  const lossNote =
    loss === null && json.loss != null
      ? [`its loss is ${JSON.stringify(json.loss)}, which is not taken over`]
      : [];
  return typeof optimizer === 'string'
    ? { loss, optimizer: null, notes: [...lossNote, optimizer] }
    : { loss, optimizer, notes: lossNote };
}

/** `mse`, `"SparseCategoricalCrossentropy"` or its configuration; null where it is none by name on probabilities. */
function lossFrom(json: unknown): string | null {
  if (typeof json === 'string') return snakeCase(json);
  if (!isRecord(json) || typeof json.class_name !== 'string') return null;
  const { class_name, config } = json;
  if (class_name === 'function') return typeof config === 'string' ? snakeCase(config) : null;
  return isRecord(config) && config.from_logits === true ? null : snakeCase(class_name);
}

/** What Keras is to compile the model with; undefined where there is nothing to say. */
export function compileArguments({ loss, optimizer }: SavedModel): Json | undefined {
  if (loss === null || optimizer === null) return undefined;
  return {
    loss,
    loss_weights: null,
    metrics: ['accuracy'],
    weighted_metrics: null,
    run_eagerly: false,
    steps_per_execution: 1,
    jit_compile: false,
  };
}

/** The optimizer with the module that Keras 3 wants beside it. */
export function optimizerWithModule(config: OptimizerConfig): Json {
  return { module: 'keras.optimizers', ...optimizerToKeras(config), registered_name: null };
}

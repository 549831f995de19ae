import { LockstepError } from '@lockstep/core';
import { metricNamed } from '@lockstep/core/model';
import { binaryAccuracy } from './binaryAccuracy.js';
import { categoricalAccuracy } from './categoricalAccuracy.js';
import type { Metric } from './metric.js';
import { topKAccuracy } from './topKAccuracy.js';

const makers: Readonly<Record<string, (name: string) => Metric>> = {
  categorical_accuracy: categoricalAccuracy,
  sparse_categorical_accuracy: categoricalAccuracy,
  binary_accuracy: binaryAccuracy,
  top_k_categorical_accuracy: topKAccuracy,
  sparse_top_k_categorical_accuracy: topKAccuracy,
};

/**
 * `accuracy` first, which is what Keras takes it for: whether the largest output is the label's, and with a single
 * unit whether it is on the right side of 0.5; then those asked for by Keras's names, each once.
 *
 * @throws USAGE where a name is not known
 */
export function metricsByName(names: readonly string[], units: number): Metric[] {
  const accuracy = units === 1 ? binaryAccuracy : categoricalAccuracy;
  const others = [...new Set(names.map(metricNamed))].filter((name) => name !== 'accuracy');
  return [accuracy('accuracy'), ...others.map(metricByName)];
}

function metricByName(name: string): Metric {
  const make = makers[name];
  if (make !== undefined) return make(name);
  throw new LockstepError('INTERNAL', `the worker has no metric '${name}'`);
}

import { LockstepError } from '../errors.js';

/** The losses, by Keras's names. https://keras.io/api/losses/ */
export const lossNames = [
  'sparse_categorical_crossentropy',
  'categorical_crossentropy',
  'binary_crossentropy',
  'mean_squared_error',
] as const;

/** The metrics, by Keras's names; the loss is measured as well, always. https://keras.io/api/metrics/ */
export const metricNames = [
  'accuracy',
  'binary_accuracy',
  'categorical_accuracy',
  'sparse_categorical_accuracy',
  'top_k_categorical_accuracy',
  'sparse_top_k_categorical_accuracy',
] as const;

/** What Keras and TensorFlow.js also call them. */
const shortNames: Readonly<Record<string, string>> = { acc: 'accuracy', mse: 'mean_squared_error' };

/** @throws USAGE where there is no such loss */
export const lossNamed = (name: string): string => known('loss', lossNames, name);

/** @throws USAGE where there is no such metric */
export const metricNamed = (name: string): string => known('metric', metricNames, name);

/** Keras takes the names of classes as well: MeanSquaredError. TensorFlow.js: meanSquaredError. */
function known(what: string, names: readonly string[], given: string): string {
  const key = (name: string) => name.toLowerCase().replaceAll('_', '');
  const meant = shortNames[given.toLowerCase()] ?? given;
  const found = names.find((name) => key(name) === key(meant));
  if (found !== undefined) return found;
  throw new LockstepError('USAGE', `there is no ${what} '${given}'`, {
    hint: `Use one of: ${names.join(', ')}.`,
  });
}

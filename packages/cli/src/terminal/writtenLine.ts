import type { SavedModel } from '@lockstep/formats';
import type { OutputName } from '@lockstep/formats/names';
import { formatCount } from './format.js';

/** What a file of each format has of a model. */
const contents: Readonly<Record<OutputName, (model: SavedModel) => string>> = {
  keras: ({ optimizer }) =>
    `topology, weights${optimizer ? `, optimizer after ${formatCount(optimizer.iterations)} updates` : ''}`,
  h5: ({ optimizer }) =>
    `topology, weights${optimizer ? `; of the optimizer after ${formatCount(optimizer.iterations)} updates Keras takes the settings, Lockstep all (docs/formats.md)` : ''}`,
  tfjs: () => 'topology, weights',
  json: () => 'topology',
  safetensors: () => 'weights',
  npz: () => 'weights',
  'saved-model': () => 'graph for batches of any size, with the weights in it',
};

export function writtenLine(files: readonly string[], model: SavedModel, format: OutputName) {
  return `Wrote ${files.join(', ')} (${format}: ${contents[format](model)})`;
}

/** Tells people, or a program, what was written. */
export function reportWritten(
  files: readonly string[],
  model: SavedModel,
  { format, json }: { readonly format: OutputName; readonly json: boolean },
): void {
  const { name, weights, optimizer } = model;
  const iterations = optimizer?.iterations ?? null;
  console.log(
    json
      ? JSON.stringify({ format, files, model: name, weights: weights.length, iterations })
      : writtenLine(files, model, format),
  );
}

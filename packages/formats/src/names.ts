import { extname } from 'node:path';

export const formatNames = ['keras', 'h5', 'tfjs', 'json', 'safetensors', 'npz'] as const;

export type FormatName = (typeof formatNames)[number];

/** What a model can be written as: of a SavedModel, with its graph, Lockstep cannot be sure to read the layers. */
export const outputNames = [...formatNames, 'saved-model'] as const;

export type OutputName = (typeof outputNames)[number];

const byExtension: Readonly<Record<string, FormatName>> = {
  '.keras': 'keras',
  '.h5': 'h5',
  '.hdf5': 'h5',
  '.json': 'json',
  '.safetensors': 'safetensors',
  '.npz': 'npz',
};

export const endings = Object.keys(byExtension);

/** By its ending; undefined where that says nothing. A `.json` is a topology, unless its content says tfjs. */
export function formatOf(file: string): FormatName | undefined {
  return byExtension[extname(file).toLowerCase()];
}

import { basename, resolve } from 'node:path';
import { importUserFile } from '@lockstep/coordinator';
import { callUserCode, LockstepError, type OptimizerOptions } from '@lockstep/core';
import {
  type Dataset,
  type DatasetArrays,
  datasetFromArrays,
  loadDataset,
} from '@lockstep/core/data';
import type { CreateModel } from '@lockstep/worker';

/** An optimizer as on the command line (`adam`, `sgd:momentum=0.9`), or as an object. */
export type OptimizerChoice = string | OptimizerOptions;

/** A dataset of the house by its name, four IDX files in a directory, or arrays. */
export type DatasetChoice =
  | string
  | { readonly directory: string; readonly name?: string }
  | DatasetArrays;

/** What only a function can give may take its time: it is called once, when a run begins. */
type DatasetSource = DatasetChoice | (() => DatasetChoice | Promise<DatasetChoice>);

/** What a file that is given as `--model` exports. */
export interface ModelModule {
  readonly createModel: CreateModel;
  readonly loss?: string;
  readonly optimizer?: OptimizerChoice;
  readonly metrics?: readonly string[];
  readonly dataset?: DatasetSource;
}

const fits: { readonly [Key in keyof ModelModule]-?: (value: unknown) => boolean } = {
  createModel: (value) => typeof value === 'function',
  loss: (value) => typeof value === 'string',
  optimizer: (value) => typeof value === 'string' || isObject(value),
  metrics: (value) => Array.isArray(value) && value.every((each) => typeof each === 'string'),
  dataset: (value) => ['string', 'function'].includes(typeof value) || isObject(value),
};

/** @throws USER_CODE where the file cannot be loaded, exports no createModel, or something that is not what it should be */
export async function loadModelModule(file: string): Promise<ModelModule> {
  const exported = await importUserFile(file);
  for (const [name, isFit] of Object.entries(fits)) {
    const value = exported[name];
    if ((value === undefined && name !== 'createModel') || isFit(value)) continue;
    const found = value === undefined ? 'exports no' : `exports a ${typeof value} as`;
    throw new LockstepError('USER_CODE', `${file} ${found} ${name}`, {
      hint: 'Export createModel(tf), and if you like loss, optimizer, metrics, dataset.',
    });
  }
  return exported as unknown as ModelModule;
}

/** @throws USER_CODE where the function that makes it throws, or gives something else */
export async function datasetOf(source: DatasetSource): Promise<DatasetChoice> {
  if (typeof source !== 'function') return source;
  const choice: unknown = await callUserCode('dataset', source);
  if (typeof choice === 'string' || isObject(choice)) return choice as DatasetChoice;
  throw new LockstepError('USER_CODE', `dataset gave ${choice}`, {
    hint: 'Return the name of a dataset, { directory }, or { imageShape, train, test } with arrays.',
  });
}

/** @returns the samples, and the directory that they are in; null: they are in none that was named */
export async function loadChoice(
  choice: DatasetChoice,
): Promise<{ readonly dataset: Dataset; readonly directory: string | null }> {
  if (typeof choice === 'string') {
    return { dataset: await loadDataset({ name: choice }), directory: null };
  }
  if (!('directory' in choice)) return { dataset: datasetFromArrays(choice), directory: null };
  const { directory, name = basename(resolve(directory)) } = choice;
  return { dataset: await loadDataset({ name, directory }), directory };
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null;

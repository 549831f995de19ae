import { readFile } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { LockstepError, type OptimizerConfig } from '@lockstep/core';
import { lossNamed, type ModelSpec, metricNamed, readTopology, zoo } from '@lockstep/core/model';
import { topologyOf } from '@lockstep/worker';
import { optimizer as parseOptimizer } from '../options/optimizer.js';
import { written } from '../options/written.js';
import { kindOfModel } from './reference.js';
import { loadModelModule, type ModelModule } from './userModule.js';

/** What the command line says of a model. */
export interface ModelFlags {
  /** A name of the house, or a file. */
  readonly model: string;
  /** Null: what the file says, or else that of the house. */
  readonly loss: string | null;
  /** Beside loss and accuracy; none: what the file says. */
  readonly metrics: readonly string[];
}

/** A model, and what its file wants it to be trained with where the command line does not say. */
export interface Resolved {
  readonly spec: ModelSpec;
  readonly optimizer: OptimizerConfig | null;
  readonly dataset: NonNullable<ModelModule['dataset']> | null;
}

/** Where nobody says which. */
export const usualLoss = 'sparse_categorical_crossentropy';

/**
 * The model that a run trains, as data.
 *
 * @throws USAGE or USER_CODE where the file cannot be read or holds no model; whether it can be built, the workers see
 */
export async function resolveModel(flags: ModelFlags): Promise<Resolved> {
  const { model: reference } = flags;
  switch (kindOfModel(reference)) {
    case null:
      return { spec: withFlags(zoo[reference]!, flags), optimizer: null, dataset: null };
    case 'topology': {
      const { topology, loss } = readTopology(await read(reference), reference);
      const spec = { name: nameOf(reference), topology, loss: loss ?? usualLoss };
      return { spec: withFlags(spec, flags), optimizer: null, dataset: null };
    }
    case 'code': {
      const module = await loadModelModule(reference);
      return resolveModule(reference, `createModel of ${reference}`, module, flags);
    }
  }
}

/**
 * @param reference the model is called after it
 * @param where names createModel in errors
 */
export async function resolveModule(
  reference: string,
  where: string,
  module: ModelModule,
  flags: Omit<ModelFlags, 'model'>,
): Promise<Resolved> {
  const { createModel, loss = usualLoss, metrics = [], optimizer, dataset } = module;
  const topology = await topologyOf(createModel, where);
  const spec = { name: nameOf(reference), topology, loss, metrics: [...metrics] };
  return {
    spec: withFlags(spec, flags),
    optimizer: optimizer === undefined ? null : parseOptimizer(written(optimizer), 'optimizer'),
    dataset: dataset ?? null,
  };
}

/** A model that was read with its weights. */
export const resolveSaved = (saved: ModelSpec, flags: Omit<ModelFlags, 'model'>): Resolved => ({
  spec: withFlags(saved, flags),
  optimizer: null,
  dataset: null,
});

function withFlags(model: ModelSpec, { loss, metrics }: Omit<ModelFlags, 'model'>): ModelSpec {
  const { metrics: own = [], ...rest } = model;
  const measured = (metrics.length > 0 ? metrics : own).map(metricNamed);
  return {
    ...rest,
    loss: lossNamed(loss ?? model.loss),
    ...(measured.length === 0 ? {} : { metrics: measured }),
  };
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new LockstepError('USAGE', `the model ${file} cannot be read: ${reason}`, {
      hint: 'Give the name of a model, or a file that is there.',
      cause,
    });
  }
}

/** `models/My net.json` is called `My-net`: it becomes part of a run's id. */
const nameOf = (file: string): string =>
  basename(file, extname(file)).replace(/[^\w.-]+/g, '-') || 'model';

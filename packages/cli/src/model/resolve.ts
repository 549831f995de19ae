import { readFile } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { LockstepError } from '@lockstep/core';
import { lossNamed, type ModelSpec, metricNamed, readTopology, zoo } from '@lockstep/core/model';
import { kindOfModel } from './reference.js';

/** What the command line says of a model. */
export interface ModelFlags {
  /** A name of the house, or a file. */
  readonly model: string;
  /** Null: what the file says, or else that of the house. */
  readonly loss: string | null;
  /** Beside loss and accuracy. */
  readonly metrics: readonly string[];
}

const usualLoss = 'sparse_categorical_crossentropy';

/**
 * The model that a run trains, as data.
 *
 * @throws USAGE where the file cannot be read or holds no model; whether it can be built, the workers see
 */
export async function resolveModel({ model, loss, metrics }: ModelFlags): Promise<ModelSpec> {
  const found = kindOfModel(model) === null ? zoo[model]! : await readModel(model);
  return {
    ...found,
    loss: lossNamed(loss ?? found.loss),
    ...(metrics.length === 0 ? {} : { metrics: metrics.map(metricNamed) }),
  };
}

async function readModel(file: string): Promise<ModelSpec> {
  const { topology, loss } = readTopology(await read(file), file);
  return { name: nameOf(file), topology, loss: loss ?? usualLoss };
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

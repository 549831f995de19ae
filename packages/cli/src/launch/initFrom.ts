import type { Sourced } from '@lockstep/coordinator';
import { bytesOf, sha256 } from '@lockstep/core';
import type { Checkpoint } from '@lockstep/core/checkpoint';
import { type ModelSpec, modelHash } from '@lockstep/core/model';
import { type FlatState, fitState, readModelFile, type SavedModel } from '@lockstep/formats';
import { createEngine } from '@lockstep/worker';
import { usualLoss } from '../model/resolve.js';
import type { Asked, Prepared } from './prepare.js';

/** What a run begins with that begins from a model file. */
export interface Beginning {
  readonly file: string;
  /** With what the file says, and nobody else does. */
  readonly asked: Asked;
  /** Null: the one that is asked for. */
  readonly model: ModelSpec | null;
  readonly saved: SavedModel;
  /** What of the file is not taken over, a sentence each. */
  readonly warnings: readonly string[];
}

/**
 * Reads the file of `--init-from`, and settles what it says and the command line does not: topology, loss, optimizer.
 *
 * @throws MODEL_FILE
 */
export async function beginFrom(file: string, asked: Asked): Promise<Beginning> {
  const saved = await readModelFile(file);
  return settle(file, saved, asked);
}

/** A flag that was given holds against the file; what nobody says has its default. */
export function settle(file: string, saved: SavedModel, asked: Asked): Beginning {
  const { options, sources } = asked;
  const given = (key: string): boolean => (sources[key]?.source ?? 'default') !== 'default';
  const { topology, optimizer: found } = saved;
  const isAsked = asked.model !== null || given('model');
  const model =
    topology === null || isAsked
      ? null
      : { name: saved.name, topology, loss: saved.loss ?? usualLoss };
  const { learningRate } = options.optimizer;
  const optimizer =
    found === null || given('optimizer')
      ? options.optimizer
      : { ...found.config, ...(given('learningRate') ? { learningRate } : {}) };
  const warnings = saved.notes.map((note) => `${file}: ${note}`);
  const foreign = found !== null && found.config.name !== optimizer.name;
  if (foreign && found.iterations > 0) {
    warnings.push(
      `${file}: the state of its optimizer ${found.config.name} is of no use to ${optimizer.name}, which starts afresh`,
    );
  }
  const fromFile = (key: string, value: unknown): Record<string, Sourced> =>
    given(key) ? {} : { [key]: { value, source: 'model file' } };
  return {
    file,
    asked: {
      ...asked,
      options: { ...options, model: model?.name ?? options.model, optimizer },
      sources: {
        ...sources,
        ...(model === null ? {} : fromFile('model', model.name)),
        ...(found === null || given('optimizer')
          ? {}
          : {
              ...fromFile('optimizer', optimizer),
              ...fromFile('learningRate', optimizer.learningRate),
            }),
      },
    },
    model,
    saved: foreign ? { ...saved, optimizer: null } : saved,
    warnings,
  };
}

/**
 * The run's first checkpoint: before the first step, with the file's weights, and with the optimizer's memory where
 * the file has it. The steps count on from the optimizer's updates, so that its next one is the one it would have
 * made.
 *
 * @throws MODEL_FILE where the weights are not those of the model; USAGE where it cannot be built
 */
export async function firstCheckpoint(
  { file, saved }: Beginning,
  { options, model, dataset: { description } }: Pick<Prepared, 'options' | 'model' | 'dataset'>,
  run: { readonly id: string; readonly version: string },
): Promise<Checkpoint> {
  const { seed, optimizer } = options;
  const { imageShape, classes, hash } = description;
  // Nothing is computed: any engine knows what weights the model has, and what an optimizer begins with.
  const engine = await createEngine('cpu');
  const loaded = await engine.load(model, { seed, optimizer, imageShape, classes });
  const parameters = loaded.parameters.map(({ name, shape, trainable }) => ({
    name,
    shape: [...shape],
    trainable,
  }));
  const fresh = await loaded.readState();
  loaded.dispose();
  await engine.dispose();
  const isTopologyOnly = saved.weights.length === 0;
  const state: FlatState = isTopologyOnly ? fresh : fitState(saved, parameters, fresh, file);
  return {
    header: {
      lockstepVersion: run.version,
      createdAt: new Date().toISOString(),
      runId: run.id,
      cursor: { epoch: 0, step: state.optimizer.iterations, position: 0 },
      seed,
      learningRate: optimizer.learningRate,
      epochSums: {},
      history: [],
      callbacks: null,
      model,
      modelHash: modelHash(model),
      datasetHash: hash,
      config: { ...options },
      parameters,
      weightsSha256: sha256(bytesOf(state.weights)),
      worldSize: 0,
      collective: null,
      finished: null,
    },
    ...state,
  };
}

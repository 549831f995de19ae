import type { Sourced } from '@lockstep/coordinator';
import { bytesOf, sha256 } from '@lockstep/core';
import type { Checkpoint } from '@lockstep/core/checkpoint';
import type { Dataset } from '@lockstep/core/data';
import { type ModelSpec, modelHash, zoo } from '@lockstep/core/model';
import { type FlatState, fitState, readModelFile, type SavedModel } from '@lockstep/formats';
import { createEngine } from '@lockstep/worker';
import type { TrainOptions } from '../options/options.js';

/** What a run begins with that begins from a model file. */
export interface Beginning {
  readonly file: string;
  readonly options: TrainOptions;
  readonly sources: Record<string, Sourced>;
  readonly model: ModelSpec;
  readonly saved: SavedModel;
  /** What of the file is not taken over, a sentence each. */
  readonly warnings: readonly string[];
}

/**
 * Reads the file of `--init-from`, and settles what it says and the command line does not: topology, loss, optimizer.
 *
 * @throws MODEL_FILE
 */
export async function beginFrom(
  file: string,
  options: TrainOptions,
  sources: Record<string, Sourced>,
): Promise<Beginning> {
  const saved = await readModelFile(file);
  return settle(file, saved, options, sources);
}

/** A flag that was given holds against the file; what nobody says has its default. */
export function settle(
  file: string,
  saved: SavedModel,
  options: TrainOptions,
  sources: Record<string, Sourced>,
): Beginning {
  const given = (key: string): boolean => (sources[key]?.source ?? 'default') !== 'default';
  const { topology, optimizer: found } = saved;
  const model =
    topology === null || given('model')
      ? zoo[options.model]!
      : { name: saved.name, topology, loss: lossFor(saved.loss) };
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
    options: { ...options, model: model.name, optimizer },
    sources: {
      ...sources,
      ...(model.topology === topology ? fromFile('model', model.name) : {}),
      ...(found === null || given('optimizer')
        ? {}
        : {
            ...fromFile('optimizer', optimizer),
            ...fromFile('learningRate', optimizer.learningRate),
          }),
    },
    model,
    saved: foreign ? { ...saved, optimizer: null } : saved,
    warnings,
  };
}

/** Labels are class numbers here, which is what both losses come to: one takes them one-hot, the other as they are. */
function lossFor(loss: string | null): string {
  const sparse = 'sparse_categorical_crossentropy';
  return loss === null || loss === 'categorical_crossentropy' ? sparse : loss;
}

/**
 * The run's first checkpoint: before the first step, with the file's weights, and with the optimizer's memory where
 * the file has it. The steps count on from the optimizer's updates, so that its next one is the one it would have
 * made.
 *
 * @throws MODEL_FILE where the weights are not those of the model; USAGE where it cannot be built
 */
export async function firstCheckpoint(
  { file, options, model, saved }: Beginning,
  { description }: Dataset,
  run: { readonly id: string; readonly version: string },
): Promise<Checkpoint> {
  const { seed, optimizer } = options;
  const { imageShape, hash } = description;
  // Nothing is computed: any engine knows what weights the model has, and what an optimizer begins with.
  const engine = await createEngine('cpu');
  const loaded = await engine.load(model, { seed, optimizer, imageShape });
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

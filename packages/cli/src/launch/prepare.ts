import type { Sourced } from '@lockstep/coordinator';
import { LockstepError } from '@lockstep/core';
import {
  type Dataset,
  datasetNames,
  loadDataset,
  validationSizeOf,
  withValidation,
} from '@lockstep/core/data';
import { type ModelSpec, modelHash } from '@lockstep/core/model';
import type { CreateModel } from '@lockstep/worker';
import { engineFor } from '../devices/resolve.js';
import { kindOfModel } from '../model/reference.js';
import { type Resolved, resolveModel, resolveModule, resolveSaved } from '../model/resolve.js';
import { type DatasetChoice, datasetOf, loadChoice, loadModelModule } from '../model/userModule.js';
import type { TrainOptions } from '../options/options.js';
import type { ResumedRun } from './resume.js';

type Sources = Readonly<Record<string, Sourced>>;

/** What a run is asked to be, by the command line or by a program. */
export interface Asked {
  readonly options: TrainOptions;
  readonly sources: Sources;
  /** Given as it is, in the place of the options' name; null: by that. */
  readonly model: CreateModel | null;
  readonly dataset: DatasetChoice | null;
}

export interface Prepared {
  readonly options: TrainOptions;
  readonly sources: Sources;
  readonly model: ModelSpec;
  readonly dataset: Dataset;
}

/**
 * Model, samples and options of a run, put together from all who have a say: who asks, a model file, a former run.
 *
 * @param saved read from a file with its weights, in the place of the options' name; null: it is not
 */
export async function prepare(
  asked: Asked,
  resumed: ResumedRun | null,
  saved: ModelSpec | null,
): Promise<Prepared> {
  const wanted = resumed?.options ?? asked.options;
  const options = { ...wanted, engine: engineFor(wanted) };
  const sources = { ...asked.sources, ...resumed?.sources };
  const model = await modelOf(asked, options, resumed, saved);
  const named = asked.model === null ? { options, sources } : withName(model, { options, sources });
  const own = withOptimizer(model, named);
  const { dataset, ...rest } = await withSamples(asked, model, own);
  refuseOtherSamples(dataset, resumed);
  const { validationSplit } = options;
  const isWhole = validationSplit === null;
  return {
    ...rest,
    model: model.spec,
    dataset: isWhole
      ? dataset
      : withValidation(dataset, validationSizeOf(dataset.train.size, validationSplit)),
  };
}

/** A run's model is that of its checkpoint: the file that it came from may be another one by now. */
async function modelOf(
  { model: createModel }: Asked,
  options: TrainOptions,
  resumed: ResumedRun | null,
  saved: ModelSpec | null,
): Promise<Resolved> {
  const spec = resumed?.checkpoint.header.model;
  if (createModel !== null) {
    const made = await resolveModule(createModel.name, 'createModel', { createModel }, options);
    if (spec === undefined || modelHash(spec) === modelHash(made.spec)) return made;
    throw new LockstepError(
      'CHECKPOINT_MISMATCH',
      `the run in ${resumed?.path} has another model than createModel makes`,
      { hint: 'Leave the model out to go on with the run, or start a new one.' },
    );
  }
  if (spec === undefined)
    return saved === null ? resolveModel(options) : resolveSaved(saved, options);
  const { dataset = null } = hasSamplesOfItsOwn(options)
    ? await loadModelModule(options.model)
    : {};
  return { spec, optimizer: null, dataset };
}

/** Whether a former run had arrays of its model file: samples that only the file can give again. */
const hasSamplesOfItsOwn = ({ model, dataset, dataDir }: TrainOptions): boolean =>
  kindOfModel(model) === 'code' && dataDir === null && !datasetNames.includes(dataset);

interface Configured {
  readonly options: TrainOptions;
  readonly sources: Sources;
}

/** What the records call a model that was made by a function. */
const withName = ({ spec: { name } }: Resolved, { options, sources }: Configured): Configured => ({
  options: { ...options, model: name },
  sources: { ...sources, model: { value: name, source: 'code' } },
});

/** A model file's optimizer, unless one is asked for; a learning rate that is asked for holds for either. */
function withOptimizer({ optimizer: own }: Resolved, { options, sources }: Configured): Configured {
  if (own === null || isAskedFor(sources, 'optimizer')) return { options, sources };
  const rate = isAskedFor(sources, 'learningRate')
    ? sources.learningRate!
    : ({ value: own.learningRate, source: 'model file' } as const);
  const optimizer = { ...own, learningRate: rate.value as number };
  return {
    options: { ...options, optimizer },
    sources: {
      ...sources,
      optimizer: { value: optimizer, source: 'model file' },
      learningRate: rate,
    },
  };
}

/** The samples; where they are not those that the options name, the options name them from now on. */
async function withSamples(
  { dataset: given }: Asked,
  { dataset: own }: Resolved,
  { options, sources }: Configured,
): Promise<Configured & { readonly dataset: Dataset }> {
  const isNamed = isAskedFor(sources, 'dataset') || isAskedFor(sources, 'dataDir');
  const choice = given ?? (isNamed || own === null ? null : await datasetOf(own));
  if (choice === null) {
    const { dataset: name, dataDir } = options;
    const dataset = await loadDataset({ name, directory: dataDir ?? undefined });
    return { options, sources, dataset };
  }
  const { dataset, directory } = await loadChoice(choice);
  const source = given === null ? 'model file' : 'code';
  const { name } = dataset.description;
  return {
    options: { ...options, dataset: name, dataDir: directory },
    sources: {
      ...sources,
      dataset: { value: name, source },
      dataDir: { value: directory, source },
    },
    dataset,
  };
}

function refuseOtherSamples({ description }: Dataset, resumed: ResumedRun | null): void {
  if (resumed === null || resumed.checkpoint.header.datasetHash === description.hash) return;
  throw new LockstepError(
    'CHECKPOINT_MISMATCH',
    `the run in ${resumed.path} was trained on other samples than '${description.name}' has here`,
    { hint: 'Give the same files with --data-dir.' },
  );
}

const isAskedFor = (sources: Sources, key: string): boolean =>
  !['default', 'resumed run'].includes(sources[key]?.source ?? 'default');

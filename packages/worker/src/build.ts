import { canonicalJson } from '@lockstep/core';
import {
  type ChunkRequest,
  type Dataset,
  type DatasetDescription,
  LocalSamples,
  RemoteSamples,
  type SampleSource,
  withValidation,
} from '@lockstep/core/data';
import type { Header } from '@lockstep/core/protocol';
import type { ChunkClient } from './chunkClient.js';
import type { Engine, LoadedModel } from './engine/engine.js';
import { type OwnPeer, openPeer, type PeerPlace } from './peers/index.js';
import type { Former, Progress } from './progress.js';

/** What `welcome` brought about. */
export interface Built {
  readonly welcome: Header<'welcome'>;
  readonly model: LoadedModel;
  readonly samples: SampleSource;
  /** Where the samples come from. */
  readonly origin: Header<'ready'>['samples'];
  /** Null where ranks do not talk among themselves. */
  readonly peer: OwnPeer | null;
  /** How far the model is trained already; null: it is new. */
  readonly progress: Progress | null;
}

interface Surroundings {
  /** Of an earlier session; null: there was none. It is taken over, or disposed of. */
  readonly former: Former | null;
  readonly engine: Engine;
  readonly findDataset: (description: DatasetDescription) => Promise<Dataset | null>;
  readonly chunks: ChunkClient;
  readonly place: PeerPlace | null;
}

/** The coordinator's model, with the weights that its seed gives. */
export function loadModel(welcome: Header<'welcome'>, engine: Engine): Promise<LoadedModel> {
  const { model, optimizer, precision, seed, dataset } = welcome;
  const { imageShape, classes } = dataset;
  return engine.load(model, { seed, optimizer, precision, imageShape, classes });
}

/** The model of the session before, where this one wants the same and not its beginning; else a new one. */
async function takeOver(
  former: Former | null,
  welcome: Header<'welcome'>,
  engine: Engine,
): Promise<Pick<Built, 'model' | 'progress'>> {
  const isSame =
    former !== null && canonicalJson(wants(former.welcome)) === canonicalJson(wants(welcome));
  if (isSame && welcome.hasCheckpoint) return former;
  former?.model.dispose();
  return { model: await loadModel(welcome, engine), progress: null };
}

/** What a model depends on. */
const wants = ({ run, seed, model, optimizer, precision, dataset }: Header<'welcome'>) => {
  return { run, seed, model, optimizer, precision, dataset };
};

/**
 * Builds the coordinator's model, finds its samples (on this machine, or at the coordinator), and opens a door for
 * other ranks.
 */
export async function build(
  welcome: Header<'welcome'>,
  { former, engine, findDataset, chunks, place }: Surroundings,
): Promise<Built> {
  const { seed, dataset: description } = welcome;
  const { model, progress } = await takeOver(former, welcome, engine);
  const found = await findDataset(description);
  const dataset = found && withValidation(found, description.validationSize);
  const peer = welcome.peers ? await openPeer(place) : null;
  const made = { welcome, model, peer, progress };
  if (dataset !== null) {
    return { ...made, samples: new LocalSamples(dataset, seed), origin: 'local' };
  }
  const fetchChunk = (chunk: ChunkRequest) => chunks.fetch(chunk);
  const samples = new RemoteSamples({ description, fetchChunk });
  return { ...made, samples, origin: 'remote' };
}

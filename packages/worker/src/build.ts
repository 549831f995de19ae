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

/** What `welcome` brought about. */
export interface Built {
  readonly welcome: Header<'welcome'>;
  readonly model: LoadedModel;
  readonly samples: SampleSource;
  /** Where the samples come from. */
  readonly origin: Header<'ready'>['samples'];
  /** Null where ranks do not talk among themselves. */
  readonly peer: OwnPeer | null;
}

interface Surroundings {
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

/**
 * Builds the coordinator's model, finds its samples (on this machine, or at the coordinator), and opens a door for
 * other ranks.
 */
export async function build(
  welcome: Header<'welcome'>,
  { engine, findDataset, chunks, place }: Surroundings,
): Promise<Built> {
  const { seed, dataset: description } = welcome;
  const model = await loadModel(welcome, engine);
  const found = await findDataset(description);
  const dataset = found && withValidation(found, description.validationSize);
  const peer = welcome.peers ? await openPeer(place) : null;
  if (dataset !== null) {
    return { welcome, model, samples: new LocalSamples(dataset, seed), origin: 'local', peer };
  }
  const fetchChunk = (chunk: ChunkRequest) => chunks.fetch(chunk);
  const samples = new RemoteSamples({ description, fetchChunk });
  return { welcome, model, samples, origin: 'remote', peer };
}

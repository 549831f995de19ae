import { Coordinator, type CoordinatorOptions, type Outcome } from '@lockstep/coordinator';
import { LockstepError } from '@lockstep/core';
import type { Checkpoint, CheckpointStore } from '@lockstep/core/checkpoint';
import type { Dataset } from '@lockstep/core/data';
import type { Transport } from '@lockstep/core/transport';
import type { Scenario } from '../scenario/scenario.js';
import { settingsOf } from './settings.js';

export interface CoordinatorSurroundings
  extends Pick<CoordinatorOptions, 'startWorker' | 'killWorker' | 'onNews'>,
    Required<Pick<CoordinatorOptions, 'onTransition'>> {
  readonly scenario: Scenario;
  readonly address: string;
  readonly control: Transport;
  readonly dataset: Dataset;
  readonly store: CheckpointStore;
  /**
   * @param checkpoint with what it begins; null: from the beginning
   * @param skipped newer ones that cannot be read
   */
  readonly onBegin: (checkpoint: Checkpoint | null, skipped: readonly string[]) => void;
}

/** What `lockstep coordinator --resume auto` does, but for its flags, its terminal and `run.json`. */
export class CoordinatorProgram {
  coordinator: Coordinator | null = null;

  constructor(private readonly around: CoordinatorSurroundings) {}

  async run(): Promise<Outcome> {
    const { scenario, address, control, dataset, store, onBegin } = this.around;
    const { startWorker, killWorker, onNews, onTransition } = this.around;
    const { heartbeatTimeoutMs } = scenario.network;
    const { checkpoint, skipped } = await newestOf(store);
    const listener = await control.listen(address, { heartbeatTimeoutMs });
    onBegin(checkpoint, skipped);
    const coordinator = new Coordinator({
      settings: settingsOf(scenario, dataset),
      listener,
      dataset,
      callbacks: [],
      store,
      checkpoint,
      config: {},
      version: 'simulated',
      startWorker,
      killWorker,
      onNews,
      onTransition,
    });
    this.coordinator = coordinator;
    const running = coordinator.run();
    const own = scenario.place === 'here' ? scenario.workers : 0;
    for (let slot = 0; slot < own; slot++) startWorker(slot);
    return await running;
  }
}

async function newestOf(store: CheckpointStore) {
  try {
    const { checkpoint, skipped } = await store.newest();
    return { checkpoint, skipped: skipped.map(({ reason }) => reason) };
  } catch (thrown) {
    if (thrown instanceof LockstepError && thrown.code === 'CHECKPOINT_CORRUPT') {
      return { checkpoint: null, skipped: [] };
    }
    throw thrown;
  }
}

import type { Finished, Snapshot, State } from './state.js';

/** What a checkpoint of this step says, but for the state of the ranks. */
export function snapshotOf(state: State, finished: Finished | null): Omit<Snapshot, 'held'> {
  const { cursor, skipped, learningRate, epochSums, history, remembered } = state;
  const { worldSize, parameters, collective } = state;
  return {
    remembered,
    cursor,
    skipped,
    learningRate,
    epochSums,
    history,
    worldSize,
    parameters,
    finished,
    collective,
  };
}

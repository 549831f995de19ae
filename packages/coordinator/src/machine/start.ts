import type { MetricSums } from '@lockstep/core/metrics';
import { noPace } from './pace.js';
import type { CollectiveName, Cursor, EpochRecord, Finished, Settings, State } from './state.js';

/** What a checkpoint gives a machine that goes on from it. */
export interface Resumed {
  /** Id of the checkpoint's weights and optimizer state. */
  readonly held: string;
  /** Id of the weights that were remembered for `restore best weights`. */
  readonly remembered: string | null;
  readonly cursor: Cursor;
  /** Steps of it that were not applied. */
  readonly skipped: number;
  readonly learningRate: number;
  readonly epochSums: MetricSums;
  readonly history: readonly EpochRecord[];
  /** The run was over at this point: resuming it has nothing left to train. */
  readonly finished: Finished | null;
  /** How the ranks averaged; null: that is not known. */
  readonly collective: CollectiveName | null;
}

/** Before the first event. The machine starts with `start`, which brings the time. */
export function initialState(settings: Settings, resumed: Resumed | null): State {
  return {
    settings,
    now: 0,
    phase: { name: 'joining', deadline: Number.POSITIVE_INFINITY, alone: false },
    agenda: [],
    doing: null,
    change: null,
    isTorn: false,
    newcomers: [],
    restarts: { count: 0, due: [] },
    skipped: resumed?.skipped ?? 0,
    skippedInARow: 0,
    backOff: 1,
    pace: noPace,
    reloads: { step: null, count: 0 },
    members: [],
    generation: 1,
    channel: '',
    collective: resumed?.collective ?? null,
    request: 0,
    cursor: resumed?.cursor ?? { epoch: 0, step: 0, position: 0 },
    learningRate: resumed?.learningRate ?? settings.optimizer.learningRate,
    epochSums: resumed?.epochSums ?? {},
    unfinished: {},
    history: resumed?.history ?? [],
    held: resumed?.held ?? null,
    heldBy: null,
    remembered: resumed?.remembered ?? null,
    restoreWeights: false,
    evaluations: {},
    weightsSha256: null,
    savedStep: resumed?.cursor.step ?? null,
    saving: null,
    lastSaveAt: null,
    worldSize: 0,
    parameters: [],
    pending: {},
    finished: resumed?.finished ?? null,
    signal: null,
    failing: null,
  };
}

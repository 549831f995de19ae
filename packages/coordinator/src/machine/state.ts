import type {
  AllReduceName,
  Compression,
  ErrorCode,
  OnNaN,
  OptimizerConfig,
  Precision,
  StopSignal,
} from '@lockstep/core';
import type { Verdict } from '@lockstep/core/callbacks';
import type { DatasetDescription, EvaluationSplit, Range } from '@lockstep/core/data';
import type { Logs, MetricSums } from '@lockstep/core/metrics';
import type { ModelSpec, ParameterShape } from '@lockstep/core/model';
import type { Header, RankTimes } from '@lockstep/core/protocol';
import type { Pace } from './pace.js';
import type { Reporting } from './reports.js';

/** What is fixed for the whole run. */
export interface Settings {
  readonly run: string;
  /** How many workers the cluster is complete with. */
  readonly workers: number;
  /** With how many of them it goes on when others are lost. */
  readonly minWorkers: number;
  /** How long it waits for others where fewer are left. */
  readonly rejoinTimeoutMs: number;
  /** What to do where a rank's loss or gradient is NaN or infinite. */
  readonly onNaN: OnNaN;
  /** How often workers of this machine are started again, all of them together. */
  readonly maxRestarts: number;
  readonly engine: string;
  readonly seed: number;
  readonly batchSize: number;
  readonly epochs: number;
  readonly optimizer: OptimizerConfig;
  readonly precision: Precision;
  /** Nothing is decided by what was measured: two runs on the same machines are the same to the bit. */
  readonly deterministic: boolean;
  /** How the ranks average; `auto`: what all of them can do, and what is fastest. */
  readonly allReduce: 'auto' | AllReduceName;
  readonly compression: Compression;
  /** In how many parts a rank computes its share of a step. */
  readonly accumulate: number;
  /** Each rank has its part of the optimizer's state, and updates its part of the weights. */
  readonly shardOptimizer: boolean;
  /** The learning rate is multiplied by the number of ranks, after a warm-up of so many epochs. */
  readonly scaleLearningRate: boolean;
  readonly warmUpEpochs: number;
  readonly model: ModelSpec;
  readonly modelHash: string;
  readonly dataset: DatasetDescription;
  readonly configHash: string;
  /** On what each epoch is validated: the test split, what was split off the training samples, nothing. */
  readonly validation: 'test' | 'split' | 'none';
  /** Most steps to train, over all epochs; null: as many as the epochs have. */
  readonly steps: number | null;
  /** The training batch is measured without dropout every so many steps; null: never. */
  readonly logEvery: number | null;
  /** Also save in the middle of an epoch, every so many steps; null: at the end of epochs only. */
  readonly checkpointSteps: number | null;
  /** Also save once so much time has passed since the last time; null: whatever time passes. */
  readonly checkpointMs: number | null;
  /** When no worker joins in time: train with one local worker, or fail. */
  readonly fallback: 'alone' | 'fail';
  readonly joinTimeoutMs: number;
  /** How long one rank may take for one answer: a step, a piece of evaluation, its state. */
  readonly stepTimeoutMs: number;
  /** Steps may take less than that once it is known how long they take here. */
  readonly adaptStepTimeout: boolean;
  /** How long a callback or the disk may take at a step boundary. */
  readonly boundaryTimeoutMs: number;
  readonly pingIntervalMs: number;
  /** Ranks that add up among themselves report about so often; 0: after each step. */
  readonly reportMs: number;
  /** After so many steps the ranks' pace says how many steps that is. */
  readonly reportAfter: number;
}

export interface Member {
  readonly peer: string;
  readonly host: string;
  readonly pid: number;
  readonly engine: string;
  /** What its engine runs on, for people. */
  readonly device: string;
  /** Number of a worker that the coordinator's own machine started; null for the others. */
  readonly slot: number | null;
  /** What the worker reported when its model was built; null until then. */
  readonly ready: Ready | null;
  /** -1 until the cluster is complete. */
  readonly rank: number;
  readonly lastStep: number;
  /** It asked to be let go at the next step boundary. */
  readonly leaving: boolean;
  /** When it was welcomed. */
  readonly welcomedAt: number;
  /** 0: it never held other weights than most. Whoever did so last, and was given theirs, has more than all others. */
  readonly strays: number;
}

interface Ready {
  readonly parameters: readonly ParameterShape[];
  readonly parameterCount: number;
  readonly gradientLength: number;
  readonly samples: 'local' | 'remote';
  readonly peer: Header<'ready'>['peer'];
  readonly holds: Header<'ready'>['holds'];
}

/** How the ranks of a world average. */
export type CollectiveName = 'single' | AllReduceName;

/** An algorithm that all ranks have tried. */
export interface Tried {
  readonly name: AllReduceName;
  /** Of one all-reduce, by the slowest rank; null: it failed, or it was not measured. */
  readonly milliseconds: number | null;
  /** By whom and why it could not be used. */
  readonly failure: { readonly code: ErrorCode; readonly message: string } | null;
}

/** What one rank said of an algorithm. */
export type LinkAnswer = Pick<Header<'linked'>, 'milliseconds' | 'failure'>;

/** Where training stands: always at a step boundary. */
export interface Cursor {
  readonly epoch: number;
  /** Steps applied since the beginning of the run. */
  readonly step: number;
  /** Samples of this epoch that have been consumed. */
  readonly position: number;
}

export interface EpochRecord {
  readonly epoch: number;
  readonly logs: Logs;
}

export interface Outcome {
  readonly stoppedBy: 'early-stop' | 'epochs' | 'signal' | 'error';
  readonly message: string;
  /** There when stoppedBy is `error`. */
  readonly code: ErrorCode | null;
  readonly hint: string | null;
  /** There when stoppedBy is `signal`. */
  readonly signal: StopSignal | null;
  /** Workers of this machine without which the run could not go on: their logs may say more. */
  readonly slots: readonly number[];
}

/** How a run ends that has nothing left to train. */
export type Finished = 'early-stop' | 'epochs';

export type CallbackHook = 'train-begin' | 'epoch-begin' | 'epoch-end' | 'train-end';

/** What the machine is doing while the ranks try how they can average. */
export interface LinkingPhase {
  readonly name: 'linking';
  readonly request: number;
  readonly collective: CollectiveName;
  /** Only try it; otherwise this is what they train with. */
  readonly measure: boolean;
  /** What is to be tried after it, in order. */
  readonly rest: readonly AllReduceName[];
  readonly tried: readonly Tried[];
  /** Why this one, for people. */
  readonly why: string;
  /** Nothing has worked before: this is the last time. */
  readonly again: boolean;
  /** By rank; null: still awaited. */
  readonly answers: readonly (LinkAnswer | null)[];
  /** Ids of the gradients of the present round of measuring `star`, by rank. */
  readonly probes: readonly (string | null)[];
  readonly deadline: number;
}

/** What is still to be done at this step boundary, in order; the machine takes the first when it is free. */
export type Plan =
  /** Find out how the ranks can average, and agree on it. */
  | { readonly plan: 'link' }
  /** Get weights and optimizer state from the first rank. */
  | { readonly plan: 'fetch' }
  /** Give every rank the held (or the remembered) weights; all must then report the same hash. */
  | { readonly plan: 'broadcast'; readonly source: 'held' | 'remembered' }
  | { readonly plan: 'check-hashes' }
  | { readonly plan: 'callbacks'; readonly hook: CallbackHook }
  /** Keep the held weights for `restore best weights`. */
  | { readonly plan: 'remember' }
  /** Ask the ranks for a checkpoint of this step, once the one before is written, and go on at once. */
  | { readonly plan: 'take' }
  /** Begin to write the held state as a checkpoint, once the one before is written. */
  | { readonly plan: 'save'; readonly best: boolean; readonly finished: Finished | null }
  | { readonly plan: 'evaluate'; readonly purpose: 'validation' | 'test' }
  | { readonly plan: 'train' }
  /** Go back to the newest checkpoint. */
  | { readonly plan: 'reload' }
  | { readonly plan: 'finish'; readonly outcome: Outcome };

export interface Contribution {
  readonly step: number;
  readonly samples: number;
  readonly metrics: MetricSums;
  /** Of the same samples before the step, without dropout; null where that was not due. */
  readonly logged: MetricSums | null;
  /** Id of the gradient; null where gradients do not pass through the coordinator. */
  readonly gradient: string | null;
  /** False: its loss or its gradient is not a number, and no rank applies the step. */
  readonly finite: boolean;
  /** Of the step before; null where the rank knows of none. */
  readonly times: RankTimes | null;
}

export interface EvaluationPart {
  /** What this rank has not begun yet. */
  readonly rest: Range;
  /** The piece it is busy with; null when it has done its part. */
  readonly piece: Range | null;
  /** By which its answer is known. */
  readonly request: number;
  readonly sums: MetricSums;
  readonly deadline: number;
}

/** What the machine is doing, and whom it waits for until when. */
type Phase =
  | { readonly name: 'joining'; readonly deadline: number; readonly alone: boolean }
  /** Between two plans; never rests here while there are plans. */
  | { readonly name: 'idle' }
  /** Too few ranks are left; their state is held. */
  | { readonly name: 'rejoining'; readonly deadline: number }
  /** The newest checkpoint is read. */
  | { readonly name: 'reloading'; readonly deadline: number }
  | LinkingPhase
  | {
      readonly name: 'fetching';
      readonly request: number;
      /** Peers, in the order in which their parts are put together; the first one gives the weights. */
      readonly asked: readonly string[];
      /** Ids of what those have sent that were asked; null: not yet. */
      readonly parts: readonly (string | null)[];
      readonly deadline: number;
    }
  | {
      readonly name: 'comparing';
      readonly request: number;
      /** All were given the same weights just now. */
      readonly given: boolean;
      /** The membership changes: the state of most of them is fetched next. */
      readonly isForChange: boolean;
      /** In the order of the members, of which some ranks may be lost already; null: not yet reported. */
      readonly hashes: readonly (string | null)[];
      readonly deadline: number;
    }
  | { readonly name: 'consulting'; readonly hook: CallbackHook; readonly deadline: number }
  /** For the checkpoint that is under way: the next plan needs it to be on the disk. */
  | { readonly name: 'saving' }
  | {
      readonly name: 'evaluating';
      readonly purpose: 'validation' | 'test';
      readonly split: EvaluationSplit;
      readonly parts: readonly EvaluationPart[];
    }
  | {
      readonly name: 'training';
      /** By rank: of the steps from the cursor on, in order, as far as they were reported. */
      readonly contributions: readonly (readonly Contribution[])[];
      readonly reporting: Reporting;
      /** Ranks that wait for other ranks, of those that are late; null: nobody is late so far. */
      readonly waiting: readonly number[] | null;
      readonly deadline: number;
    }
  | { readonly name: 'ended'; readonly outcome: Outcome };

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

/** What a checkpoint holds, but for the bytes of its tensors. */
export interface Snapshot extends Resumed {
  readonly worldSize: number;
  readonly parameters: readonly ParameterShape[];
}

/** A checkpoint of which the ranks have not said everything yet. */
export interface Taking {
  readonly request: number;
  /** The peer whose state it gets. */
  readonly source: string;
  /** Id of that state; null: not here yet. */
  readonly held: string | null;
  /** Of the weights, by rank; null: not yet reported. */
  readonly hashes: readonly (string | null)[];
  readonly snapshot: Omit<Snapshot, 'held'>;
  /** As it was. */
  readonly backOff: number;
}

/** Steps in which a rank was lost: others may have applied them, or not. */
export interface Torn {
  /** So many beyond the cursor, at the most. */
  readonly ahead: number;
  /** Metrics of them, as far as they were reported. */
  readonly unfinished: readonly StepSums[];
}

/** Metrics of some samples, at a step. */
export interface StepSums {
  readonly step: number;
  readonly sums: MetricSums;
}

export interface State {
  readonly settings: Settings;
  readonly now: number;
  readonly phase: Phase;
  readonly agenda: readonly Plan[];
  /** The plan under way: begun again where the membership changes in it; null: nothing is to be begun again. */
  readonly doing: Plan | null;
  /** Why the membership is about to change, for people; null: it is not. */
  readonly change: string | null;
  /** Since the ranks were given, one was lost while they trained; null: none was. */
  readonly torn: Torn | null;
  /** Welcomed after training had begun: they get a rank when the membership changes. */
  readonly newcomers: readonly Member[];
  /** Workers of this machine that are to be started again: how many were so far, and who is due when. */
  readonly restarts: {
    readonly count: number;
    readonly due: readonly { readonly slot: number; readonly at: number }[];
  };
  /** Steps of the cursor that no rank has applied. */
  readonly skipped: number;
  /** How many of them were the last ones, one after another. */
  readonly skippedInARow: number;
  /** The learning rate of the checkpoint to which the run goes back is multiplied by this. */
  readonly backOff: number;
  readonly pace: Pace;
  /** How often the run went back to the checkpoint of a step, the last one to which it did. */
  readonly reloads: { readonly step: number | null; readonly count: number };
  /** By rank once the cluster is complete; in order of arrival before. */
  readonly members: readonly Member[];
  readonly generation: number;
  /** Random; the ranks know each other's messages by it. */
  readonly channel: string;
  /** How the ranks average, or how they did in the run that is resumed; null: that is not known yet. */
  readonly collective: CollectiveName | null;
  readonly request: number;
  readonly cursor: Cursor;
  readonly learningRate: number;
  readonly epochSums: MetricSums;
  readonly history: readonly EpochRecord[];
  /** Id of the state (weights, optimizer) of the present cursor, where the coordinator has it. */
  readonly held: string | null;
  /** The one peer that has the state of the cursor, where the others have not; null: all ranks have it. */
  readonly heldBy: string | null;
  /** Id of the weights that a callback asked to remember. */
  readonly remembered: string | null;
  readonly restoreWeights: boolean;
  /** The last evaluation on each split, and the step whose weights it saw. */
  readonly evaluations: Readonly<Partial<Record<EvaluationSplit, StepSums>>>;
  readonly weightsSha256: string | null;
  /** Step of the newest checkpoint; null: none yet. */
  readonly savedStep: number | null;
  /** The checkpoint that is on its way to the disk, while training goes on; null: there is none. */
  readonly saving: {
    readonly step: number;
    readonly deadline: number;
    /** Null: all of it is here. */
    readonly taking: Taking | null;
  } | null;
  /** A checkpoint was given up while it was taken: the next step boundary is for another one. */
  readonly overdue: boolean;
  /** When the last one was begun, or training was; null: before that. */
  readonly lastSaveAt: number | null;
  /** Ranks of this generation, also when some of them are lost. */
  readonly worldSize: number;
  /** The weights in order, as the ranks built them. */
  readonly parameters: readonly ParameterShape[];
  /** What step callbacks asked for at the last step of an epoch: it is done with the epoch. */
  readonly pending: Verdict;
  /** Set once there is nothing left to train. */
  readonly finished: Finished | null;
  readonly signal: StopSignal | null;
  /** Set once something broke: what remains is to save what can be saved and to end. */
  readonly failing: Outcome | null;
}

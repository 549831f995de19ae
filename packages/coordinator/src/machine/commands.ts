import type { Logs } from '@lockstep/core/metrics';
import type { CoordinatorHeader } from '@lockstep/core/protocol';
import type { StepTimes } from '../profile/stepTimes.js';
import type {
  CallbackHook,
  CollectiveName,
  Cursor,
  EpochRecord,
  Member,
  Outcome,
  Snapshot,
  Tried,
} from './state.js';

/** What the runtime must do. Tensors are named by id; their bytes never enter the machine. */
export type Command =
  | {
      readonly do: 'send';
      readonly peer: string;
      readonly header: CoordinatorHeader;
      /** Tensors to send along; `weights` leaves the optimizer slots out. */
      readonly tensors?: { readonly id: string; readonly part: 'all' | 'weights' };
    }
  /**
   * Average the gradients, weighted by samples, in the order given (rank order), and send the result
   * with `header` to each peer. Parts without a gradient: only the header is sent.
   */
  | {
      readonly do: 'average';
      readonly parts: readonly { readonly gradient: string | null; readonly samples: number }[];
      readonly peers: readonly string[];
      readonly header: CoordinatorHeader;
    }
  /**
   * Make one state of the parts of all ranks: the weights of the first, and each slot in one piece, the parts one
   * after another. The parts are let go.
   */
  | { readonly do: 'assemble'; readonly parts: readonly string[]; readonly id: string }
  /** Let go of a tensor. */
  | { readonly do: 'forget'; readonly id: string }
  /** Run the callbacks of this hook; answered by `verdict`. */
  | {
      readonly do: 'consult';
      readonly hook: CallbackHook;
      readonly epoch: number;
      readonly logs: Logs;
      readonly learningRate: number;
    }
  /** Run the step callbacks, at once; answered by `step-verdict`. */
  | {
      readonly do: 'consult-step';
      readonly step: number;
      readonly logs: Logs;
      readonly learningRate: number;
    }
  /** Keep what the callbacks are at now, and the remembered weights, for the checkpoint that is saved next. */
  | { readonly do: 'capture'; readonly remembered: string | null }
  /**
   * Write a checkpoint, with what was captured; answered by `saved` or `save-failed`. Its tensors are taken hold of at
   * once: they may be let go of before the answer.
   */
  | {
      readonly do: 'save';
      readonly best: boolean;
      readonly snapshot: Snapshot;
    }
  /**
   * Read the newest checkpoint, and let the callbacks begin anew, with so much of its learning rate; answered by
   * `reloaded`.
   */
  | { readonly do: 'reload'; readonly learningRateFactor: number }
  /** The coordinator's machine shall start this worker: nobody came, or the one before has ended. */
  | { readonly do: 'start-worker'; readonly slot: number }
  /** The coordinator's machine shall end this worker, if its process is still there; answered by `worker-exited`. */
  | { readonly do: 'kill-worker'; readonly slot: number }
  | { readonly do: 'tell'; readonly news: News }
  | { readonly do: 'end'; readonly outcome: Outcome };

/** What people and `run.json` are told. */
export type News =
  | { readonly news: 'waiting'; readonly workers: number; readonly joined: number }
  | { readonly news: 'joined'; readonly member: Member; readonly joined: number }
  | {
      readonly news: 'refused';
      readonly peer: string;
      readonly code: string;
      readonly message: string;
    }
  | { readonly news: 'warning'; readonly message: string }
  /** A callback's own words, such as `Epoch 5: early stopping`. */
  | { readonly news: 'message'; readonly message: string }
  | {
      readonly news: 'started';
      readonly members: readonly Member[];
      readonly cursor: Cursor;
    }
  /** Too few are left: others are waited for. */
  | {
      readonly news: 'rejoining';
      readonly least: number;
      readonly left: number;
      readonly timeoutMs: number;
    }
  /** The membership has changed: who has which rank from this step on, and why. */
  | {
      readonly news: 'regrouped';
      readonly generation: number;
      readonly members: readonly Member[];
      readonly cursor: Cursor;
      readonly why: string;
    }
  /** Nobody had the state of the step any more: the run goes on from this checkpoint. */
  | {
      readonly news: 'reloaded';
      readonly cursor: Cursor;
      readonly file: string;
      readonly why: string;
    }
  /** How the ranks average from now on, and what else they tried. */
  | {
      readonly news: 'linked';
      readonly collective: CollectiveName;
      /** Of the gradient. */
      readonly bytes: number;
      readonly tried: readonly Tried[];
      readonly why: string;
    }
  | { readonly news: 'training'; readonly cursor: Cursor; readonly learningRate: number }
  | {
      readonly news: 'step';
      readonly cursor: Cursor;
      readonly samples: number;
      /** Means over the epoch so far, as Keras's progress bar shows them. */
      readonly logs: Logs;
      /** By rank, of the step before this one, on the coordinator's clock; null: not known. */
      readonly times: readonly (StepTimes | null)[];
    }
  /** A rank's part was NaN or infinite, and no rank has applied the step. */
  | {
      readonly news: 'skipped';
      readonly step: number;
      /** Whose part it was, for people. */
      readonly by: string;
      /** Steps skipped so far. */
      readonly count: number;
    }
  /** Of the batch of this step before it was trained, without dropout. */
  | { readonly news: 'logged'; readonly step: number; readonly logs: Logs }
  | { readonly news: 'evaluating'; readonly purpose: 'validation' | 'test' }
  | { readonly news: 'epoch'; readonly record: EpochRecord; readonly steps: number }
  | { readonly news: 'tested'; readonly logs: Logs }
  | {
      readonly news: 'saved';
      readonly file: string;
      readonly step: number;
      readonly weightsSha256: string;
    }
  | { readonly news: 'stopping'; readonly message: string }
  | { readonly news: 'hash'; readonly weightsSha256: string; readonly step: number };

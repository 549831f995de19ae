import type { ErrorCode, StopSignal } from '@lockstep/core';
import type { Verdict } from '@lockstep/core/callbacks';
import type { WorkerHeader } from '@lockstep/core/protocol';
import type { CallbackHook, Resumed } from './state.js';

/** A tensor that arrived: the machine knows its id and its length, never its values. */
export interface TensorNote {
  readonly id: string;
  /** Elements, by tensor name. */
  readonly lengths: Readonly<Record<string, number>>;
  /** Of the weights of a rank's state. */
  readonly weightsSha256?: string;
}

/** Everything that can happen to the coordinator. */
export type Event =
  /** `channel` is random, and known to this run only. */
  | { readonly type: 'start'; readonly now: number; readonly channel: string }
  | { readonly type: 'tick'; readonly now: number }
  | {
      readonly type: 'message';
      readonly peer: string;
      readonly header: WorkerHeader;
      readonly tensors: TensorNote | null;
    }
  /** A peer cannot be reached any more, or broke the protocol. */
  | {
      readonly type: 'lost';
      readonly peer: string;
      readonly code: ErrorCode;
      readonly reason: string;
    }
  /** A worker process that this machine started has ended. */
  | {
      readonly type: 'worker-exited';
      readonly slot: number;
      /** What it said before it ended; null: nothing. */
      readonly code: ErrorCode | null;
      readonly reason: string;
    }
  | { readonly type: 'interrupt'; readonly signal: StopSignal }
  | { readonly type: 'verdict'; readonly hook: CallbackHook; readonly verdict: Verdict }
  | { readonly type: 'step-verdict'; readonly verdict: Verdict }
  | { readonly type: 'saved'; readonly file: string; readonly weightsSha256: string }
  | {
      readonly type: 'save-failed';
      readonly code: ErrorCode;
      readonly message: string;
      readonly hint: string | null;
    }
  /** The newest checkpoint, as far as the machine knows it; its tensors are kept. */
  | { readonly type: 'reloaded'; readonly resumed: Resumed; readonly file: string }
  /** Something of the coordinator's own went wrong: disk, user code, a bug. */
  | {
      readonly type: 'broken';
      readonly code: ErrorCode;
      readonly message: string;
      readonly hint: string | null;
    };

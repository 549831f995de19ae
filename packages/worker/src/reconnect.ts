import { LockstepError } from '@lockstep/core';
import type { Former } from './progress.js';
import type { Farewell, Session } from './session.js';

export interface Reconnecting {
  /**
   * @param run the one to go on with; null: whichever there is
   * @param connectTimeoutMs how long its coordinator may take to answer
   * @param former what the session before has left
   */
  readonly begin: (
    run: string | null,
    connectTimeoutMs: number,
    former: Former | null,
  ) => Promise<Session>;
  readonly run: string | null;
  readonly connectTimeoutMs: number;
  /** How long a coordinator that is gone may take to come back; null: it is not waited for. */
  readonly reconnectTimeoutMs: number | null;
  /** Its user wants it back: then it waits for nobody. */
  readonly isLeaving: () => boolean;
  readonly log: (line: string) => void;
}

/**
 * A worker's sessions, one after another: when a coordinator that had welcomed it is gone, it waits for the same run to
 * come back at the same address, and offers what it holds of it.
 *
 * @throws LockstepError of the last session; COORDINATOR_UNREACHABLE when the coordinator did not come back
 */
export async function runSessions(options: Reconnecting): Promise<Farewell> {
  const { begin, reconnectTimeoutMs, isLeaving, log } = options;
  let { run, connectTimeoutMs } = options;
  let former: Former | null = null;
  try {
    for (;;) {
      const session: Session = await begin(run, connectTimeoutMs, former);
      try {
        return await session.run();
      } catch (thrown) {
        const mayComeBack = reconnectTimeoutMs !== null && session.welcomedTo !== null;
        if (!mayComeBack || isLeaving() || !isGone(thrown)) throw thrown;
        log(`${thrown.message}; waiting up to ${reconnectTimeoutMs / 1000} s for it to come back`);
        run = session.welcomedTo;
        connectTimeoutMs = reconnectTimeoutMs;
      } finally {
        former = session.former;
      }
    }
  } finally {
    former?.model.dispose();
  }
}

const isGone = (thrown: unknown): thrown is LockstepError =>
  thrown instanceof LockstepError && thrown.code === 'COORDINATOR_UNREACHABLE';

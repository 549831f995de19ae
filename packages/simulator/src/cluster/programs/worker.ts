import { LockstepError, toLockstepError } from '@lockstep/core';
import type { Dataset } from '@lockstep/core/data';
import type { Transport } from '@lockstep/core/transport';
import { type Engine, type Former, runSessions, Session } from '@lockstep/worker';
import type { Timeouts } from '../scenario/scenario.js';

export interface WorkerSurroundings {
  readonly address: string;
  /** Where other ranks find it. */
  readonly ownAddress: string;
  readonly control: Transport;
  readonly between: Transport;
  readonly engine: Engine;
  /** Its copy of the samples; null: it has none. */
  readonly dataset: Dataset | null;
  /** Null: it was not started by the coordinator, and outlives it. */
  readonly slot: number | null;
  readonly run: string | null;
  readonly timeouts: Timeouts;
  readonly heartbeatTimeoutMs: number;
  readonly log: (line: string) => void;
}

/** What `lockstep worker` does, but for its flags and its terminal. */
export class WorkerProgram {
  #session: Session | null = null;
  #isLeaving = false;

  constructor(private readonly around: WorkerSurroundings) {}

  /** @returns how it ended; null: well */
  async run(): Promise<LockstepError | null> {
    const { slot, timeouts, log } = this.around;
    try {
      const { code, message } = await runSessions({
        begin: (...given) => this.#begin(...given),
        run: this.around.run,
        connectTimeoutMs: timeouts.reconnect,
        isLeaving: () => this.#isLeaving,
        reconnectTimeoutMs: slot === null ? timeouts.reconnect : null,
        log,
      });
      log(`told goodbye: ${message}`);
      return code === null || this.#isLeaving ? null : new LockstepError(code, message);
    } catch (thrown) {
      const error = toLockstepError(thrown);
      log(`ended with ${error.code}: ${error.message}`);
      return this.#isLeaving ? null : error;
    }
  }

  /** SIGTERM. */
  leave(): void {
    this.#isLeaving = true;
    void this.#session?.leave('SIGTERM');
  }

  async #begin(
    run: string | null,
    connectTimeoutMs: number,
    former: Former | null,
  ): Promise<Session> {
    const { address, ownAddress, control, between, engine, dataset, slot } = this.around;
    const { timeouts, heartbeatTimeoutMs, log } = this.around;
    this.#session = new Session({
      link: await control.connect(address, { heartbeatTimeoutMs }),
      engine,
      version: 'simulated',
      ...(slot === null ? {} : { slot }),
      expects: run === null ? {} : { run },
      findDataset: async () => dataset,
      place: { coordinator: address, address: ownAddress, transport: between },
      former,
      isFollowed: slot === null,
      connectTimeoutMs,
      silenceTimeoutMs: timeouts.silence,
      log,
    });
    return this.#session;
  }
}

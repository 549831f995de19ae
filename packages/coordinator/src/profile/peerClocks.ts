import type { Header, RankTimes } from '@lockstep/core/protocol';
import { ClockOffset } from './clockOffset.js';

/** The clocks of the workers, as their answers to pings show them, beside the one of this process. */
export class PeerClocks {
  readonly #offsets = new Map<string, ClockOffset>();

  /** Microseconds since this process began. */
  now(): number {
    return Math.round(performance.now() * 1000);
  }

  /** Has just arrived from this peer. */
  answered(peer: string, { askedAt, answeredAt }: Header<'pong'>): void {
    const offset = this.#offsets.get(peer) ?? new ClockOffset();
    this.#offsets.set(peer, offset);
    offset.observe({ askedAt, answeredAt, receivedAt: this.now() });
  }

  /** What a peer tells of a step, on our clock; null while nothing is known of the peer's. */
  onOurClock(peer: string, [begin, ...durations]: RankTimes): RankTimes | null {
    const offset = this.#offsets.get(peer)?.microseconds ?? null;
    return offset === null ? null : [Math.round(begin + offset), ...durations];
  }
}

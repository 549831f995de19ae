/** How far two clocks may drift apart, as NTP reckons it (RFC 5905, PHI): 15 microseconds a second. */
const drift = 15e-6;

/** When a question and its answer were sent and received. Microseconds, on the clock of whoever did it. */
export interface RoundTrip {
  readonly askedAt: number;
  readonly heardAt: number;
  readonly answeredAt: number;
  readonly receivedAt: number;
}

/**
 * How far the clock of a peer is behind ours, from the round trips of pings, by NTP's formula: half of the
 * difference between the way there and the way back. It cannot be wrong by more than half of the delay, so the
 * trip with the least delay counts, until drift since then could have made it worse than a newer one.
 */
export class ClockOffset {
  #best: { readonly offset: number; readonly uncertainty: number; readonly at: number } | null =
    null;

  observe({ askedAt, heardAt, answeredAt, receivedAt }: RoundTrip): void {
    const delay = receivedAt - askedAt - (answeredAt - heardAt);
    // A peer that says it took longer than the whole trip has no clock to go by.
    if (delay < 0 || answeredAt < heardAt) return;
    const uncertainty = delay / 2;
    const best = this.#best;
    if (best !== null && best.uncertainty + drift * (receivedAt - best.at) <= uncertainty) return;
    const offset = (askedAt - heardAt + (receivedAt - answeredAt)) / 2;
    this.#best = { offset, uncertainty, at: receivedAt };
  }

  /** What to add to a time of the peer to have it on our clock, in microseconds; null before any answer. */
  get microseconds(): number | null {
    return this.#best?.offset ?? null;
  }
}

/** How far two clocks may drift apart, as NTP reckons it (RFC 5905, PHI): 15 microseconds a second. */
const drift = 15e-6;

/** When a ping was sent and its answer arrived, on our clock, and when the peer answered, on its own. Microseconds. */
export interface RoundTrip {
  readonly askedAt: number;
  readonly answeredAt: number;
  readonly receivedAt: number;
}

/**
 * How far the clock of a peer is behind ours, from the round trips of pings, by NTP's formula (a peer answers at
 * once): it answered half-way between. That cannot be wrong by more than half of the delay, so the trip with the
 * least delay counts, until drift since then could have made it worse than a newer one.
 */
export class ClockOffset {
  #best: { readonly offset: number; readonly uncertainty: number; readonly at: number } | null =
    null;

  observe({ askedAt, answeredAt, receivedAt }: RoundTrip): void {
    const uncertainty = (receivedAt - askedAt) / 2;
    const best = this.#best;
    if (best !== null && best.uncertainty + drift * (receivedAt - best.at) <= uncertainty) return;
    this.#best = { offset: (askedAt + receivedAt) / 2 - answeredAt, uncertainty, at: receivedAt };
  }

  /** What to add to a time of the peer to have it on our clock, in microseconds; null before any answer. */
  get microseconds(): number | null {
    return this.#best?.offset ?? null;
  }
}

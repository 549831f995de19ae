/** What a network is like, for all of a run. */
export interface Conditions {
  readonly latencyMs: number;
  /** A message takes up to so much longer, each another time. */
  readonly jitterMs: number;
  readonly bytesPerMs: number;
  /** A peer that shows no sign of life for this long is disconnected. */
  readonly heartbeatTimeoutMs: number;
  /** Whether what is sent is read when it is handed over, or as late as a transport may. */
  readonly readsLate: boolean;
  /** Of messages that come twice, and that overtake others: no transport of ours does that, from 0 to 1. */
  readonly duplicated: number;
  readonly reordered: number;
}

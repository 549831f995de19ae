/** When a fault strikes: at a time, or behind so many messages, at the very event that the last of them is. */
export type Moment = { readonly ms: number } | { readonly messages: number };

/** A worker by its number, or the coordinator. */
export type Victim = number | 'coordinator';

type What =
  /** SIGKILL, or (silent) the power of its machine. Null: nobody starts it again. */
  | {
      readonly what: 'crash';
      readonly who: Victim;
      readonly isSilent: boolean;
      readonly backMs: number | null;
    }
  /** SIGSTOP and SIGCONT. */
  | { readonly what: 'pause'; readonly who: Victim; readonly ms: number }
  /** Its connections are lost, with what is under way, and may be made again at once. */
  | { readonly what: 'cut'; readonly who: Victim }
  /** Nothing comes through between two machines, one way or both. */
  | {
      readonly what: 'block';
      readonly from: Victim;
      readonly to: Victim;
      readonly both: boolean;
      readonly ms: number;
    }
  /** No room for so long; null: for ever. */
  | { readonly what: 'full-disk'; readonly ms: number | null }
  /** SIGTERM to a worker. */
  | { readonly what: 'leave'; readonly who: number }
  /** SIGINT to the coordinator. */
  | { readonly what: 'interrupt' }
  /** A bit of a rank's memory changes its mind. */
  | { readonly what: 'flip'; readonly who: number };

export type Fault = What & { readonly when: Moment };

/** For the transcript. */
export function describeFault(fault: Fault): string {
  const { when, what, ...rest } = fault;
  const moment = 'ms' in when ? `at ${when.ms} ms` : `behind message ${when.messages}`;
  return `${what} ${moment} ${JSON.stringify(rest)}`;
}

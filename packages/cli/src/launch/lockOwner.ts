import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { isAlive } from '@lockstep/core';
import { birthOf, placeOfNumbers } from './processIdentity.js';

/** Who has a run directory. */
export interface Owner {
  readonly id: string;
  /** For people. */
  readonly host: string;
  /** Where its number means something. */
  readonly place: string;
  readonly pid: number;
  /** When it was started; empty: that is not known. */
  readonly birth: string;
}

/** Ids of the locks that this process has, or is about to take. */
const ownIds = new Set<string>();

/** This process, under a new id. */
export function newOwner(): Owner {
  const id = randomBytes(8).toString('hex');
  ownIds.add(id);
  const { pid } = process;
  return { id, host: hostname(), place: placeOfNumbers(), pid, birth: birthOf(pid) };
}

/** This process has no use for the lock any more. */
export const noOwner = ({ id }: Owner): void => void ownIds.delete(id);

/** Null: nobody's, since its maker died before it was written. */
export function ownerIn(text: string): Owner | null {
  try {
    const { id, host, place, pid, birth = '' } = JSON.parse(text) as Partial<Owner>;
    return id && host && place && pid ? { id, host, place, pid, birth } : null;
  } catch {
    return null;
  }
}

export const nameOf = (owner: Owner | null): string =>
  owner === null ? 'somebody' : `process ${owner.pid} on ${owner.host}`;

/** What is known of an owner the longer one looks at its file. */
export class Watched {
  #first: string | null = null;
  #since = 0;

  constructor(private readonly silenceMs: number) {}

  look(text: string): 'alive' | 'dead' | 'unknown' {
    const life = lifeOf(ownerIn(text));
    if (life !== 'unknown') return life;
    this.#first ??= text;
    this.#since ||= performance.now();
    // Who writes in it lives; it may be somebody else by now.
    if (text !== this.#first) return 'alive';
    return performance.now() - this.#since >= this.silenceMs ? 'dead' : 'unknown';
  }
}

/** What can be told without waiting: of a process of here, by its number and when it was started. */
function lifeOf(owner: Owner | null): 'alive' | 'dead' | 'unknown' {
  if (owner === null || owner.place !== placeOfNumbers()) return 'unknown';
  const { id, pid, birth } = owner;
  if (pid === process.pid) return ownIds.has(id) ? 'alive' : 'dead';
  if (!isAlive(pid)) return 'dead';
  if (birth === '') return 'unknown';
  return birth === birthOf(pid) ? 'alive' : 'dead';
}

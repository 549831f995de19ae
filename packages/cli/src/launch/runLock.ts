import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { open, readFile, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { isAlive, LockstepError, toLockstepError } from '@lockstep/core';
import { birthOf, placeOfNumbers } from './processIdentity.js';

/** Who has a run directory. */
interface Owner {
  readonly id: string;
  /** For people. */
  readonly host: string;
  /** Where its number means something. */
  readonly place: string;
  readonly pid: number;
  /** When it was started; empty: that is not known. */
  readonly birth: string;
}

interface Times {
  /** How often the owner shows that it lives. */
  readonly refreshMs: number;
  /** How long whoever else wants the directory waits for such a sign. */
  readonly silenceMs: number;
  /** How often it looks. */
  readonly lookMs: number;
}

const usualTimes: Times = { refreshMs: 3_000, silenceMs: 20_000, lookMs: 250 };

/** Ids of the locks that this process has, or is about to take. */
const ownIds = new Set<string>();

const lockName = 'coordinator.lock';

/**
 * Two coordinators would write the same checkpoints. So whoever trains in a run directory has the file
 * `coordinator.lock` in it, which only one can make, and writes a new number into it every few seconds. A lock whose
 * owner is dead (on this machine), or writes nothing for so long (anywhere), is taken over. No clocks are compared: other
 * machines may have other times. An owner that was held up for so long finds out at its next sign of life, and ends.
 */
export class RunLock {
  readonly #times: Times;
  readonly #owner: Owner = {
    id: randomBytes(8).toString('hex'),
    host: hostname(),
    place: placeOfNumbers(),
    pid: process.pid,
    birth: birthOf(process.pid),
  };
  #file: string | null = null;
  #beat = 0;
  #timer: NodeJS.Timeout | null = null;
  #beating: Promise<void> = Promise.resolve();
  /** Called when another one has taken the lock over. */
  onLost: (error: LockstepError) => void = () => undefined;

  constructor(times: Partial<Times> = {}) {
    this.#times = { ...usualTimes, ...times };
  }

  /**
   * @param onWait hears why it takes a while, once
   * @throws RUN_DIRECTORY while another coordinator trains there
   */
  async take(directory: string, onWait: (why: string) => void = () => undefined): Promise<void> {
    const file = join(directory, lockName);
    ownIds.add(this.#owner.id);
    const watched = new Watched(this.#times.silenceMs);
    while (!(await this.#make(file))) {
      const text = await textOf(file);
      if (text === null) continue;
      const owner = ownerIn(text);
      const life = watched.look(text);
      if (life === 'alive') throw refused(directory, owner);
      if (life === 'dead') await this.#clear(file, text);
      else {
        onWait(`${nameOf(owner)} has ${directory}: does it live?`);
        onWait = () => undefined;
        await setTimeout(this.#times.lookMs);
      }
    }
    this.#file = file;
    this.#timer = setInterval(() => this.#show(), this.#times.refreshMs);
    this.#timer.unref();
  }

  async release(): Promise<void> {
    const file = this.#letGo();
    await this.#beating;
    if (file !== null && this.#isOurs(await textOf(file))) await rm(file, { force: true });
  }

  /** The process is about to end: what cannot wait. */
  abandon(): void {
    const file = this.#letGo();
    try {
      if (file !== null && this.#isOurs(readFileSync(file, 'utf8'))) rmSync(file);
    } catch {
      // Whoever comes next finds out that this process is dead.
    }
  }

  #letGo(): string | null {
    const file = this.#file;
    this.#file = null;
    ownIds.delete(this.#owner.id);
    if (this.#timer !== null) clearInterval(this.#timer);
    return file;
  }

  get #text(): string {
    return `${JSON.stringify({ ...this.#owner, beat: String(this.#beat).padStart(12, '0') })}\n`;
  }

  readonly #isOurs = (text: string | null): boolean =>
    text !== null && ownerIn(text)?.id === this.#owner.id;

  /** @returns whether it could be made; false: there is one */
  async #make(file: string): Promise<boolean> {
    try {
      const handle = await open(file, 'wx');
      try {
        await handle.writeFile(this.#text);
      } catch (thrown) {
        // One without a name in it would have to be waited for.
        await rm(file, { force: true });
        throw thrown;
      } finally {
        await handle.close();
      }
      return true;
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw new LockstepError(
        'RUN_DIRECTORY',
        `cannot write ${file}: ${toLockstepError(cause).message}`,
        {
          hint: 'Check the disk and the permissions, or choose another run directory.',
          cause,
        },
      );
    }
  }

  /**
   * Removes the lock of a dead one. Of several that have found out, the second must not remove what the first has made
   * in its place: so they do it one after another, and look again.
   */
  async #clear(file: string, text: string): Promise<void> {
    const clearing = `${file}.clearing`;
    const watched = new Watched(this.#times.silenceMs);
    while (!(await this.#make(clearing))) {
      const other = await textOf(clearing);
      if (other !== null && watched.look(other) === 'dead') await rm(clearing, { force: true });
      else await setTimeout(this.#times.lookMs);
    }
    try {
      if ((await textOf(file)) === text) await rm(file, { force: true });
    } finally {
      await rm(clearing, { force: true });
    }
  }

  /** A sign of life, one at a time. */
  #show(): void {
    this.#beating = this.#beating.then(async () => {
      const file = this.#file;
      if (file === null) return;
      const owner = await this.#refresh(file);
      if (owner === 'ours' || this.#file === null) return;
      this.#letGo();
      this.onLost(lost(file, owner));
    });
  }

  /** @returns whose it is, once that is certain */
  async #refresh(file: string): Promise<Owner | null | 'ours'> {
    try {
      const handle = await open(file, 'r+');
      try {
        const text = await handle.readFile('utf8');
        if (!this.#isOurs(text)) return ownerIn(text);
        this.#beat += 1;
        // In place, and as long as before: what is read meanwhile is one of both, and no space is needed.
        await handle.write(this.#text, 0);
        return 'ours';
      } finally {
        await handle.close();
      }
    } catch (thrown) {
      // A disk that does not answer takes the lock from nobody; what is saved next will say so.
      return (thrown as NodeJS.ErrnoException).code === 'ENOENT' ? null : 'ours';
    }
  }
}

async function textOf(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new LockstepError(
      'RUN_DIRECTORY',
      `cannot read ${file}: ${toLockstepError(thrown).message}`,
      {
        cause: thrown,
      },
    );
  }
}

/** Null: nobody's, since its maker died before it was written. */
function ownerIn(text: string): Owner | null {
  try {
    const { id, host, place, pid, birth = '' } = JSON.parse(text) as Partial<Owner>;
    return id && host && place && pid ? { id, host, place, pid, birth } : null;
  } catch {
    return null;
  }
}

/** What is known of an owner the longer one looks at its file. */
class Watched {
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

const nameOf = (owner: Owner | null): string =>
  owner === null ? 'somebody' : `process ${owner.pid} on ${owner.host}`;

const refused = (directory: string, owner: Owner | null): LockstepError =>
  new LockstepError(
    'RUN_DIRECTORY',
    `the run in ${directory} is still running, by ${nameOf(owner)}`,
    { hint: 'Wait for its end, or stop it first (Ctrl-C saves a checkpoint).' },
  );

const lost = (file: string, owner: Owner | null): LockstepError =>
  new LockstepError(
    'RUN_DIRECTORY',
    owner === null
      ? `${file} is gone: another coordinator may begin in this directory`
      : `${nameOf(owner)} has taken this run over: this process was held up for too long`,
    {
      hint: 'The run goes on there. Where it does not: go on from the last checkpoint with --resume.',
    },
  );

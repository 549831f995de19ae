import { readFileSync, rmSync } from 'node:fs';
import { open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileError, LockstepError } from '@lockstep/core';
import { nameOf, newOwner, noOwner, type Owner, ownerIn, Watched } from './lockOwner.js';

interface Times {
  /** How often the owner shows that it lives. */
  readonly refreshMs: number;
  /** How long whoever else wants the directory waits for such a sign. */
  readonly silenceMs: number;
  /** How often it looks. */
  readonly lookMs: number;
}

const usualTimes: Times = { refreshMs: 3_000, silenceMs: 20_000, lookMs: 250 };

const lockName = 'coordinator.lock';

/**
 * Two coordinators would write the same checkpoints. So whoever trains in a run directory has the file
 * `coordinator.lock` in it, which only one can make, and writes a new number into it every few seconds. A lock whose
 * owner is dead (on this machine), or writes nothing for so long (anywhere), is taken over. No clocks are compared: other
 * machines may have other times. An owner that was held up for so long finds out at its next sign of life, and ends.
 */
export class RunLock {
  readonly #times: Times;
  readonly #owner = newOwner();
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
    await this.#beating;
    this.abandon();
  }

  /** At once: the process may be about to end. */
  abandon(): void {
    const file = this.#letGo();
    try {
      if (file !== null && this.#isOurs(readFileSync(file, 'utf8'))) rmSync(file);
    } catch {
      // Whoever comes next finds out that this process has it no more.
    }
  }

  #letGo(): string | null {
    const file = this.#file;
    this.#file = null;
    noOwner(this.#owner);
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
      throw fileError('write', file, cause);
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
    throw fileError('read', file, thrown);
  }
}

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

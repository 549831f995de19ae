import { LockstepError } from '@lockstep/core';
import type { Random } from '@lockstep/core/data';
import type { SimulatedProcess } from '../world/process.js';
import type { World } from '../world/world.js';
import type { Conditions } from './conditions.js';
import type { Connection } from './connection.js';
import type { SimulatedListener } from './listener.js';

/** What one end hears of a cut that the other one made. */
const noticeMs = 1;
/** Of a message that others overtake. */
const longestDelayMs = 3_000;

/** All hosts, and what is between them. */
export class SimulatedNetwork {
  readonly #listeners = new Map<string, SimulatedListener>();
  readonly #connections = new Set<Connection>();
  /** Ways that are blocked: `FROM>TO`, and since which block. */
  readonly #blocked = new Map<string, number>();
  #blocks = 0;
  #isHealed = false;
  readonly #peers = new Map<string, SimulatedProcess>();
  #named = 0;
  #ports = 40_000;

  constructor(
    readonly world: World,
    readonly conditions: Conditions,
    private readonly random: Random,
  ) {}

  /** Called for each message that arrives. */
  onMessage: () => void = () => undefined;

  /** An identity that nobody else has, for a link of this process. */
  nextPeer(process: SimulatedProcess): string {
    this.#named += 1;
    const peer = `peer-${this.#named}`;
    this.#peers.set(peer, process);
    return peer;
  }

  /** Nobody listens there any more, whatever still leaves it. */
  forgetPeer(peer: string): void {
    this.#peers.delete(peer);
  }

  /** What a process is to others, with the links that it has open. */
  peersOf(process: SimulatedProcess): string[] {
    return [...this.#peers].flatMap(([peer, owner]) => (owner === process ? [peer] : []));
  }

  freePort(): number {
    this.#ports += 1;
    return this.#ports;
  }

  drawLatency(): number {
    const { latencyMs, jitterMs } = this.conditions;
    return latencyMs + jitterMs * this.random.float();
  }

  /** Only messages of the control plane: between ranks goes plain TCP. */
  isDuplicated(connection: Connection): boolean {
    return this.#happens(this.conditions.duplicated, connection);
  }

  /** How much later a message comes than it should, so that others overtake it; null: it does not. */
  drawDelay(connection: Connection): number | null {
    return this.#happens(this.conditions.reordered, connection)
      ? longestDelayMs ** this.random.float()
      : null;
  }

  #happens(part: number, { listener }: Connection): boolean {
    return (
      part > 0 &&
      !this.#isHealed &&
      !this.#isBetweenRanks(listener.process) &&
      this.random.float() < part
    );
  }

  #isBetweenRanks(process: SimulatedProcess): boolean {
    return process.host.startsWith('worker');
  }

  open(address: string, listener: SimulatedListener): void {
    if (this.#listeners.has(address)) {
      throw new LockstepError('PORT_IN_USE', `cannot listen on ${address}: somebody does`, {
        hint: 'Choose another port.',
      });
    }
    this.#listeners.set(address, listener);
  }

  close(address: string, listener: SimulatedListener): void {
    if (this.#listeners.get(address) === listener) this.#listeners.delete(address);
  }

  /** Who would answer there now, if anybody does. */
  reach(from: string, address: string): SimulatedListener | null {
    const listener = this.#listeners.get(address);
    if (listener === undefined || listener.process.isPaused) return null;
    const { host } = listener.process;
    return this.isBlocked(from, host) || this.isBlocked(host, from) ? null : listener;
  }

  remember(connection: Connection): void {
    this.#connections.add(connection);
  }

  forget(connection: Connection): void {
    this.#connections.delete(connection);
  }

  isBlocked(from: string, to: string): boolean {
    return this.#blocked.has(`${from}>${to}`);
  }

  /** Nothing comes through from one host to another; who hears nothing for too long ends the connection. */
  block(from: string, to: string): void {
    this.#blocks += 1;
    const block = this.#blocks;
    const way = `${from}>${to}`;
    this.#blocked.set(way, block);
    this.world.after(this.conditions.heartbeatTimeoutMs, null, () => {
      if (this.#blocked.get(way) !== block) return;
      this.#endThose(({ link, listener }) => {
        const hosts = [link.process.host, listener.process.host];
        return hosts.includes(from) && hosts.includes(to);
      });
    });
  }

  unblock(from: string, to: string): void {
    this.#blocked.delete(`${from}>${to}`);
    for (const connection of this.#connections) connection.flush();
  }

  /** From now on it carries every message, once and in order. */
  heal(): void {
    this.#isHealed = true;
    this.#blocked.clear();
    for (const connection of this.#connections) connection.flush();
  }

  /** Stopped processes show no sign of life, either. */
  pause(process: SimulatedProcess, milliseconds: number): void {
    process.pause();
    const { heartbeatTimeoutMs } = this.conditions;
    if (milliseconds > heartbeatTimeoutMs) {
      this.world.after(heartbeatTimeoutMs, null, () => {
        if (process.isPaused) this.#endThose((connection) => connection.concerns(process));
      });
    }
    this.world.after(milliseconds, null, () => this.world.resume(process));
  }

  /** Cables are pulled and put back: connections of this process are gone, with what was under way. */
  cut(process: SimulatedProcess): void {
    this.#endThose((connection) => connection.concerns(process));
  }

  /**
   * A process is no more. Some of what it had sent is still on its way.
   *
   * @param isSilent its machine is gone, too, and tells nobody
   */
  lose(process: SimulatedProcess, isSilent: boolean): void {
    const { latencyMs, heartbeatTimeoutMs } = this.conditions;
    const at = this.world.now + 2 * latencyMs * this.random.float();
    const noticed = isSilent ? heartbeatTimeoutMs : noticeMs;
    for (const connection of [...this.#connections]) {
      if (connection.concerns(process)) connection.end(at, { link: noticed, listener: noticed });
    }
  }

  #endThose(isMeant: (connection: Connection) => boolean): void {
    for (const connection of [...this.#connections].filter(isMeant)) {
      connection.end(this.world.now, { link: noticeMs, listener: noticeMs });
    }
  }
}

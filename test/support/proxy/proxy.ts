import { createServer, connect as dial, type Server, type Socket } from 'node:net';
import { type CoordinatorHeader, decode, type WorkerHeader } from '@lockstep/core/protocol';
import { afterAll } from 'vitest';
import { Connection } from './connection.js';
import { Lane } from './lane.js';
import { type Frame, identityIn } from './zmtp.js';

export type Side = 'worker' | 'coordinator';
type AnyHeader = WorkerHeader | CoordinatorHeader;

/** A worker, as far as it and the coordinator have told about it. */
interface Peer {
  readonly pid: number;
  readonly rank: number;
}

/** A message that has arrived at the proxy, and has not passed yet. */
export interface Passing {
  readonly from: Side;
  readonly header: AnyHeader;
  /** The worker's end of it: -1 where a number is not known yet. */
  readonly peer: Peer;
  readonly frames: readonly Frame[];
  readonly bytes: Buffer;
}

/** What may be done to a connection instead of letting a message pass as it is. */
interface Hands {
  readonly write: (bytes: Buffer) => Promise<void>;
  readonly letOvertake: (bytes: Buffer) => void;
  /** Ends both connections at once. */
  readonly cut: () => void;
  /** Like a cable that is pulled: nothing comes from or to this worker, on no connection. @returns plugs it in */
  readonly stall: () => () => void;
}

/** Whether, when and how a message passes; the next one of its direction waits for the end of it. */
export type Fault = (passing: Passing, hands: Hands) => Promise<void> | void;

/** Which message is meant. */
export interface When {
  readonly from: Side;
  readonly kind: AnyHeader['kind'];
  /** The first of those that match, unless told. */
  readonly nth?: number;
  readonly where?: (passing: Passing) => boolean;
}

interface Rule {
  readonly when: When;
  readonly fault: Fault;
  left: number;
  readonly done: (passing: Passing) => void;
  readonly failed: (thrown: unknown) => void;
}

const running = new Set<FaultProxy>();
afterAll(() => Promise.all([...running].map((proxy) => proxy.close())));

/**
 * Stands between workers and their coordinator, and understands what they say to each other. A test tells it at which
 * message something shall happen: to the message, to the connection, or to a process.
 */
export class FaultProxy {
  readonly #rules: Rule[] = [];
  readonly #standing: { readonly when: When; readonly fault: Fault }[] = [];
  readonly #watchers = new Set<(passing: Passing) => void>();
  readonly #connections = new Set<Connection>();
  /** By the identity that ZeroMQ keeps over connections of one session. */
  readonly #peers = new Map<string, { pid: number; rank: number }>();
  readonly #stalledPids = new Set<number>();

  private constructor(
    private readonly server: Server,
    private readonly target: number,
    readonly address: string,
  ) {
    server.on('connection', (socket) => this.#relay(socket));
  }

  /** @param target where the coordinator listens, or will: `tcp://127.0.0.1:PORT` */
  static async start(target: string): Promise<FaultProxy> {
    const server = createServer({ allowHalfOpen: true });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const proxy = new FaultProxy(
      server,
      Number(target.split(':').at(-1)),
      `tcp://127.0.0.1:${port}`,
    );
    running.add(proxy);
    return proxy;
  }

  /** @returns the message to which the fault was done, once it is */
  at(when: When, fault: Fault): Promise<Passing> {
    return new Promise((done, failed) => {
      this.#rules.push({ when, fault, left: when.nth ?? 1, done, failed });
    });
  }

  /** Does this to every such message, but for one to which something else is to be done. */
  each(when: Omit<When, 'nth'>, fault: Fault): void {
    this.#standing.push({ when, fault });
  }

  /** Resolves with the next message of that kind that arrives. */
  next(when: When): Promise<Passing> {
    let left = when.nth ?? 1;
    return new Promise((resolve) => {
      const end = this.watch((passing) => {
        if (!matches(when, passing)) return;
        left -= 1;
        if (left > 0) return;
        end();
        resolve(passing);
      });
    });
  }

  /** Shows every message that arrives, before anything is done to it. @returns ends that */
  watch(watcher: (passing: Passing) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  async close(): Promise<void> {
    running.delete(this);
    for (const connection of this.#connections) connection.cut();
    await new Promise((resolve) => this.server.close(resolve));
  }

  #relay(near: Socket): void {
    const far = dial({ port: this.target, host: '127.0.0.1', allowHalfOpen: true });
    const connection = new Connection(near, far);
    this.#connections.add(connection);
    near.on('close', () => this.#connections.delete(connection));
    const laneOf = (from: Side, to: Socket): Lane =>
      new Lane({
        to,
        onCommand: (command) => {
          const identity = from === 'worker' ? identityIn(command) : null;
          if (identity === null) return;
          connection.peer = this.#peers.get(identity) ?? connection.peer;
          this.#peers.set(identity, connection.peer);
          if (this.#stalledPids.has(connection.peer.pid)) connection.pause();
        },
        onMessage: async ({ frames, bytes }, lane) => {
          const header = headerOf(frames, from);
          if (header === null) return lane.write(bytes);
          const { peer } = connection;
          if (header.kind === 'hello') peer.pid = header.pid;
          if (header.kind === 'assign') peer.rank = header.rank;
          if (this.#stalledPids.has(peer.pid)) connection.pause();
          const passing = { from, header, peer: { ...peer }, frames, bytes };
          await this.#pass(passing, lane, () => connection.cut());
        },
      });
    connection.begin({ worker: laneOf('worker', far), coordinator: laneOf('coordinator', near) });
  }

  #stall(pid: number): () => void {
    const theirs = () => [...this.#connections].filter(({ peer }) => peer.pid === pid);
    this.#stalledPids.add(pid);
    for (const connection of theirs()) connection.pause();
    return () => {
      this.#stalledPids.delete(pid);
      for (const connection of theirs()) connection.resume();
    };
  }

  async #pass(passing: Passing, lane: Lane, cut: () => void): Promise<void> {
    const hands: Hands = {
      write: (bytes) => lane.write(bytes),
      letOvertake: (bytes) => lane.letOvertake(bytes),
      cut,
      stall: () => this.#stall(passing.peer.pid),
    };
    for (const watcher of [...this.#watchers]) watcher(passing);
    const rule = this.#dueFor(passing);
    const fault = rule?.fault ?? this.#standing.find(({ when }) => matches(when, passing))?.fault;
    try {
      if (fault === undefined) await lane.write(passing.bytes);
      else await fault(passing, hands);
      rule?.done(passing);
    } catch (thrown) {
      cut();
      rule?.failed(thrown);
    }
  }

  #dueFor(passing: Passing): Rule | null {
    for (const rule of this.#rules) {
      if (!matches(rule.when, passing)) continue;
      rule.left -= 1;
      if (rule.left > 0) continue;
      this.#rules.splice(this.#rules.indexOf(rule), 1);
      return rule;
    }
    return null;
  }
}

const matches = ({ from, kind, where }: When, passing: Passing): boolean =>
  passing.from === from && passing.header.kind === kind && (where?.(passing) ?? true);

/** Null: what another fault has left of a message. */
function headerOf(frames: readonly Frame[], from: Side): AnyHeader | null {
  try {
    return decode(
      frames.map(({ body }) => body),
      from,
    ).header;
  } catch {
    return null;
  }
}

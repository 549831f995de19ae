import { connect, type Socket } from 'node:net';
import { encode } from '@lockstep/core/protocol';
import { parseTcpAddress } from '@lockstep/core/transport';
import fc from 'fast-check';
import { hello } from '../../packages/coordinator/src/machine/rehearsal.suite.js';
import { hostileFrames } from '../../packages/core/src/protocol/hostileFrames.suite.js';
import {
  encodeHeader,
  type FrameHeader,
  frame,
  frameKinds,
} from '../../packages/core/src/reducer/peers/frameHeader.js';

/** What a connection does that nobody asked for, once it is there. @returns what it does again and again */
export type Behaviour = (socket: Socket, number: number) => (() => void) | null;

/** ZMTP 3.0, by hand: no library would say what is said here. */
const greeting = Buffer.concat([
  Buffer.from('ff00000000000000017f0300', 'hex'),
  Buffer.from('NULL'.padEnd(20, '\0')),
  Buffer.alloc(32),
]);

const property = (name: string, value: Uint8Array): Uint8Array => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(value.length);
  return Buffer.concat([Buffer.of(name.length), Buffer.from(name), length, value]);
};

/** Greets as a DEALER would. */
const introduce = (socket: Socket): void => {
  const type = property('Socket-Type', Buffer.from('DEALER'));
  const ready = Buffer.concat([Buffer.from('\x05READY'), type, property('Identity', Buffer.of())]);
  socket.write(Buffer.concat([greeting, Buffer.of(4, ready.length), ready]));
};

/** The frames of a message, as ZMTP cuts them. */
function zmtp(frames: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(
    frames.flatMap((frame, i) => {
      const more = i < frames.length - 1 ? 1 : 0;
      const head = Buffer.alloc(9);
      head[0] = more | 2;
      head.writeBigUInt64BE(BigInt(frame.length), 1);
      return [head, frame];
    }),
  );
}

const noise = (number: number, length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => Math.imul(i + 1, 2_654_435_761 + 2 * number) >>> 24);

const nonsense = fc
  .sample(hostileFrames('worker'), { numRuns: 400, seed: 1 })
  .filter((frames) => frames.length > 0)
  .map(zmtp);
const greetings = zmtp(encode(hello({ expects: { run: 'another-run' } })));
const garbage = zmtp([Buffer.from('no message')]);

/** Strangers to a ZeroMQ port. */
export const zeromqStrangers: Readonly<Record<string, Behaviour>> = {
  silent: () => null,
  noise: (socket, number) => {
    socket.write(noise(number, 4_096));
    return () => void socket.write(noise(number, 1_024));
  },
  'half a greeting': (socket) => {
    socket.write(greeting.subarray(0, 11));
    return null;
  },
  'noise after a greeting': (socket, number) => {
    socket.write(Buffer.concat([greeting, noise(number, 4_096)]));
    return null;
  },
  'a handshake, and silence': (socket) => {
    introduce(socket);
    return null;
  },
  'garbage, and never reads': (socket) => {
    socket.pause();
    introduce(socket);
    return () => void socket.write(Buffer.concat(Array(20).fill(garbage)));
  },
  'nonsense hellos': (socket, number) => {
    introduce(socket);
    let said = number;
    return () => void socket.write(nonsense[said++ % nonsense.length]!);
  },
  'hellos at a high rate': (socket) => {
    introduce(socket);
    return () => void socket.write(Buffer.concat(Array(20).fill(greetings)));
  },
};

const toRank = (fields: Partial<FrameHeader>): Uint8Array =>
  encodeHeader(frame(frameKinds.hello, { slice: 1, chunk: 0, ...fields }));
const says = (first: (number: number) => Uint8Array, then?: Uint8Array): Behaviour => {
  return (socket, number) => {
    socket.write(first(number));
    return then === undefined ? null : () => void socket.write(then);
  };
};

/** Strangers to the port on which ranks find each other. */
export const peerStrangers: Readonly<Record<string, Behaviour>> = {
  silent: () => null,
  noise: says((number) => noise(number, 4_096)),
  'an HTTP request': says(() => Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')),
  'half a header': says(() => toRank({ bytes: 30 }).subarray(0, 11)),
  'a hello of four gigabytes': says(() => toRank({ bytes: 0xffff_ffff }), noise(0, 1_024)),
  'a hello that comes byte by byte': says(() => toRank({ bytes: 512 }), Buffer.of(0)),
  'a channel that nobody has': says((number) =>
    Buffer.concat([toRank({ bytes: 64 }), noise(number, 64)]),
  ),
  'a chunk of a sum': says(() => encodeHeader(frame(frameKinds.reduce, { bytes: 4 }))),
};

/** Between two things that a stranger says. */
const pauseMs = 20;

/** Connections that say what nobody wants to hear; one that is closed is made again. */
export class Flood {
  readonly #sockets = new Set<Socket>();
  readonly #timers = new Map<Socket, NodeJS.Timeout>();
  #isOver = false;
  /** Connections that were made. */
  made = 0;

  constructor(
    private readonly address: string,
    private readonly behaviours: readonly Behaviour[],
    count: number,
  ) {
    for (let number = 0; number < count; number++) this.#connect(number);
  }

  /** Connections that are there now. */
  get size(): number {
    return [...this.#sockets].filter(({ readyState }) => readyState === 'open').length;
  }

  stop(): void {
    this.#isOver = true;
    for (const timer of this.#timers.values()) clearInterval(timer);
    for (const socket of this.#sockets) socket.destroy();
  }

  #connect(number: number): void {
    if (this.#isOver) return;
    const { host, port } = parseTcpAddress(this.address, 'connect');
    const socket = connect({ host, port });
    this.#sockets.add(socket);
    // To be hung up on is what a stranger must expect.
    socket.on('error', () => undefined);
    socket.once('connect', () => {
      this.made += 1;
      socket.resume();
      const again = this.behaviours[number % this.behaviours.length]!(socket, number);
      if (again === null) return;
      const say = (): void => {
        // Otherwise what is not taken would pile up here.
        if (socket.writable && !socket.writableNeedDrain) again();
      };
      this.#timers.set(socket, setInterval(say, pauseMs));
    });
    socket.once('close', () => {
      clearInterval(this.#timers.get(socket));
      this.#timers.delete(socket);
      this.#sockets.delete(socket);
      setTimeout(() => this.#connect(number), pauseMs);
    });
  }
}

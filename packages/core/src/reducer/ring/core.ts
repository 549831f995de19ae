import type { Range } from '../../data/index.js';
import { LockstepError } from '../../errors.js';
import { missingRanks } from '../missingRanks.js';
import { type FrameHeader, frame, frameKinds } from '../peers/index.js';
import type { Place, RingArithmetic } from './arithmetic.js';
import { EarlyChunks } from './earlyChunks.js';
import { Pass } from './pass.js';

/** How a ring reaches its neighbours; nothing is waited for, and nothing lost unless a neighbour is. */
export interface RingNetwork<Payload> {
  toNext(header: FrameHeader, payload: Payload | null): void;
  toPrevious(header: FrameHeader): void;
}

export interface RingClock {
  /** Calls `tick` again and again. @returns how to end that */
  every(milliseconds: number, tick: () => void): () => void;
}

export interface RingCoreOptions {
  readonly rank: number;
  readonly worldSize: number;
  /** Elements of the flat array. */
  readonly length: number;
  readonly deadlineMs: number;
  /** Elements that are sent at once. */
  readonly chunkLength: number;
  /** For a ring among some ranks of a larger world. */
  readonly part?: PartOfWorld;
}

/** A ring in which not all ranks of a world take part. */
export interface PartOfWorld {
  /** By place in the ring: the rank in the world. Errors and `waitingFor` name those. */
  readonly ranks: readonly number[];
  /** Ranks of the world. */
  readonly worldSize: number;
  /** Where the slices of the whole array begin, and the last one ends: one for each place. */
  readonly bounds: readonly number[];
  /** The rank of the world that this one waits for, elsewhere, while it has not everything ready. */
  readonly waitsElsewhere: () => number | undefined;
}

export type RingOperation = 'all-reduce' | 'reduce-scatter' | 'all-gather';

const halvesOf = {
  'all-reduce': { reduces: true, gathers: true },
  'reduce-scatter': { reduces: true, gathers: false },
  'all-gather': { reduces: false, gathers: true },
} as const;

/** The operation under way. */
interface Active {
  readonly kind: RingOperation;
  readonly weight: number;
  readonly ended: (error: Error | null) => void;
  readonly stopTicking: () => void;
  readonly passes: Pass[];
  /** Whether more ranges may come to be ready. */
  isOpen: boolean;
  /** Chunks of its passes that are still to come. */
  missing: number;
  /** Whether everything has come, and the rank before knows. */
  hasReceived: boolean;
  ticks: number;
  /** Whom this rank waits for in the end: a rank of the world. */
  root: number;
  /** The tick after which that is forgotten, if it is not said again. */
  rootUntil: number;
}

/** How often those that wait say for whom, at most; of the deadline, at least. */
const longestTickMs = 250;
const leastTicks = 8;
/** How long what the rank before has said is believed. */
const ticksOfWord = 3;
/** Operations that the rank before may be ahead of those that this rank has received all of. */
const furthestAhead = 2;
/** A range has a number of 16 bits. */
const maximumPasses = 65_536;

/**
 * One rank of a ring: what to do when a chunk has come, without sockets, threads or time. It neither knows what a
 * payload is nor when it arrives, so thousands of ranks of it run on a simulated network.
 *
 * Which order. A chunk's way is given by its slice (./pass.ts), so the order of additions is, too: the same bits,
 * whatever comes first. A chunk that comes twice is dropped. One that comes before its turn, because the rank before
 * is faster, is kept; it can be no more than the chunks of two operations, see below.
 *
 * Why nothing is written to that is still to be sent. Payloads are views of the arrays, and are read when the network
 * gets to it. Within an operation, this rank sends its partial sum of a chunk, and later writes the result over it:
 * that result contains the partial sum, so the next rank has it. From one operation to the next, arrays alternate,
 * and an operation ends only when the next rank has said that it has `received` all of the operation before: then
 * the array of that one may be written to for the operation after this. That word has nearly always come long ago. It
 * follows that the rank before is at most two operations ahead of the last one for which this rank has said so.
 *
 * Whom it waits for. If a rank does not answer, all stand still in the end, each waiting for its neighbour. So those
 * that wait tell the next one for whom, and that one passes it on: all name the rank that waits for nobody. The
 * deadline counts ticks, not time: whoever was stopped itself does not blame the others when it goes on. A lost
 * connection is no proof of anything, and is not looked at: if nothing comes any more, the deadline ends it.
 */
export class RingCore<Payload> {
  /** The number of the operation begun last. */
  private operation = -1;
  private active: Active | null = null;
  /** The last operation of which the next rank has everything. */
  private acknowledged = -1;
  private failure: Error | null = null;
  private readonly early: EarlyChunks<Payload>;
  private readonly previous: number;
  private readonly next: number;

  constructor(
    private readonly options: RingCoreOptions,
    private readonly network: RingNetwork<Payload>,
    private readonly clock: RingClock,
    private readonly arithmetic: RingArithmetic<Payload>,
  ) {
    const { rank, worldSize, length } = options;
    this.previous = (rank + worldSize - 1) % worldSize;
    this.next = (rank + 1) % worldSize;
    this.early = new EarlyChunks(length * Float32Array.BYTES_PER_ELEMENT);
  }

  /** Why there are no more operations. */
  get failed(): Error | null {
    return this.failure;
  }

  /** Whether an operation is under way. */
  get isBusy(): boolean {
    return this.active !== null;
  }

  /** Those that the operation under way waits for. */
  get waitingFor(): readonly number[] {
    if (this.active === null || this.active.isOpen) return [];
    return [this.active.missing > 0 ? this.active.root : this.nameOf(this.next)];
  }

  /**
   * Begins an operation, of which no range is ready yet.
   *
   * @param ended is called once: with null when the result is there
   */
  begin(kind: RingOperation, weight: number, ended: (error: Error | null) => void): void {
    const { deadlineMs } = this.options;
    this.operation += 1;
    this.active = {
      kind,
      weight,
      ended,
      stopTicking: this.clock.every(this.tickMs, () => this.tick(deadlineMs / this.tickMs)),
      passes: [],
      isOpen: true,
      missing: 0,
      hasReceived: false,
      ticks: 0,
      root: this.nameOf(this.previous),
      rootUntil: 0,
    };
  }

  /** A range of the array is ready: its own way around the ring begins. */
  add(range: Range): void {
    const active = this.active;
    if (active === null || !active.isOpen) return;
    const { rank, worldSize, chunkLength } = this.options;
    const index = active.passes.length;
    if (index === maximumPasses) {
      this.fail(new LockstepError('INTERNAL', `an array was cut into more than ${index} ranges`));
      return;
    }
    const bounds = this.boundsOf(range);
    const pass = new Pass(
      index,
      range,
      rank,
      worldSize,
      chunkLength,
      halvesOf[active.kind],
      bounds,
    );
    active.passes.push(pass);
    active.missing += pass.missing;
    this.sendOwn(active, pass);
    for (const { header, payload } of this.early.take(this.operation, index)) {
      this.chunk(active, pass, header, payload);
    }
  }

  /** There are no more ranges. */
  finish(): void {
    if (this.active === null) return;
    this.active.isOpen = false;
    this.proceed(this.active);
  }

  /** Gives up what is under way, and all that would follow. */
  fail(error: Error): void {
    if (this.failure !== null) return;
    this.failure = error;
    this.end(error);
  }

  /** @returns where the payload of a frame that comes is to be put; null: it is not wanted */
  place(header: FrameHeader): Payload | null {
    if (this.failure !== null || !this.isAhead(header)) return null;
    const pass = this.passOf(header);
    if (pass === null) {
      if (!this.mayKeep(header)) return null;
      return this.arithmetic.landing(this.placeOf(header), 'early', header.bytes);
    }
    if (!this.isRight(pass, header) || pass.hasCome(header)) return null;
    const half = header.kind === frameKinds.reduce ? 'reduce' : 'gather';
    return this.arithmetic.landing(this.placeOf(header), half, header.bytes);
  }

  /** A frame has come from the rank before. */
  fromPrevious(header: FrameHeader, payload: Payload | null): void {
    if (this.failure !== null) return;
    if (header.kind === frameKinds.waiting) this.hear(header);
    else if (payload !== null && this.isAhead(header)) {
      const pass = this.passOf(header);
      if (pass !== null && this.active !== null) this.chunk(this.active, pass, header, payload);
      else if (this.mayKeep(header)) this.early.keep(header, payload);
    }
  }

  /** A frame has come from the rank after. */
  fromNext({ kind, operation }: FrameHeader): void {
    if (kind !== frameKinds.received) return;
    // May be one that this rank has not begun, if there is nothing in it to be sent to the next.
    this.acknowledged = Math.max(this.acknowledged, operation);
    if (this.active !== null) this.proceed(this.active);
  }

  /** How rank `place` of the ring is called in the world. */
  private nameOf(place: number): number {
    return this.options.part?.ranks[place] ?? place;
  }

  private boundsOf({ begin, end }: Range): readonly number[] | null {
    const { part, length } = this.options;
    return part !== undefined && begin === 0 && end === length ? part.bounds : null;
  }

  private get tickMs(): number {
    return Math.min(longestTickMs, this.options.deadlineMs / leastTicks);
  }

  /** Whether a chunk is of an operation that is not over: one that is over has had all of its chunks. */
  private isAhead({ operation }: FrameHeader): boolean {
    return operation > this.operation || (operation === this.operation && this.active !== null);
  }

  /** The pass of a chunk, if its turn has come. */
  private passOf({ operation, pass }: FrameHeader): Pass | null {
    if (this.active === null || operation !== this.operation) return null;
    return this.active.passes[pass] ?? null;
  }

  private mayKeep(header: FrameHeader): boolean {
    const { length, worldSize } = this.options;
    const complete = this.active === null || this.active.hasReceived;
    const latest = (complete ? this.operation : this.operation - 1) + furthestAhead;
    const { operation, pass, slice, begin, bytes } = header;
    const isRight =
      (header.kind === frameKinds.reduce || header.kind === frameKinds.gather) &&
      operation <= latest &&
      pass < maximumPasses &&
      slice < worldSize &&
      bytes > 0 &&
      begin * Float32Array.BYTES_PER_ELEMENT + bytes <= length * Float32Array.BYTES_PER_ELEMENT &&
      this.early.hasRoom(header);
    if (!isRight) this.violated(header);
    return isRight;
  }

  private isRight(pass: Pass, header: FrameHeader): boolean {
    const length = header.bytes / this.arithmetic.bytesPerElement(this.isExact);
    const isRight = pass.expects(header, length);
    if (!isRight) this.violated(header);
    return isRight;
  }

  private violated({ kind, operation, pass, slice, chunk, begin, bytes }: FrameHeader): void {
    const what = `${kind}, operation ${operation}, range ${pass}, slice ${slice}, chunk ${chunk}, ${bytes} bytes for ${begin}`;
    this.fail(
      new LockstepError(
        'PROTOCOL_VIOLATION',
        `rank ${this.nameOf(this.previous)} sent something that rank ${this.nameOf(this.options.rank)} does not expect: ${what}`,
        { hint: 'All ranks must do the same operations, on arrays of one length, cut alike.' },
      ),
    );
  }

  private get isExact(): boolean {
    return this.active?.kind === 'all-gather';
  }

  private placeOf({ operation, begin, bytes }: FrameHeader): Place {
    const exact = this.isExact;
    return { operation, begin, end: begin + bytes / this.arithmetic.bytesPerElement(exact), exact };
  }

  private sendOwn({ kind, weight }: Active, pass: Pass): void {
    const { arithmetic, operation } = this;
    const exact = kind === 'all-gather';
    const half = exact ? frameKinds.gather : frameKinds.reduce;
    const slice = exact ? this.options.rank : pass.first;
    const chunks = pass.cut.chunks(slice);
    for (let chunk = 0; chunk < chunks; chunk++) {
      const begin = pass.cut.begin(slice, chunk);
      const end = pass.cut.end(slice, chunk);
      const place = { operation, begin, end, exact };
      const payload = exact ? arithmetic.share(place) : arithmetic.contribute(place, weight);
      const bytes = (end - begin) * arithmetic.bytesPerElement(exact);
      this.send({ kind: half, operation, pass: pass.index, slice, chunk, begin, bytes }, payload);
    }
  }

  private chunk(active: Active, pass: Pass, header: FrameHeader, came: Payload): void {
    if (this.failure !== null || !this.isRight(pass, header) || !pass.take(header)) return;
    active.missing -= 1;
    active.root = this.nameOf(this.previous);
    const place = this.placeOf(header);
    if (header.kind === frameKinds.gather) {
      const payload = this.arithmetic.take(place, came);
      // The next rank has had its own slice before all others.
      if (header.slice !== this.next) this.send(header, payload);
    } else if (header.slice !== this.options.rank) {
      this.send(header, this.arithmetic.add(place, active.weight, came));
    } else {
      const payload = this.arithmetic.complete(place, active.weight, came);
      if (active.kind === 'all-reduce') this.send({ ...header, kind: frameKinds.gather }, payload);
    }
    if (active.missing === 0) this.proceed(active);
  }

  private send(header: FrameHeader, payload: Payload): void {
    if (this.options.worldSize > 1) this.network.toNext(header, payload);
  }

  private proceed(active: Active): void {
    if (active.isOpen || active.missing > 0) return;
    if (!active.hasReceived) {
      active.hasReceived = true;
      const word = frame(frameKinds.received, { operation: this.operation });
      if (this.options.worldSize > 1) this.network.toPrevious(word);
      else this.acknowledged = this.operation;
    }
    if (this.acknowledged >= this.operation - 1) this.end(null);
  }

  private end(error: Error | null): void {
    const active = this.active;
    if (active === null) return;
    this.active = null;
    active.stopTicking();
    active.ended(error);
  }

  private tick(deadline: number): void {
    const { active } = this;
    if (active === null) return;
    if (!active.isOpen) active.ticks += 1;
    if (active.ticks > active.rootUntil) active.root = this.nameOf(this.previous);
    this.tellWhom(active, active.ticks >= deadline);
    if (active.ticks >= deadline) {
      this.fail(missingRanks(active.kind, this.waitingFor, this.options.deadlineMs));
    }
  }

  private hear({ operation, slice: root, chunk: isLast }: FrameHeader): void {
    const { active } = this;
    const { rank, worldSize, part } = this.options;
    // The rank before may still wait in the operation before: it needs chunks that this one does not.
    if (active === null || operation > this.operation) return;
    if (root >= (part?.worldSize ?? worldSize)) return;
    // That this rank itself is waited for, all around the ring, means that something was lost on the way.
    if (root === this.nameOf(rank)) return;
    const isNew = active.root !== root;
    active.root = root;
    active.rootUntil = isLast === 1 ? Number.POSITIVE_INFINITY : active.ticks + ticksOfWord;
    if (isNew) this.tellWhom(active, false);
  }

  /**
   * Passes on for whom this rank waits, unless it is still busy with its own part.
   *
   * @param isLast it gives up now, and will not say it again
   */
  private tellWhom(active: Active, isLast: boolean): void {
    const root = active.isOpen ? this.options.part?.waitsElsewhere() : this.waitingFor[0];
    if (root === undefined || root === this.nameOf(this.next)) return;
    const word = { operation: this.operation, slice: root, chunk: isLast ? 1 : 0 };
    this.network.toNext(frame(frameKinds.waiting, word), null);
  }
}

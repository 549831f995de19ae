import { type FrameHeader, frameKinds } from '../peers/index.js';

interface EarlyChunk<Payload> {
  readonly header: FrameHeader;
  readonly payload: Payload;
}

/**
 * Chunks that came before their turn. They lie where the arithmetic has put them; here is which they are. Each element
 * has one place for each of two operations, so an operation can have no more of them than it has elements.
 */
export class EarlyChunks<Payload> {
  private readonly byPass = new Map<number, Map<number, EarlyChunk<Payload>>>();
  /** By operation. */
  private readonly bytes = new Map<number, number>();

  constructor(private readonly mostBytes: number) {}

  hasRoom(header: FrameHeader): boolean {
    if (this.byPass.get(passKey(header.operation, header.pass))?.has(chunkKey(header))) return true;
    return (this.bytes.get(header.operation) ?? 0) + header.bytes <= this.mostBytes;
  }

  keep(header: FrameHeader, payload: Payload): void {
    const key = passKey(header.operation, header.pass);
    const chunks = this.byPass.get(key) ?? new Map<number, EarlyChunk<Payload>>();
    this.byPass.set(key, chunks);
    if (!chunks.has(chunkKey(header))) {
      this.bytes.set(header.operation, (this.bytes.get(header.operation) ?? 0) + header.bytes);
    }
    chunks.set(chunkKey(header), { header, payload });
  }

  /** @returns those of one pass, in the order in which they came; they are not kept any more */
  take(operation: number, pass: number): Iterable<EarlyChunk<Payload>> {
    for (const earlier of this.bytes.keys()) {
      if (earlier < operation) this.bytes.delete(earlier);
    }
    const key = passKey(operation, pass);
    const chunks = this.byPass.get(key);
    this.byPass.delete(key);
    return chunks?.values() ?? [];
  }
}

/** Numbers of 32 and 16 bits side by side: whole in a double. */
const passKey = (operation: number, pass: number): number => operation * 65_536 + pass;

const chunkKey = ({ kind, slice, chunk }: FrameHeader): number =>
  (slice * 2 + (kind === frameKinds.reduce ? 0 : 1)) * 2 ** 32 + chunk;

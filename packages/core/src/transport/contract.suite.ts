import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Frames, type Listener, PeerUnreachable, type Transport } from './transport.js';

interface TransportUnderTest {
  transport: Transport;
  /** An address to listen on that nobody else has. */
  freshAddress(): string;
  /** Why this transport cannot have a link before its listener; left out if it can. */
  needsListenerFirst?: string;
}

/** Short, so that the tests are; long enough for a busy machine. */
const options = { heartbeatTimeoutMs: 2_000, lingerMs: 500 };

const text = (message: string): Frames => [Buffer.from(message)];
const textOf = (frames: Frames) => Buffer.concat(frames).toString();
const bytesOf = (frames: Frames) => frames.map((frame) => Buffer.from(frame));

async function next<T>(messages: AsyncIterator<T>): Promise<T> {
  const result = await messages.next();
  if (result.done === true) throw new Error('the messages ended too early');
  return result.value;
}

/** What every transport must do; run by the test file of each. */
export function describeTransport({
  transport,
  freshAddress,
  needsListenerFirst,
}: TransportUnderTest): void {
  const closers: Array<() => Promise<void>> = [];
  afterEach(async () => {
    await Promise.all(closers.splice(0).map((close) => close()));
  });

  async function listen(address = freshAddress()) {
    const listener = await transport.listen(address, options);
    closers.push(() => listener.close());
    return { listener, inbox: listener.receive()[Symbol.asyncIterator]() };
  }

  async function connect(address: string) {
    const link = await transport.connect(address, options);
    closers.push(() => link.close());
    return { link, inbox: link.receive()[Symbol.asyncIterator]() };
  }

  /** A link that has said hello, and the id that the listener knows it by. */
  async function connectPeer({ listener, inbox }: Awaited<ReturnType<typeof listen>>) {
    const end = await connect(listener.address);
    await end.link.send(text('hello'));
    const { peer } = await next(inbox);
    return { ...end, peer };
  }

  async function expectUnreachable(listener: Listener, peer: string) {
    await vi.waitFor(
      () => expect(listener.send(peer, text('still there?'))).rejects.toThrow(PeerUnreachable),
      { timeout: options.heartbeatTimeoutMs, interval: 5 },
    );
  }

  describe(`the ${transport.name} transport`, () => {
    it('keeps the order of 1,000 messages of mixed sizes, both ways', async () => {
      const coordinator = await listen();
      const { link, inbox, peer } = await connectPeer(coordinator);
      const sizes = [0, 1, 127, 128, 129, 8_191, 8_192, 8_193, 70_000];
      const messages = Array.from({ length: 1_000 }, (_, index) => {
        const size = index % 200 === 199 ? 4_000_000 : sizes[index % sizes.length]!;
        return [Buffer.from(String(index)), Buffer.alloc(size, index)];
      });

      const asking = (async () => {
        for (const message of messages) await link.send(message);
      })();
      const answering = (async () => {
        for (const _ of messages) {
          const { frames } = await next(coordinator.inbox);
          await coordinator.listener.send(peer, frames);
        }
      })();
      for (const message of messages) {
        const frames = bytesOf(await next(inbox));
        expect(frames.map((frame) => frame.length)).toEqual(message.map(({ length }) => length));
        expect(frames.every((frame, part) => frame.equals(message[part]!))).toBe(true);
      }
      await Promise.all([asking, answering]);
    });

    it('carries any frames unchanged', async () => {
      const coordinator = await listen();
      const { link, inbox, peer } = await connectPeer(coordinator);
      const anyFrames = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 6 });
      await fc.assert(
        fc.asyncProperty(anyFrames, async (frames) => {
          await link.send(frames);
          const asked = await next(coordinator.inbox);
          expect(bytesOf(asked.frames)).toEqual(bytesOf(frames));
          await coordinator.listener.send(peer, frames);
          expect(bytesOf(await next(inbox))).toEqual(bytesOf(frames));
        }),
      );
    });

    it('keeps empty frames where they are', async () => {
      const coordinator = await listen();
      const { link } = await connectPeer(coordinator);
      const empty = new Uint8Array(0);
      await link.send([empty, Buffer.from('a'), empty, empty, Buffer.from('b'), empty]);
      const { frames } = await next(coordinator.inbox);
      expect(frames.map((frame) => textOf([frame]))).toEqual(['', 'a', '', '', 'b', '']);
    });

    it('takes a burst of sends without waiting for each, in order', async () => {
      const coordinator = await listen();
      const { link, inbox, peer } = await connectPeer(coordinator);
      const names = Array.from({ length: 500 }, (_, index) => `message ${index}`);

      await Promise.all(names.map((name) => link.send(text(name))));
      for (const name of names) expect(textOf((await next(coordinator.inbox)).frames)).toBe(name);
      await Promise.all(names.map((name) => coordinator.listener.send(peer, text(name))));
      for (const name of names) expect(textOf(await next(inbox))).toBe(name);
    });

    it('gives each of several peers its own answer', async () => {
      const coordinator = await listen();
      const ends = [];
      for (let count = 0; count < 4; count += 1) ends.push(await connectPeer(coordinator));
      expect(new Set(ends.map(({ peer }) => peer)).size).toBe(4);

      for (const { peer } of ends) await coordinator.listener.send(peer, text(`for ${peer}`));
      for (const { peer, inbox } of ends) expect(textOf(await next(inbox))).toBe(`for ${peer}`);
    });

    it('refuses to send to a peer that never was, even when there is no peer at all', async () => {
      const { listener } = await listen();
      for (const peer of ['', 'nobody', '00ff', '00f']) {
        await expect(listener.send(peer, text('hello'))).rejects.toThrow(PeerUnreachable);
      }
    });

    it('does not take an id for that of a peer because it starts alike', async () => {
      const coordinator = await listen();
      const { peer } = await connectPeer(coordinator);
      for (const other of [`${peer}x`, `${peer}00`, ` ${peer}`, peer.slice(0, -2)]) {
        await expect(coordinator.listener.send(other, text('hello'))).rejects.toThrow(
          PeerUnreachable,
        );
      }
    });

    it('refuses to send to a peer that has closed its link', async () => {
      const coordinator = await listen();
      const { link, peer } = await connectPeer(coordinator);
      const other = await connectPeer(coordinator);
      await link.close();
      await expectUnreachable(coordinator.listener, peer);

      await coordinator.listener.send(other.peer, text('you are still there'));
      expect(textOf(await next(other.inbox))).toBe('you are still there');
    });

    it('delivers what was sent before a link closed', async () => {
      const coordinator = await listen();
      const { link } = await connectPeer(coordinator);
      for (let index = 0; index < 5; index += 1) await link.send([Buffer.alloc(4_000_000, index)]);
      await link.close();
      for (let index = 0; index < 5; index += 1) {
        const [frame] = (await next(coordinator.inbox)).frames;
        expect([frame?.length, frame?.at(0), frame?.at(-1)]).toEqual([4_000_000, index, index]);
      }
    });

    it('ends what a link receives when the link is closed', async () => {
      const coordinator = await listen();
      const { link, inbox } = await connectPeer(coordinator);
      const pending = inbox.next();
      await link.close();
      expect((await pending).done).toBe(true);
      expect((await inbox.next()).done).toBe(true);
    });

    it('gives out nothing more once closed, on both ends', async () => {
      const coordinator = await listen();
      const { link, inbox, peer } = await connectPeer(coordinator);
      for (const message of ['one', 'two', 'three']) {
        await link.send(text(message));
        await coordinator.listener.send(peer, text(message));
      }
      expect(textOf(await next(inbox))).toBe('one');
      expect(textOf((await next(coordinator.inbox)).frames)).toBe('one');
      await Promise.all([link.close(), coordinator.listener.close()]);
      expect((await inbox.next()).done).toBe(true);
      expect((await coordinator.inbox.next()).done).toBe(true);
    });

    it('ends what a listener receives when the listener is closed', async () => {
      const coordinator = await listen();
      await connectPeer(coordinator);
      const pending = coordinator.inbox.next();
      await coordinator.listener.close();
      expect((await pending).done).toBe(true);
      expect((await coordinator.inbox.next()).done).toBe(true);
    });

    it('refuses to send after closing, on both ends', async () => {
      const coordinator = await listen();
      const { link, peer } = await connectPeer(coordinator);
      await link.close();
      await expect(link.send(text('late'))).rejects.toMatchObject({
        code: 'COORDINATOR_UNREACHABLE',
        message: expect.stringContaining(coordinator.listener.address),
      });
      await coordinator.listener.close();
      await expect(coordinator.listener.send(peer, text('late'))).rejects.toThrow(PeerUnreachable);
    });

    it('refuses a message without frames, on both ends', async () => {
      const coordinator = await listen();
      const { link, peer } = await connectPeer(coordinator);
      await expect(link.send([])).rejects.toMatchObject({ code: 'INTERNAL' });
      await expect(coordinator.listener.send(peer, [])).rejects.toMatchObject({ code: 'INTERNAL' });
    });

    it('closes as often as it is asked to', async () => {
      const coordinator = await listen();
      const { link } = await connectPeer(coordinator);
      await Promise.all([link.close(), link.close()]);
      await link.close();
      await Promise.all([coordinator.listener.close(), coordinator.listener.close()]);
      await coordinator.listener.close();
    });

    it('refuses a taken address, and frees it by closing', async () => {
      const { listener } = await listen();
      const { address } = listener;
      await expect(transport.listen(address, options)).rejects.toMatchObject({
        code: 'PORT_IN_USE',
        message: expect.stringContaining(address),
        hint: expect.any(String),
      });
      await listener.close();
      for (let again = 0; again < 20; again += 1) await (await transport.listen(address)).close();
    });

    it('refuses a malformed address', async () => {
      for (const address of ['', 'here', 'udp://127.0.0.1:5555']) {
        await expect(transport.listen(address)).rejects.toMatchObject({ code: 'USAGE' });
        await expect(transport.connect(address)).rejects.toMatchObject({ code: 'USAGE' });
      }
    });

    it('lets a link wait for its listener', async ({ skip }) => {
      skip(needsListenerFirst !== undefined, needsListenerFirst);
      const { listener } = await listen();
      const { address } = listener;
      await listener.close();

      const { link } = await connect(address);
      await link.send(text('anybody?'));
      const coordinator = await listen(address);
      expect(textOf((await next(coordinator.inbox)).frames)).toBe('anybody?');
    });

    it('closes a link whose messages nobody takes', async ({ skip }) => {
      skip(needsListenerFirst !== undefined, needsListenerFirst);
      const { listener } = await listen();
      await listener.close();
      const { link } = await connect(listener.address);
      await link.send([Buffer.alloc(1_000_000)]);
      await link.close();
      await expect(link.send(text('late'))).rejects.toThrow('closed');
    });
  });
}

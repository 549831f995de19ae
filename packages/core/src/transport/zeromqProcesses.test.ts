import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { compileTransport } from './compiled.suite.js';
import { PeerUnreachable } from './transport.js';
import { zeromqTransport } from './zeromq.js';

let compiled: ReturnType<typeof compileTransport>;
beforeAll(() => {
  compiled = compileTransport();
});
afterAll(() => compiled.remove());

describe('the zeromq transport among processes', () => {
  it('notices a peer that is alive but stopped, which reads what was said meanwhile when it goes on', async () => {
    const options = { heartbeatTimeoutMs: 500, lingerMs: 0 };
    const listener = await zeromqTransport.listen('tcp://127.0.0.1:0', options);
    onTestFinished(() => listener.close());
    const peerProcess = compiled.run(
      `import { zeromqTransport } from './transport/index.js';
       const link = await zeromqTransport.connect(process.argv[1], { heartbeatTimeoutMs: 500 });
       await link.send([Buffer.from('hello')]);
       for await (const frames of link.receive()) await link.send(frames);`,
      listener.address,
    );
    onTestFinished(() => void peerProcess.kill('SIGKILL'));

    const messages = listener.receive()[Symbol.asyncIterator]();
    const { peer } = (await messages.next()).value;
    // Alive, it stays connected longer than the timeout although it has nothing to say.
    await new Promise((resolve) => setTimeout(resolve, 2 * options.heartbeatTimeoutMs));
    await listener.send(peer, [Buffer.from('echo')]);
    expect(String((await messages.next()).value.frames)).toBe('echo');

    peerProcess.kill('SIGSTOP');
    await listener.send(peer, [Buffer.from('meanwhile')]);
    await vi.waitFor(
      () => expect(listener.send(peer, [Buffer.from('?')])).rejects.toThrow(PeerUnreachable),
      { timeout: 20 * options.heartbeatTimeoutMs },
    );
    peerProcess.kill('SIGCONT');
    expect(String((await messages.next()).value.frames)).toBe('meanwhile');
  });

  it('lets the process end by itself once everything is closed', async () => {
    const child = compiled.run(
      `import { zeromqTransport } from './transport/index.js';
       const listener = await zeromqTransport.listen('tcp://127.0.0.1:0');
       const link = await zeromqTransport.connect(listener.address);
       const answered = (async () => { for await (const [frame] of link.receive()) return String(frame); })();
       await link.send([Buffer.from('ping'), new Uint8Array(1_000_000)]);
       for await (const { peer, frames } of listener.receive()) {
         await listener.send(peer, frames);
         break;
       }
       console.log(await answered);
       for (const end of [link, listener]) void (async () => { for await (const _ of end.receive()); })();
       await link.close();
       await listener.close();`,
    );
    onTestFinished(() => void child.kill('SIGKILL'));
    const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
    expect({ output, code }).toEqual({ output: 'ping\n', code: 0 });
  });

  it('has sent everything when close resolves, even if the process is then ended', async () => {
    const listener = await zeromqTransport.listen('tcp://127.0.0.1:0');
    onTestFinished(() => listener.close());
    const child = compiled.run(
      `import { zeromqTransport } from './transport/index.js';
       const link = await zeromqTransport.connect(process.argv[1], { lingerMs: 20_000 });
       for (let index = 0; index < 20; index += 1) await link.send([Buffer.alloc(4_000_000, index)]);
       await link.close();
       process.exit();`,
      listener.address,
    );
    onTestFinished(() => void child.kill('SIGKILL'));
    let expected = 0;
    for await (const { frames } of listener.receive()) {
      const [frame] = frames;
      expect([frame?.length, frame?.at(0), frame?.at(-1)]).toEqual([4_000_000, expected, expected]);
      expected += 1;
      if (expected === 20) break;
    }
    expect(expected).toBe(20);
  });

  it('loads the native addon only when it is needed', async () => {
    const child = compiled.run(
      `import { createRequire } from 'node:module';
       import { memoryTransport, zeromqTransport } from './transport/index.js';
       const { cache } = createRequire(process.cwd() + '/');
       const loaded = () => Object.keys(cache).some((path) => path.includes('zeromq'));
       await (await memoryTransport.listen('memory://here')).close();
       console.log(loaded());
       await (await zeromqTransport.listen('tcp://127.0.0.1:0')).close();
       console.log(loaded());`,
    );
    expect(await text(child.stdout)).toBe('false\ntrue\n');
  });
});

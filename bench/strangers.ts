import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { decode, encode } from '@lockstep/core/protocol';
import { zeromqTransport } from '@lockstep/core/transport';
import { hello } from '../packages/coordinator/src/machine/rehearsal.suite.js';
import { Flood, zeromqStrangers } from '../test/support/strangers.js';

/*
 * How long a worker waits from the moment at which it begins to connect until it is welcome, at a real coordinator, on
 * its own and among strangers that shout; and what memory the coordinator has before, during and after.
 */

const help = `npm run bench:strangers -- [options]: how long a worker waits at the door, alone and among strangers
  --strangers N    how many shout (500)
  --seconds N      for how long (30)`;
const { values } = parseArgs({
  options: {
    strangers: { type: 'string', default: '500' },
    seconds: { type: 'string', default: '30' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(help);
  process.exit(0);
}
const program = fileURLToPath(new URL('../packages/cli/bin/lockstep.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'lockstep-strangers-'));
const coordinator = spawn(
  process.execPath,
  [
    ...[program, 'coordinator', '--workers', '1', '--run-dir', join(folder, 'run')],
    ...['--join-timeout', '3600', '--json'],
  ],
  { stdio: ['ignore', 'pipe', 'inherit'] },
);

const address = await new Promise<string>((resolve) => {
  coordinator.stdout.on('data', (text: Buffer) => {
    const found = /tcp:\/\/127\.0\.0\.1:\d+/.exec(String(text));
    if (found !== null) resolve(found[0]);
  });
});

/** Milliseconds until a worker was welcome that then leaves again. */
async function joinOnce(): Promise<number> {
  const begin = performance.now();
  const link = await zeromqTransport.connect(address);
  await link.send(encode(hello()));
  for await (const frames of link.receive()) {
    const { header } = decode(frames, 'coordinator');
    if (header.kind !== 'welcome') continue;
    const milliseconds = performance.now() - begin;
    const { run, generation } = header;
    await link.send(encode({ kind: 'leaving', run, generation, reason: 'measured' }));
    await link.close();
    return milliseconds;
  }
  throw new Error('the coordinator is gone');
}

function memoryMb(): number {
  const kilobytes = execFileSync('ps', ['-o', 'rss=', '-p', `${coordinator.pid}`]);
  return Math.round(Number(String(kilobytes)) / 1024);
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function measure(name: string, seconds: number): Promise<void> {
  const end = performance.now() + 1000 * seconds;
  const memory = [memoryMb()];
  const times: number[] = [];
  while (performance.now() < end) {
    times.push(await joinOnce());
    memory.push(memoryMb());
    await pause(500);
  }
  times.sort((a, b) => a - b);
  const at = (part: number): string => times[Math.floor(part * (times.length - 1))]!.toFixed(0);
  console.log(
    `${name}: welcome after ${at(0.5)} ms (median of ${times.length}; ${at(0)} to ${at(1)}); memory ${memory[0]} MB at first, ${Math.max(...memory)} at most, ${memory.at(-1)} in the end`,
  );
}

const seconds = Number(values.seconds);
await measure('quiet', seconds / 3);
const flood = new Flood(address, Object.values(zeromqStrangers), Number(values.strangers));
await pause(1_000);
await measure(`${values.strangers} strangers`, seconds);
console.log(`${flood.made} connections were made, ${flood.size} are there now`);
flood.stop();
await pause(6_000);
await measure('quiet again', seconds / 3);
coordinator.kill('SIGINT');
await once(coordinator, 'exit');
rmSync(folder, { recursive: true, force: true });

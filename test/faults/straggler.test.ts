import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { writeSubset } from '../support/dataset.js';
import { readRun, start, temporaryFolder } from '../support/lockstep.js';

/** Of every 20 ms the process may run for 5. @returns ends it */
function slowDown(pid: number): () => void {
  const signal = (name: 'SIGSTOP' | 'SIGCONT'): void => {
    try {
      process.kill(pid, name);
    } catch {
      // It has ended; the run knows why.
    }
  };
  const timers = new Set<NodeJS.Timeout>();
  const stop = (): void => {
    signal('SIGSTOP');
    timers.add(setTimeout(() => signal('SIGCONT'), 15));
  };
  const pulse = setInterval(stop, 20);
  return () => {
    clearInterval(pulse);
    for (const timer of timers) clearTimeout(timer);
    signal('SIGCONT');
  };
}

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly tid: number;
  readonly ts: number;
  readonly dur: number;
  readonly args: { readonly step: number };
}

it.each(['star', 'shared-memory'])('names the rank that is late, with %s', async (allReduce) => {
  const folder = temporaryFolder();
  const data = await writeSubset(join(folder, 'data'), 704, 16);
  const run = join(folder, 'run');
  // On one thread of plain JavaScript, a step takes as long as several pulses.
  const running = start([
    ...['train', '--workers', '2', '--run-dir', run, '--data-dir', data, '--engine', 'cpu'],
    ...['--model', 'tiny', '--batch-size', '16', '--epochs', '1', '--validation-data', 'none'],
    ...['--target-accuracy', 'none', '--all-reduce', allReduce, '--profile', '--verbose', '2'],
  ]);
  await running.until(/Saved .* after step 0/);
  const { pid } = readRun(run).processes.find(({ rank }) => rank === 1)!;
  const release = slowDown(pid);
  const { code, stdout, stderr } = await running.ended.finally(release);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });

  const { stragglers, steps } = readRun(run).breakdown!;
  // All but the first 20, which warm up, and the last, which nobody tells of any more.
  expect(steps).toBe(44 - 20 - 1);
  expect(stragglers.map(({ rank, phase }) => ({ rank, phase }))).toEqual([
    { rank: 1, phase: 'compute' },
  ]);
  expect(stdout).toContain(`pid ${pid}) keeps the others waiting: late in `);
  expect(stdout).toContain("Where a step's time goes");

  const events: TraceEvent[] = JSON.parse(readFileSync(join(run, 'profile.json'), 'utf8'));
  const spent = (rank: number, ...names: string[]): number =>
    events
      .filter(({ ph, tid, name }) => ph === 'X' && tid === rank && names.includes(name))
      .reduce((sum, { dur }) => sum + dur, 0);
  expect(spent(1, 'forward + backward')).toBeGreaterThan(1.5 * spent(0, 'forward + backward'));
  expect(spent(0, 'wait', 'reduce', 'barrier')).toBeGreaterThan(
    2 * spent(1, 'wait', 'reduce', 'barrier'),
  );

  // One clock: no rank ends a step before each rank has begun it.
  const ofStep = (step: number) =>
    events.filter(({ ph, args }) => ph === 'X' && args.step === step);
  for (let step = 0; step < 43; step++) {
    const begins = [0, 1].map((rank) =>
      Math.min(...ofStep(step).flatMap(({ tid, ts }) => (tid === rank ? [ts] : []))),
    );
    const ends = ofStep(step).map(({ ts, dur }) => ts + dur);
    expect(Math.max(...ends)).toBeGreaterThan(Math.max(...begins));
  }
});

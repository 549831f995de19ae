import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { readNetwork } from '../network/read.js';
import { alignedTable, percent } from '../report/table.js';
import { simulateAllReduce } from '../step/allReduce.js';
import type { Scenario } from '../step/scenario.js';
import { simulate } from '../step/simulate.js';
import { readMeasured, workloadOf } from '../step/workload.js';

const count = z.number().int().positive();

/** As bench/loopback.mjs writes it. */
const schema = z.object({
  date: z.string(),
  machine: z.array(z.string()),
  load: z.string(),
  /** All-reduces alone; `length` in elements. */
  rings: z
    .array(z.object({ ranks: count, length: count, milliseconds: z.number().positive() }))
    .min(1),
  /** Whole training; the first with one worker. */
  training: z
    .array(
      z.object({
        model: z.string(),
        batch: count,
        workers: count,
        imagesPerSecond: z.number().positive(),
      }),
    )
    .min(1),
});

type Measured = z.infer<typeof schema>;

/** An all-reduce around a real ring on this machine, and around a simulated one. */
interface RingPoint {
  readonly ranks: number;
  readonly length: number;
  readonly milliseconds: number;
  readonly simulatedMs: number;
}

/** Training on this machine, and simulated: images a second and worker, beside those of one worker. */
interface TrainingPoint {
  readonly workers: number;
  readonly efficiency: number;
  readonly simulated: number;
}

/** Real runs, beside what the simulator makes of them. */
export interface Loopback extends Pick<Measured, 'date' | 'machine' | 'load'> {
  readonly rings: readonly RingPoint[];
  readonly training: readonly TrainingPoint[];
}

const file = new URL('../../measured/loopback.json', import.meta.url);

export async function readLoopback(): Promise<Loopback> {
  const { rings, training, ...rest } = schema.parse(JSON.parse(readFileSync(file, 'utf8')));
  return { ...rest, rings: await ringPoints(rings), training: await trainingPoints(training) };
}

async function ringPoints(rings: Measured['rings']): Promise<RingPoint[]> {
  const network = readNetwork('loopback');
  const points: RingPoint[] = [];
  for (const ring of rings) {
    const options = { ...ring, allReduce: 'ring', compression: 'none' } as const;
    const { mean } = await simulateAllReduce(network, options);
    points.push({ ...ring, simulatedMs: 1000 * mean });
  }
  return points;
}

async function trainingPoints(training: Measured['training']): Promise<TrainingPoint[]> {
  const network = readNetwork('loopback');
  const [first] = training;
  const points: TrainingPoint[] = [];
  for (const { model, batch, workers, imagesPerSecond } of training) {
    const workload = workloadOf(readMeasured(), { model, batch, speed: null });
    const scenario: Scenario = {
      network,
      workload,
      ranks: workers,
      allReduce: 'ring',
      compression: 'none',
      overlaps: false,
      steps: 1,
      seed: 1,
    };
    const whole = workers === 1 ? workload.alone : (await simulate(scenario)).whole;
    const efficiency = imagesPerSecond / workers / first!.imagesPerSecond;
    points.push({ workers, efficiency, simulated: workload.alone / whole });
  }
  return points;
}

/** What docs/scaling.md says of it. */
export function loopbackSection({ date, machine, load, rings, training }: Loopback): string {
  return [
    `- Measured on ${date}; load before: ${load}`,
    ...machine.map((line) => `- ${line}`),
    '',
    alignedTable(
      ['ranks', 'array', 'measured ms', 'simulated ms', 'ratio'],
      rings.map(({ ranks, length, milliseconds, simulatedMs }) => [
        String(ranks),
        `${Math.round((4 * length) / 1000).toLocaleString('en-US')} KB`,
        milliseconds.toFixed(3),
        simulatedMs.toFixed(3),
        (simulatedMs / milliseconds).toFixed(2),
      ]),
    ),
    '',
    alignedTable(
      ['workers', 'measured efficiency', 'simulated'],
      training.map(({ workers, efficiency, simulated }) => [
        String(workers),
        percent(efficiency),
        percent(simulated),
      ]),
    ),
  ].join('\n');
}

import { readFileSync } from 'node:fs';
import { LockstepError } from '@lockstep/core';
import type { Range } from '@lockstep/core/data';
import { z } from 'zod';

/** What one rank computes in a step, and what of it the others wait for. Seconds. */
export interface Workload {
  /** Elements of the gradient. */
  readonly length: number;
  /** The whole step of a lone rank. */
  readonly alone: number;
  /** Forward and backward, until all of the gradient is there. */
  readonly gradients: number;
  /** The update, from the average. */
  readonly apply: number;
  /** The parts of the gradient in the order in which they are known, and when: from the step's beginning. */
  readonly parts: readonly { readonly range: Range; readonly at: number }[];
  /** Whether the core that computes is the one that sends, receives and adds. */
  readonly sharesCore: boolean;
}

const milliseconds = z.number().positive();

/** As bench/computeTimes.mjs writes it. */
const measuredSchema = z.object({
  date: z.string(),
  machine: z.array(z.string()),
  engine: z.string(),
  cases: z
    .array(
      z.object({
        model: z.string(),
        batch: z.number().int().positive(),
        stepMs: milliseconds,
        gradientsMs: milliseconds,
        applyMs: milliseconds,
        /** In the order in which their gradients are known: the last layer first. */
        layers: z
          .array(
            z.object({
              name: z.string(),
              elements: z.number().int().positive(),
              readyMs: milliseconds,
            }),
          )
          .min(1),
      }),
    )
    .min(1),
});

export type Measured = z.infer<typeof measuredSchema>;
type Case = Measured['cases'][number];

const file = new URL('../../measured/compute.json', import.meta.url);

/** What was measured of the models on one core. */
export function readMeasured(): Measured {
  return measuredSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
}

/**
 * @param speed null: the core that was measured; else a device beside such a core, that many times as fast
 * @throws USAGE where the model was not measured at that batch size
 */
export function workloadOf(
  { cases }: Measured,
  { model, batch, speed }: { model: string; batch: number; speed: number | null },
): Workload {
  const found = cases.find((each) => each.model === model && each.batch === batch);
  if (found === undefined) {
    const known = cases.map((each) => `${each.model} at ${each.batch}`).join(', ');
    throw new LockstepError('USAGE', `nobody has measured '${model}' at ${batch} images a rank`, {
      hint: `Use ${known}, or measure it: add it to bench/computeTimes.mjs, and run that with --write.`,
    });
  }
  const seconds = (ms: number) => ms / 1000 / (speed ?? 1);
  return {
    length: found.layers.reduce((sum, { elements }) => sum + elements, 0),
    alone: seconds(found.stepMs),
    gradients: seconds(found.gradientsMs),
    apply: seconds(found.applyMs),
    parts: partsOf(found).map(({ range, readyMs }) => ({ range, at: seconds(readyMs) })),
    sharesCore: speed === null,
  };
}

interface Part {
  readonly range: Range;
  readonly readyMs: number;
}

/** Less than this waits for what is known next: each part costs all the hops of a ring. */
const leastPartElements = 2 ** 18;

/** The last layer lies at the end of the flat gradient. Times were measured one by one: none may go backwards. */
function partsOf({ layers, gradientsMs }: Case): Part[] {
  const length = layers.reduce((sum, { elements }) => sum + elements, 0);
  const parts: Part[] = [];
  let [begin, end, latest] = [length, length, 0];
  for (const { elements, readyMs } of layers) {
    begin -= elements;
    latest = Math.max(latest, Math.min(readyMs, gradientsMs));
    const isLast = begin === 0;
    if (!isLast && end - begin < leastPartElements) continue;
    parts.push({ range: { begin, end }, readyMs: isLast ? gradientsMs : latest });
    end = begin;
  }
  return parts;
}

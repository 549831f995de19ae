import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Logs } from '../metrics/index.js';
import { EarlyStopping } from './earlyStopping.js';
import type { MonitorMode } from './monitor.js';
import { ReduceLROnPlateau } from './reduceLROnPlateau.js';

interface KerasOptions {
  monitor: string;
  mode?: MonitorMode;
  patience?: number;
  min_delta?: number;
  baseline?: number;
  restore_best_weights?: boolean;
  start_from_epoch?: number;
  factor?: number;
  cooldown?: number;
  min_lr?: number;
}

/** What tools/golden/keras_callbacks.py saw the real callbacks do. */
interface Golden {
  sequences: Record<string, Record<string, (number | string | null)[]>>;
  earlyStopping: {
    sequence: string;
    options: KerasOptions;
    stopped: number | null;
    bestEpoch: number;
    restored: number | null;
  }[];
  reduceLr: {
    sequence: string;
    options: KerasOptions;
    learningRate: number;
    learningRates: number[];
  }[];
}

const golden: Golden = JSON.parse(
  readFileSync(new URL('./keras.golden.json', import.meta.url), 'utf8'),
);

/** The logs of each epoch; null stands for a metric that was not there, texts for NaN and infinities. */
function logsOf(sequence: string): Logs[] {
  const [[metric, values]] = Object.entries(golden.sequences[sequence]!) as [
    [string, (number | string | null)[]],
  ];
  return values.map((value) => (value === null ? {} : { [metric]: Number(value) }));
}

const names: Record<string, string> = {
  min_delta: 'minDelta',
  restore_best_weights: 'restoreBestWeights',
  start_from_epoch: 'startFromEpoch',
  min_lr: 'minLearningRate',
};

function ours(options: KerasOptions): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(options).map(([key, value]) => [names[key] ?? key, value]),
  );
}

const title = (sequence: string, options: KerasOptions) => `${sequence} ${JSON.stringify(options)}`;

describe('EarlyStopping does what Keras does', () => {
  for (const { sequence, options, ...expected } of golden.earlyStopping) {
    it(title(sequence, options), () => {
      const callback = new EarlyStopping(ours(options));
      let stopped: number | null = null;
      let weights: number | null = null;
      for (const [epoch, logs] of logsOf(sequence).entries()) {
        const verdict = callback.onEpochEnd(epoch, logs);
        if (verdict?.rememberWeights) weights = epoch;
        if (verdict?.stop) {
          expect(verdict.stop.message).toBe(`Epoch ${epoch + 1}: early stopping`);
          stopped = epoch;
          break;
        }
      }
      const restored = callback.onTrainEnd()?.restoreWeights ? weights : null;
      const { bestEpoch } = callback.state() as { bestEpoch: number };
      expect({ stopped, bestEpoch, restored }).toEqual(expected);
    });
  }
});

describe('ReduceLROnPlateau does what Keras does', () => {
  for (const { sequence, options, ...expected } of golden.reduceLr) {
    it(`${title(sequence, options)} from ${expected.learningRate}`, () => {
      const callback = new ReduceLROnPlateau(ours(options));
      let { learningRate } = expected;
      for (const [epoch, logs] of logsOf(sequence).entries()) {
        const verdict = callback.onEpochEnd(epoch, logs, { epochs: 100, learningRate });
        learningRate = verdict?.learningRate ?? learningRate;
        // Keras keeps the rate in float32 between the epochs, Lockstep in float64.
        const keras = expected.learningRates[epoch]!;
        expect(Math.abs(learningRate / keras - 1)).toBeLessThan(1e-6);
      }
    });
  }
});

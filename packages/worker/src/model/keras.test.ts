import { readFileSync } from 'node:fs';
import { optimizerConfigSchema, toLockstepError } from '@lockstep/core';
import { canonicalTopology, lossNames, metricNames } from '@lockstep/core/model';
import { findEngine } from '@lockstep/tensorflow/install';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine, type Engine } from '../engine/index.js';

/** Written by tools/golden/keras_models.py with the real Keras. */
interface Golden {
  cases: {
    name: string;
    loss: string;
    scale: number;
    topology: unknown;
    outputs: number[];
    metrics: Record<string, number>;
    gradient: number[];
  }[];
}

const { cases }: Golden = JSON.parse(
  readFileSync(new URL('./keras.golden.json', import.meta.url), 'utf8'),
);

const side = 6;
const samples = 6;
const images = Uint8Array.from(
  { length: samples * side * side },
  (_, i) => (37 * i + Math.floor((i * i) / 5)) % 256,
);
const weightsOf = (length: number, scale: number): Float32Array =>
  Float32Array.from({ length }, (_, i) => scale * Math.sin(0.7 * i + 1));

/** Within 2e-5 of the largest value: Keras and an engine round in another order. */
function expectClose(actual: ArrayLike<number>, expected: readonly number[], what: string): void {
  expect(actual.length, what).toBe(expected.length);
  const largest = Math.max(...expected.map(Math.abs), 1e-3);
  for (const [i, value] of expected.entries()) {
    const message = `${what}[${i}]: ${actual[i]} for ${value}`;
    expect(Math.abs(actual[i]! - value) / largest, message).toBeLessThan(2e-5);
  }
}

/** Layers beyond those of the reference systems, of which TensorFlow.js's wasm backend has no gradient. */
const withoutGradient: Readonly<Record<string, readonly string[]>> = {
  wasm: ['DepthwiseConv2D', 'SeparableConv2D'],
};

const obstacles: Record<string, string | undefined> = {
  cpu: undefined,
  wasm: undefined,
  tensorflow: (await findEngine()) === null ? 'needs libtensorflow' : undefined,
  webgpu: await createEngine('webgpu').then(
    (engine) => engine.dispose().then(() => undefined),
    (thrown: unknown) => toLockstepError(thrown).message,
  ),
};

it('has a case for every loss and every metric', () => {
  expect(new Set(cases.map(({ loss }) => loss))).toEqual(new Set(lossNames));
  const measured = new Set(cases.flatMap(({ metrics }) => Object.keys(metrics)));
  expect(measured).toEqual(new Set(['loss', ...metricNames]));
});

for (const [engineName, obstacle] of Object.entries(obstacles)) {
  describe.skipIf(obstacle !== undefined)(
    `on ${engineName}, as Keras computes${obstacle ? ` (${obstacle})` : ''}`,
    () => {
      let engine: Engine;
      beforeAll(async () => {
        engine = await createEngine(engineName);
      });
      afterAll(() => engine.dispose());

      it.each(cases)(
        '$name',
        async ({ name, loss, topology, scale, outputs, metrics, gradient }) => {
          const spec = {
            name: 'golden',
            topology: canonicalTopology(topology),
            loss,
            metrics: Object.keys(metrics).filter((metric) => metric !== 'loss'),
          };
          const optimizer = optimizerConfigSchema.parse({ name: 'sgd' });
          const options = { seed: 1, optimizer, imageShape: [side, side, 1] as const };
          const model = await engine.load(spec, options);
          const state = await model.readState();
          expect(state.weights.length).toBe(gradient.length);
          await model.writeState({ ...state, weights: weightsOf(gradient.length, scale) });
          const units = outputs.length / samples;
          const labels = Uint8Array.from(
            { length: samples },
            (_, i) => i % (units === 1 ? 2 : units),
          );
          const batch = { size: samples, images, labels };
          const predicted = await model.predict(batch);
          expectClose(predicted, outputs, 'outputs');
          const training = model.gradients(batch, { step: 0, position: 0 });
          if (withoutGradient[engineName]?.includes(name)) {
            await expect(training).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' });
            return model.dispose();
          }
          const trained = await training;
          expectClose(trained.gradient, gradient, 'gradient');
          for (const sums of [trained.metrics, await model.evaluate(batch)]) {
            const means = Object.entries(sums).map(([key, { sum, count }]) => [key, sum / count]);
            expect(Object.keys(sums).sort()).toEqual(Object.keys(metrics).sort());
            for (const [key, mean] of means) {
              expect(mean, String(key)).toBeCloseTo(metrics[String(key)]!, 4);
            }
          }
          model.dispose();
        },
      );
    },
  );
}

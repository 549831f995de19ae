import { optimizerConfigSchema } from '@lockstep/core';
import { type ModelSpec, zoo } from '@lockstep/core/model';
import { expect, it } from 'vitest';
import { engineContract } from '../contract.suite.js';
import { createCpuEngine } from '../cpu/cpu.js';
import { relativeDifference, syntheticBatch } from '../examples.suite.js';
import { createWasmEngine } from './wasm.js';

engineContract('wasm', createWasmEngine);

/** `deep` with fewer filters and units: the cpu engine would take 10 s for one image. */
function smallerDeep(): ModelSpec {
  const spec = structuredClone({ ...zoo.deep!, name: 'smaller deep' });
  const layers = spec.topology.config.layers as { config: Record<string, unknown> }[];
  for (const { config } of layers.slice(0, -1)) {
    if ('filters' in config) config.filters = Number(config.filters) / 8;
    if ('units' in config) config.units = Number(config.units) / 32;
  }
  return spec;
}

it.each([zoo.cnn!, smallerDeep()])(
  'agrees with cpu on the gradients of $name, in one process with it',
  async (spec) => {
    const [cpu, wasm] = await Promise.all([createCpuEngine(), createWasmEngine()]);
    const moment = { step: 7, position: 100 };
    const optimizer = optimizerConfigSchema.parse({ name: 'sgd' });
    const options = { seed: 3, optimizer, imageShape: [28, 28, 1] as const };
    const [reference, model] = await Promise.all([
      cpu.load(spec, options),
      wasm.load(spec, options),
    ]);
    expect((await model.readState()).weights).toEqual((await reference.readState()).weights);

    const batch = syntheticBatch(4, 1, 28, 10);
    const [expected, actual] = await Promise.all([
      reference.gradients(batch, moment),
      model.gradients(batch, moment),
    ]);
    for (const { name, offset, length } of model.parameters) {
      const part = ({ gradient }: typeof actual) => gradient.subarray(offset, offset + length);
      expect(relativeDifference(part(actual), part(expected)), name).toBeLessThan(1e-4);
    }
    expect(actual.metrics.loss!.sum).toBeCloseTo(expected.metrics.loss!.sum, 4);
    expect(actual.metrics.accuracy).toEqual(expected.metrics.accuracy);
    await Promise.all([cpu.dispose(), wasm.dispose()]);
  },
);

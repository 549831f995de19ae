import { optimizerConfigSchema } from '@lockstep/core';
import { zoo } from '@lockstep/core/model';
import { expect, it } from 'vitest';
import { engineContract, relativeDifference, syntheticBatch } from '../contract.suite.js';
import { createCpuEngine } from '../cpu/cpu.js';
import { createWasmEngine } from './wasm.js';

engineContract('wasm', createWasmEngine);

it('agrees with the cpu engine on the gradients of the cnn, in one process with it', async () => {
  const [cpu, wasm] = await Promise.all([createCpuEngine(), createWasmEngine()]);
  const optimizer = optimizerConfigSchema.parse({ name: 'sgd' });
  const options = { seed: 3, optimizer, imageShape: [28, 28, 1] as const };
  const [reference, model] = await Promise.all([
    cpu.load(zoo.cnn!, options),
    wasm.load(zoo.cnn!, options),
  ]);
  expect((await model.readState()).weights).toEqual((await reference.readState()).weights);

  const batch = syntheticBatch(4, 1, 28, 10);
  const [expected, actual] = await Promise.all([
    reference.gradients(batch),
    model.gradients(batch),
  ]);
  for (const { name, offset, length } of model.parameters) {
    const part = ({ gradient }: typeof actual) => gradient.subarray(offset, offset + length);
    expect(relativeDifference(part(actual), part(expected)), name).toBeLessThan(1e-4);
  }
  expect(actual.metrics.loss!.sum).toBeCloseTo(expected.metrics.loss!.sum, 4);
  expect(actual.metrics.accuracy).toEqual(expected.metrics.accuracy);
  await Promise.all([cpu.dispose(), wasm.dispose()]);
});

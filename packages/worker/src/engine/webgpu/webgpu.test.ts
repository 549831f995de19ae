import { optimizerConfigSchema, toLockstepError } from '@lockstep/core';
import { zoo } from '@lockstep/core/model';
import { findBackend } from '@tensorflow/tfjs-core';
import { expect, it, vi } from 'vitest';
import { engineContract } from '../contract.suite.js';
import { createCpuEngine } from '../cpu/cpu.js';
import type { Engine } from '../engine.js';
import { relativeDifference, syntheticBatch } from '../examples.suite.js';
import { acquireBackend, releaseBackend } from './backend.js';
import { createWebgpuEngine } from './webgpu.js';

const create = () => createWebgpuEngine({ automatic: false });

/** What keeps the engine from working here; vitest.config.ts says which GPU there is without one. */
async function obstacle(): Promise<string | undefined> {
  try {
    await (await create()).dispose();
    return undefined;
  } catch (thrown) {
    return toLockstepError(thrown).message;
  }
}

const options = {
  seed: 3,
  optimizer: optimizerConfigSchema.parse({ name: 'sgd' }),
  imageShape: [28, 28, 1] as const,
};
const moment = { step: 0, position: 0 };

function testOnThisMachine(): void {
  // A software GPU takes some 0.1 s a step, and more where other tests run beside it.
  vi.setConfig({ testTimeout: 120_000 });
  engineContract('webgpu', create, 20);

  it('agrees with the cpu engine on the cnn, in one process with it', async () => {
    const [cpu, webgpu] = await Promise.all([createCpuEngine(), create()]);
    const [reference, model] = await Promise.all(
      [cpu, webgpu].map((engine: Engine) => engine.load(zoo.cnn!, options)),
    );
    const batch = syntheticBatch(4, 1, 28, 10);
    const [expected, actual] = await Promise.all([
      reference!.gradients(batch, moment),
      model!.gradients(batch, moment),
    ]);
    for (const { name, offset, length } of model!.parameters) {
      const part = ({ gradient }: typeof actual) => gradient.subarray(offset, offset + length);
      expect(relativeDifference(part(actual), part(expected)), name).toBeLessThan(1e-4);
    }
    expect(actual.metrics.loss!.sum).toBeCloseTo(expected.metrics.loss!.sum, 4);
    expect(actual.metrics.accuracy).toEqual(expected.metrics.accuracy);
    const [outputs, wanted] = await Promise.all([model!.predict(batch), reference!.predict(batch)]);
    expect(relativeDifference(outputs, wanted)).toBeLessThan(1e-5);
    await Promise.all([cpu.dispose(), webgpu.dispose()]);
  });

  it('shares one device among engines, and closes it with the last', async () => {
    const [first, second] = [await create(), await create()];
    await first.dispose();
    await first.dispose();
    const model = await second.load(zoo.tiny!, options);
    expect((await model.predict(syntheticBatch(1, 1, 28, 10))).length).toBe(10);
    await second.dispose();
    expect(findBackend('webgpu')).toBe(null);
  });

  it('is chosen by itself only where there is a real GPU', async () => {
    const open = await acquireBackend();
    const automatic = createWebgpuEngine({ automatic: true });
    if (open.isSoftware) {
      await expect(automatic).rejects.toMatchObject({
        code: 'ENGINE_UNAVAILABLE',
        message: `${open.name}: that is no GPU`,
      });
    } else await (await automatic).dispose();
    releaseBackend(open);
  });

  it.each([
    [
      'an error',
      'Buffer size',
      (device: GPUDevice) => device.createBuffer({ size: 2 ** 50, usage: GPUBufferUsage.STORAGE }),
    ],
    ['a loss', 'disposed of', (device: GPUDevice) => device.destroy()],
  ])('gives no numbers after %s of the device, and starts afresh', async (_, reason, harm) => {
    const batch = syntheticBatch(1, 1, 28, 10);
    const open = await acquireBackend();
    const engine = await create();
    const model = await engine.load(zoo.tiny!, options);
    harm(open.device.device);
    await expect(model.evaluate(batch)).rejects.toMatchObject({
      code: 'ENGINE_UNAVAILABLE',
      message: expect.stringContaining(reason),
    });
    releaseBackend(open);
    await engine.dispose();
    const next = await create();
    const fresh = await next.load(zoo.tiny!, options);
    expect((await fresh.predict(batch)).length).toBe(10);
    await next.dispose();
  });
}

const reason = await obstacle();
if (reason === undefined) testOnThisMachine();
else it.skip(`the engine webgpu (${reason})`);

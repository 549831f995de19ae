import '@tensorflow/tfjs-backend-cpu';
import { getBackend, registerBackend, removeBackend } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { startBackend, useBackend } from './backend.js';

it('says why a backend does not start', async () => {
  registerBackend('broken', () => {
    throw new Error('no such device');
  });
  await expect(startBackend('broken')).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' });
  await expect(startBackend('absent')).rejects.toMatchObject({
    code: 'ENGINE_UNAVAILABLE',
    message: expect.stringContaining("'absent'"),
  });
  removeBackend('broken');
});

it('puts a started backend back in place at once', async () => {
  await startBackend('cpu');
  await startBackend('broken').catch(() => undefined);
  useBackend('cpu');
  expect(getBackend()).toBe('cpu');
});

import { expect, it } from 'vitest';
import { withinDeadline } from './deadline.js';

it('hands on what comes in time', async () => {
  await expect(withinDeadline(Promise.resolve(3), 'device')).resolves.toBe(3);
  await expect(withinDeadline(Promise.reject(new Error('no')), 'device')).rejects.toThrow('no');
});

it('names what did not come', async () => {
  const never = new Promise<never>(() => {});
  await expect(withinDeadline(never, 'device', 10)).rejects.toMatchObject({
    code: 'ENGINE_UNAVAILABLE',
    message: 'webgpu: the driver gave no device in 0.01 s',
  });
});

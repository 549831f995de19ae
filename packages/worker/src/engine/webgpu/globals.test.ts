import { expect, it } from 'vitest';
import { globals } from 'webgpu';
import { withNavigator } from './globals.js';

/** Only handed on. */
const gpu = Object.create(Reflect.get(globals, 'GPU').prototype as object) as GPU;

it('shows a navigator while the work runs, and puts back what was there', () => {
  const before = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  expect(withNavigator(gpu, () => Reflect.get(globalThis, 'navigator').gpu)).toBe(gpu);
  expect(Object.getOwnPropertyDescriptor(globalThis, 'navigator')).toEqual(before);
  const failing = () =>
    withNavigator(gpu, () => {
      throw new Error('not started');
    });
  expect(failing).toThrow('not started');
  expect(Object.getOwnPropertyDescriptor(globalThis, 'navigator')).toEqual(before);
});

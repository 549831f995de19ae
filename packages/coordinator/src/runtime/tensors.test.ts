import { expect, it } from 'vitest';
import { TensorTable } from './tensors.js';

it('assembles a state of its parts, in their order, and lets the parts go', () => {
  const table = new TensorTable();
  const weights = Float32Array.of(1, 2, 3, 4);
  const parts = [
    { weights, 'slot:m': Float32Array.of(1, 2), 'slot:v': Float32Array.of(5, 6) },
    { 'slot:v': Float32Array.of(), 'slot:m': Float32Array.of() },
    { 'slot:m': Float32Array.of(3), 'slot:v': Float32Array.of(7) },
  ].map((part, i) => table.keepState(part, i === 0 ? 'hash' : undefined).id);
  table.assemble(parts, 'whole');
  expect(table.weightsSha256('whole')).toBe('hash');
  expect(table.get('whole')).toEqual({
    weights,
    'slot:m': Float32Array.of(1, 2, 3),
    'slot:v': Float32Array.of(5, 6, 7),
  });
  for (const id of parts) expect(() => table.get(id)).toThrow(/not here/);
});

it('refuses a part that lacks a slot', () => {
  const table = new TensorTable();
  const parts = [{ 'slot:m': Float32Array.of(1) }, {}].map(
    (part) => table.keepState(part, 'hash').id,
  );
  expect(() => table.assemble(parts, 'whole')).toThrow('without its slot:m');
});

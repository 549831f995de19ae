import { beforeAll, expect, it } from 'vitest';
import { dataType } from '../native/dataTypes.js';
import { describeWithLibrary } from '../testing.suite.js';
import { attributeType, type OpAttribute } from './attributes.js';
import { startTensorFlow } from './backend.js';
import type { Binding, TensorMetadata } from './binding.js';

const { type, int, float, bool, string, shape } = attributeType;

describeWithLibrary('attributes of ops', (library) => {
  let binding: Binding;
  let x: number;

  beforeAll(() => {
    ({ binding } = startTensorFlow(library));
    x = binding.createTensor([1, 4, 4, 1], dataType.float32, new Float32Array(16).fill(2));
  });

  const run = (op: string, attributes: OpAttribute[], inputs = [x]): TensorMetadata =>
    binding.executeOp(op, attributes, inputs, inputs.length)[0] as TensorMetadata;

  it('are lists of whole numbers, the empty one too', () => {
    const squeezed = (axes: number[]) =>
      run('Squeeze', [{ name: 'squeeze_dims', type: int, value: axes }]).shape;
    expect(squeezed([])).toEqual([4, 4]);
    expect(squeezed([0])).toEqual([4, 4, 1]);
    expect(squeezed([-1])).toEqual([1, 4, 4]);
  });

  it('are lists of types', () => {
    const value = [dataType.float32, dataType.float32];
    expect(run('IdentityN', [{ name: 'T', type, value }], [x, x]).shape).toEqual([1, 4, 4, 1]);
  });

  it('are lists of numbers', () => {
    const ratio = { name: 'pooling_ratio', type: float, value: [1, 2, 2, 1] };
    const [pooled] = binding.executeOp('FractionalMaxPool', [ratio], [x], 3);
    expect(pooled?.shape).toEqual([1, 2, 2, 1]);
  });

  it('are lists of strings', () => {
    const labels = { name: 'labels', type: string, value: ['one', 'zwei ü', ''] };
    expect(run('TensorSummary', [labels]).dtype).toBe(dataType.string);
  });

  it('are strings of any characters', () => {
    const pattern = { name: 'pattern', type: string, value: 'ü+' };
    const rewrite = { name: 'rewrite', type: string, value: '→' };
    const text = binding.createTensor([], dataType.string, [Buffer.from('aüüb')]);
    const { id } = run('StaticRegexReplace', [pattern, rewrite], [text]);
    expect(Buffer.concat(binding.tensorDataSync(id) as Uint8Array[]).toString()).toBe('a→b');
  });

  it.each([
    [null, 'dtype float'],
    [[-1, 3], 'dtype float and shape [?,3]'],
    [[2, 5], 'dtype float and shape [2,5]'],
  ])('are shapes: %j', (value, described) => {
    const dtype = { name: 'dtype', type, value: dataType.float32 };
    const placeholder = () =>
      binding.executeOp('Placeholder', [dtype, { name: 'shape', type: shape, value }], [], 1);
    expect(placeholder).toThrow(`with ${described}`);
  });

  it.each([
    ['a type', { name: 'T', type, value: 'float32' }],
    ['a list of types for one type', { name: 'T', type, value: [dataType.float32] }],
    ['a whole number', { name: 'T', type: int, value: true }],
    ['a number', { name: 'T', type: float, value: '1' }],
    ['a boolean', { name: 'T', type: bool, value: 1 }],
    ['a string', { name: 'T', type: string, value: null }],
    ['a shape', { name: 'T', type: shape, value: 3 }],
    ['a resource', { name: 'T', type: attributeType.resource, value: 1 }],
  ])('are refused by name where they are not %s', (_, attribute) => {
    expect(() => run('Relu', [attribute])).toThrow("the attribute 'T' cannot be");
  });
});

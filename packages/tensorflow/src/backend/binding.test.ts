import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { bytesPerElement, dataType, elementCount } from '../native/dataTypes.js';
import { TensorFlowError } from '../native/status.js';
import { describeWithLibrary } from '../testing.suite.js';
import { attributeType } from './attributes.js';
import { startTensorFlow } from './backend.js';
import type { Binding } from './binding.js';
import type { TypedArray } from './values.js';

const float = { name: 'T', type: attributeType.type, value: dataType.float32 };

/** Arrays by element type, as they go in and come out; and in tfjs-node's way for int64. */
const arrays: readonly [string, number, (bytes: ArrayBuffer) => TypedArray][] = [
  ['float32', dataType.float32, (bytes) => new Float32Array(bytes)],
  ['float64', dataType.float64, (bytes) => new Float64Array(bytes)],
  ['int32', dataType.int32, (bytes) => new Int32Array(bytes)],
  ['uint8', dataType.uint8, (bytes) => new Uint8Array(bytes)],
  ['int16', dataType.int16, (bytes) => new Int16Array(bytes)],
  ['int8', dataType.int8, (bytes) => new Int8Array(bytes)],
  ['complex64', dataType.complex64, (bytes) => new Float32Array(bytes)],
  ['int64', dataType.int64, (bytes) => new BigInt64Array(bytes)],
  ['bool', dataType.bool, (bytes) => new Uint8Array(bytes).map((byte) => byte & 1)],
  ['bfloat16', dataType.bfloat16, (bytes) => new Uint16Array(bytes)],
  ['uint64', dataType.uint64, (bytes) => new BigUint64Array(bytes)],
];

const shapes = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 5 });

describeWithLibrary('Binding', (library) => {
  let binding: Binding;

  beforeAll(() => {
    binding = startTensorFlow(library).binding;
  });

  /** Runs it, and expects as many tensors afterwards as before. */
  function withoutLeftovers(run: () => void): void {
    const before = binding.getNumOfTensors();
    run();
    expect(binding.getNumOfTensors()).toBe(before);
  }

  function readOnce(id: number): TypedArray | Uint8Array[] {
    const values = binding.tensorDataSync(id);
    binding.deleteTensor(id);
    return values;
  }

  it.each(arrays)('gives back what a tensor of %s was made from', (_, type, arrayOf) => {
    fc.assert(
      fc.property(shapes, fc.infiniteStream(fc.nat(255)), (shape, bytes) => {
        const count = elementCount(shape) * bytesPerElement(type);
        const values = arrayOf(Uint8Array.from({ length: count }, () => bytes.next().value).buffer);
        withoutLeftovers(() => {
          const id = binding.createTensor(shape, type, values);
          expect(binding.shapeAndTypeOf(id)).toEqual({ shape, dtype: type });
          expect(readOnce(id)).toEqual(values);
        });
      }),
      { numRuns: 30 },
    );
  });

  it('gives back strings: empty, long, of any bytes', () => {
    const strings = fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 12 });
    fc.assert(
      fc.property(strings, (values) =>
        withoutLeftovers(() => {
          const id = binding.createTensor([values.length], dataType.string, values);
          expect(readOnce(id)).toEqual(values);
        }),
      ),
    );
  });

  it('takes an int64 in two halves, as tfjs-node writes it', () => {
    const id = binding.createTensor([2], dataType.int64, Int32Array.of(7, 0, -3, -1));
    expect(readOnce(id)).toEqual(BigInt64Array.of(7n, -3n));
  });

  it('reads the handle of a resource as bytes', () => {
    const [variable] = binding.executeOp(
      'VarHandleOp',
      [
        { name: 'dtype', type: attributeType.type, value: dataType.float32 },
        { name: 'shape', type: attributeType.shape, value: [-1, 3] },
        { name: 'shared_name', type: attributeType.string, value: 'a variable' },
      ],
      [],
      1,
    );
    expect(variable).toMatchObject({ shape: [], dtype: dataType.resource });
    const bytes = readOnce(variable!.id) as Uint8Array;
    expect(Buffer.from(bytes).toString('latin1')).toContain('a variable');
  });

  it.each([
    ['another length', [2], dataType.float32, Float32Array.of(1, 2, 3), /takes 8 bytes/],
    ['another array', [2], dataType.float32, Int32Array.of(1, 2), /cannot be made from Int32Array/],
    ['an unknown type', [1], 1000, Int32Array.of(1), /TensorFlow type 1000/],
    ['fewer strings', [3], dataType.string, [Uint8Array.of(1)], /cannot hold 1 strings/],
  ])('refuses to make a tensor from %s', (_, shape, type, values, message) => {
    withoutLeftovers(() =>
      expect(() => binding.createTensor(shape, type, values)).toThrow(message),
    );
  });

  it('runs an op', () => {
    withoutLeftovers(() => {
      const x = binding.createTensor([2, 2], dataType.float32, Float32Array.of(1, 2, 3, 4));
      const [product] = binding.executeOp('MatMul', [float], [x, x], 1);
      expect(product).toMatchObject({ shape: [2, 2], dtype: dataType.float32 });
      expect(readOnce(product!.id)).toEqual(Float32Array.of(7, 10, 15, 22));
      binding.deleteTensor(x);
    });
  });

  it('gives as many outputs as an op has', () => {
    const x = binding.createTensor([6], dataType.float32, Float32Array.of(1, 2, 3, 4, 5, 6));
    const axis = binding.createTensor([], dataType.int32, Int32Array.of(0));
    const count = { name: 'num_split', type: attributeType.int, value: 6 };
    const outputs = binding.executeOp('Split', [count, float], [axis, x], 20);
    expect(outputs.map(({ id }) => readOnce(id))).toEqual(
      [1, 2, 3, 4, 5, 6].map((value) => Float32Array.of(value)),
    );
    for (const id of [x, axis]) binding.deleteTensor(id);
  });

  it("throws TensorFlow's message, and leaves nothing behind", () => {
    const x = binding.createTensor([1, 2], dataType.float32, Float32Array.of(1, 2));
    const invalidArgument = 3;
    withoutLeftovers(() => {
      const run = () => binding.executeOp('MatMul', [float], [x, x], 1);
      expect(run).toThrow(TensorFlowError);
      expect(run).toThrow(/Matrix size-incompatible: In\[0\]: \[1,2\], In\[1\]: \[1,2\]/);
      expect(run).toThrow(expect.objectContaining({ status: invalidArgument }));
      expect(() => binding.executeOp('NoSuchOp', [], [], 1)).toThrow(/NoSuchOp/);
      expect(() => binding.executeOp('MatMul', [float], [x, x], 0)).toThrow(/Expecting 1 outputs/);
    });
    expect(binding.executeOp('Relu', [float], [x], 1)).toHaveLength(1);
  });

  it('knows no tensor by a number that was deleted or never given', () => {
    const x = binding.createTensor([], dataType.float32, Float32Array.of(1));
    binding.deleteTensor(x);
    for (const use of [
      () => binding.deleteTensor(x),
      () => binding.tensorDataSync(x),
      () => binding.executeOp('Relu', [float], [x], 1),
      () => binding.handleOf(-1),
    ]) {
      expect(use).toThrow(/there is no tensor with the number/);
    }
  });

  it('leaves the tensors of a trace, whose numbers are below 0, to the trace', () => {
    withoutLeftovers(() => binding.deleteTensor(-5));
  });

  it('adopts what it resolves', () => {
    const { c } = startTensorFlow(library).library;
    withoutLeftovers(() => {
      const x = binding.createTensor([2, 1], dataType.int32, Int32Array.of(4, 5));
      const tensor = binding.resolve(x);
      const adopted = binding.adopt(tensor);
      c.TF_DeleteTensor(tensor);
      binding.deleteTensor(x);
      expect(adopted).toMatchObject({ shape: [2, 1], dtype: dataType.int32 });
      expect(readOnce(adopted.id)).toEqual(Int32Array.of(4, 5));
    });
  });
});

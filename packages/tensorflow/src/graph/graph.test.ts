import { beforeAll, beforeEach, expect, it } from 'vitest';
import { dataType } from '../native/dataTypes.js';
import { loadLibrary, type NativeLibrary } from '../native/library.js';
import { TensorFlowError } from '../native/status.js';
import { tensorFrom } from '../native/tensor.js';
import { describeWithLibrary } from '../testing.suite.js';
import { Graph, type Output } from './graph.js';

const { float32, int32 } = dataType;

describeWithLibrary('Graph', (path) => {
  let library: NativeLibrary;
  let graph: Graph;
  beforeAll(() => {
    library = loadLibrary(path);
  });
  beforeEach(() => {
    graph = new Graph(library);
    return () => graph.delete();
  });

  const matrix = () => graph.placeholder(float32, [4, 6]);

  /** Each attribute changes a shape or a type that TensorFlow infers. */
  const cases: readonly (readonly [kind: string, add: () => Output, expected: unknown])[] = [
    ['int', () => pack(1), { type: float32, shape: [4, 2, 6] }],
    ['negative int', () => pack(-1), { type: float32, shape: [4, 6, 2] }],
    ['ints', () => pooled('VALID'), { type: float32, shape: [2, 3, 3, 1] }],
    ['string', () => pooled('SAME'), { type: float32, shape: [2, 4, 4, 1] }],
    ['no ints', () => squeezed([]), { type: float32, shape: [4] }],
    ['one of ints', () => squeezed([1]), { type: float32, shape: [4, 1] }],
    ['true', () => summed(true), { type: float32, shape: [4, 1] }],
    ['false', () => summed(false), { type: float32, shape: [4] }],
    [
      'type',
      () => graph.node('Cast', [matrix()], { DstT: { type: dataType.bool } }),
      { type: dataType.bool, shape: [4, 6] },
    ],
    ['floats', () => halved(), { shape: [1, 3, 4, 1] }],
    [
      'shape',
      () => graph.node('Placeholder', [], { dtype: { type: int32 }, shape: { shape: [] } }),
      { type: int32, shape: [] },
    ],
    ['tensor', () => graph.int32(4, 2), { type: int32, shape: [2] }],
  ];

  const pack = (axis: number) =>
    graph.node('Pack', [[matrix(), matrix()]], { axis: { int: axis }, N: { int: 2 } });
  const pooled = (padding: string) =>
    graph.node('MaxPool', [graph.placeholder(float32, [2, 7, 7, 1])], {
      ksize: { ints: [1, 2, 2, 1] },
      strides: { ints: [1, 2, 2, 1] },
      padding: { string: padding },
    });
  const squeezed = (dims: number[]) =>
    graph.node('Squeeze', [graph.placeholder(float32, [4, 1, 1])], {
      squeeze_dims: { ints: dims },
    });
  const summed = (keep: boolean) =>
    graph.node('Sum', [matrix(), graph.int32(1)], { keep_dims: { bool: keep } });
  const halved = () =>
    graph.node('FractionalMaxPool', [graph.placeholder(float32, [1, 6, 6, 1])], {
      pooling_ratio: { floats: [1, 2, 1.5, 1] },
    });

  it.each(cases)('sets an attribute: %s', (_, add, expected) => {
    expect(add()).toMatchObject(expected as object);
  });

  it('sets types, and knows not even the rank of what comes out of a queue', () => {
    const types = { component_types: { types: [float32, int32] } };
    const queue = graph.node('FIFOQueueV2', [], types);
    const { outputs } = graph.operation('QueueDequeueV2', { inputs: [queue], attributes: types });
    expect(outputs.map(({ index, type, shape }) => [index, type, shape])).toEqual([
      [0, float32, null],
      [1, int32, null],
    ]);
  });

  it('infers shapes, with -1 for a size that depends on the data', () => {
    const batch = graph.placeholder(float32, [-1, 3]);
    const weights = graph.placeholder(float32, [3, 5]);
    expect(graph.node('MatMul', [batch, weights]).shape).toEqual([-1, 5]);
    expect(graph.node('Unique', [graph.placeholder(int32, [9])]).shape).toEqual([-1]);
    expect(graph.node('Where', [graph.placeholder(dataType.bool, [2, 2])]).shape).toEqual([-1, 2]);
  });

  it('copies constants, so that their tensor can go', () => {
    const tensor = tensorFrom(library.c, float32, [3], Float32Array.of(1, 2, 3));
    const constant = graph.constantOf(tensor, float32);
    library.c.TF_DeleteTensor(tensor);
    expect(constant).toMatchObject({ type: float32, shape: [3] });
  });

  it('gives operations without outputs', () => {
    const before = graph.node('NoOp', []);
    expect(before).toBeUndefined();
    const first = graph.operation('NoOp');
    expect(graph.operation('NoOp', { after: [first.pointer] }).outputs).toEqual([]);
  });

  it("throws TensorFlow's own message where an operation does not fit, and goes on", () => {
    const thrownBy = (add: () => unknown): TensorFlowError => {
      try {
        add();
      } catch (thrown) {
        if (thrown instanceof TensorFlowError) return thrown;
      }
      throw new Error('nothing of TensorFlow was thrown');
    };
    const wrong = thrownBy(() => graph.node('MatMul', [matrix(), matrix()]));
    expect(wrong.message).toMatch(/Dimensions must be equal.* 6 and 4/);
    expect(wrong.status).toBe(3);
    expect(wrong.code).toBe('INTERNAL');
    expect(thrownBy(() => graph.node('NoSuchOp', [])).message).toContain('NoSuchOp');
    const mixed = thrownBy(() => graph.node('AddV2', [matrix(), graph.int32(1)]));
    expect(mixed.message).toContain('DT_FLOAT vs. DT_INT32');
    const attribute = thrownBy(() => graph.node('Relu', [matrix()], { T: { int: 1 } }));
    expect(attribute.message).toContain("'T'");
    const missing = thrownBy(() => graph.node('Pack', [[]], { N: { int: 0 } }));
    expect(missing.message).toContain('N');
    expect(graph.node('Relu', [matrix()]).shape).toEqual([4, 6]);
  });
});

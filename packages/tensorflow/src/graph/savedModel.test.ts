import { createRequire } from 'node:module';
import { expect, it } from 'vitest';
import { dataType } from '../native/dataTypes.js';
import { savedModel } from './savedModel.js';

/** TensorFlow's own messages, as another program reads them. */
const proto = createRequire(import.meta.url)('@tensorflow/tfjs-node-gpu/dist/proto/api_pb.js') as {
  SavedModel: { deserializeBinary(bytes: Uint8Array): { toObject(): unknown } };
};

/** A `GraphDef` with one operation, `x` of the type `Placeholder`. */
const graph = Uint8Array.of(10, 16, 10, 1, 120, 18, 11, ...Buffer.from('Placeholder'));

it('is read as it was meant', () => {
  const bytes = savedModel({
    graph,
    version: '2.21.0',
    inputs: { image: { tensor: 'x:0', type: dataType.float32, shape: [-1, 28, 300, 1] } },
    outputs: { scores: { tensor: 'y:0', type: dataType.float32, shape: [-1, 10] } },
  });
  const shape = (...sizes: number[]) => ({
    dimList: sizes.map((size) => expect.objectContaining({ size })),
    unknownRank: false,
  });
  const port = (name: string, tensorShape: unknown) =>
    expect.objectContaining({ name, dtype: dataType.float32, tensorShape });
  expect(proto.SavedModel.deserializeBinary(bytes).toObject()).toMatchObject({
    savedModelSchemaVersion: 1,
    metaGraphsList: [
      {
        metaInfoDef: { tagsList: ['serve'], tensorflowVersion: '2.21.0' },
        graphDef: { nodeList: [{ name: 'x', op: 'Placeholder' }] },
        signatureDefMap: [
          [
            'serving_default',
            {
              inputsMap: [['image', port('x:0', shape(-1, 28, 300, 1))]],
              outputsMap: [['scores', port('y:0', shape(-1, 10))]],
              methodName: 'tensorflow/serving/predict',
            },
          ],
        ],
      },
    ],
  });
});

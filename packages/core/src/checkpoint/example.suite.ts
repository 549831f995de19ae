import { bytesOf, sha256 } from '../hash.js';
import { modelHash, zoo } from '../model/index.js';
import type { Checkpoint } from './checkpoint.js';

/** A small whole checkpoint for tests; two weights of 2x3 and 4, of which the second is not trained. */
export function exampleCheckpoint(changes: {
  epoch?: number;
  step?: number;
  weights?: Float32Array;
}): Checkpoint {
  const { epoch = 1, step = 20, weights = new Float32Array(10).fill(0.5) } = changes;
  const model = zoo.mlp!;
  return {
    header: {
      lockstepVersion: '0.1.0',
      createdAt: '2026-01-02T03:04:05.678Z',
      runId: 'run-1',
      cursor: { epoch, step, position: 0 },
      seed: 42,
      learningRate: 0.001,
      epochSums: { loss: { sum: 1.5, count: 3 }, accuracy: { sum: 2, count: 3 } },
      history: [{ epoch: 0, logs: { loss: 0.5, accuracy: 0.75 } }],
      callbacks: { epochBegun: 1, callbacks: {} },
      model,
      modelHash: modelHash(model),
      datasetHash: 'abc',
      config: { batchSize: 32, callbacks: ['a'] },
      parameters: [
        { name: 'kernel', shape: [2, 3], trainable: true },
        { name: 'moving_mean', shape: [4], trainable: false },
      ],
      weightsSha256: sha256(bytesOf(weights)),
      worldSize: 2,
      collective: 'ring',
      finished: null,
    },
    weights,
    optimizer: {
      iterations: step,
      slots: { momentum: new Float32Array(6).fill(1), velocity: new Float32Array(6).fill(2) },
    },
    remembered: new Float32Array(10).fill(-1),
  };
}

import type { Tensors } from './codec.js';
import type { CoordinatorKind, Header, WorkerKind } from './messages.js';
import { protocolVersion } from './messages.js';

type Examples<Kind extends WorkerKind | CoordinatorKind> = {
  [K in Kind]: { header: Header<K>; tensors?: Tensors };
};

const scope = { run: 'run-1', generation: 2 };
const sha = 'ab'.repeat(32);
const metrics = { loss: { sum: 12.5, count: 16 }, accuracy: { sum: 7, count: 16 } };

/** One valid message of every kind: adding a kind without an example does not compile. */
export const workerExamples: Examples<WorkerKind> = {
  hello: {
    header: {
      kind: 'hello',
      protocol: protocolVersion,
      version: '0.1.0',
      host: 'a',
      pid: 7,
      engine: 'cpu',
      device: 'cpu (JavaScript)',
      slot: 1,
      expects: { run: 'run-1', modelHash: sha },
    },
  },
  ready: {
    header: {
      kind: 'ready',
      ...scope,
      modelHash: sha,
      parameters: [{ name: 'dense/kernel', shape: [3, 3], trainable: true }],
      samples: 'local',
      peer: { address: 'tcp://10.0.0.7:4711', host: 'a' },
      holds: {
        cursor: { epoch: 1, step: 30, position: 640 },
        updates: 29,
        learningRate: 0.001,
        epochSums: { loss: { sum: 3, count: 640 } },
      },
    },
  },
  linked: {
    header: {
      kind: 'linked',
      ...scope,
      request: 2,
      milliseconds: null,
      failure: { code: 'SHARED_MEMORY', message: 'no room' },
    },
  },
  probe: {
    header: { kind: 'probe', ...scope, request: 2, round: 1 },
    tensors: { gradient: Float32Array.of(0, 0) },
  },
  state: {
    header: { kind: 'state', ...scope, request: 3, iterations: 4 },
    tensors: { weights: Float32Array.of(1, 2, 3), 'slot:momentum': Float32Array.of(4, 5, 6) },
  },
  hash: { header: { kind: 'hash', ...scope, request: 3, weightsSha256: sha } },
  contribution: {
    header: {
      kind: 'contribution',
      ...scope,
      step: 5,
      samples: 16,
      metrics,
      times: [1_000_000, 1, 2, 3, 4, 5, 6],
    },
    tensors: { gradient: Float32Array.of(0.5, -0.25) },
  },
  evaluated: { header: { kind: 'evaluated', ...scope, request: 1, metrics } },
  'data-request': {
    header: {
      kind: 'data-request',
      ...scope,
      request: 1,
      split: 'train',
      epoch: 0,
      ranges: [{ begin: 0, end: 9 }],
    },
  },
  pong: {
    header: { kind: 'pong', ...scope, step: 5, waitingFor: [1], askedAt: 10, answeredAt: 11 },
  },
  failed: {
    header: { kind: 'failed', ...scope, code: 'INTERNAL', message: 'it broke', hint: 'mend it' },
  },
  leaving: { header: { kind: 'leaving', ...scope, reason: 'SIGTERM' } },
};

export const coordinatorExamples: Examples<CoordinatorKind> = {
  welcome: {
    header: {
      kind: 'welcome',
      ...scope,
      seed: 1,
      batchSize: 32,
      optimizer: {
        name: 'adam',
        learningRate: 0.001,
        beta1: 0.9,
        beta2: 0.999,
        epsilon: 1e-7,
        amsgrad: false,
      },
      precision: 'float32',
      model: {
        name: 'cnn',
        loss: 'sparse_categorical_crossentropy',
        topology: { class_name: 'Sequential', config: { layers: [] } },
      },
      dataset: {
        name: 'mnist',
        hash: sha,
        trainSize: 60_000,
        validationSize: 0,
        testSize: 10_000,
        imageShape: [28, 28, 1],
        classes: 10,
      },
      peers: true,
      compression: 'none',
      accumulate: 2,
      logEvery: 100,
      shardOptimizer: false,
      onNaN: 'stop',
      hasCheckpoint: true,
      stepTimeoutMs: 60_000,
      pingIntervalMs: 1000,
    },
  },
  refuse: { header: { kind: 'refuse', code: 'CLUSTER_FULL', message: 'full' } },
  assign: {
    header: {
      kind: 'assign',
      ...scope,
      rank: 0,
      worldSize: 2,
      peers: [{ address: null, host: 'a' }, null],
      channel: 'c0',
    },
  },
  link: { header: { kind: 'link', ...scope, request: 2, collective: 'star', measure: true } },
  probed: {
    header: { kind: 'probed', ...scope, request: 2, round: 1 },
    tensors: { gradient: Float32Array.of(0, 0) },
  },
  'send-state': { header: { kind: 'send-state', ...scope, request: 1, weights: true } },
  'load-state': {
    header: { kind: 'load-state', ...scope, request: 1, step: 0, iterations: 0 },
    tensors: { weights: Float32Array.of(1, 2, 3) },
  },
  'send-hash': { header: { kind: 'send-hash', ...scope, request: 1 } },
  train: {
    header: {
      kind: 'train',
      ...scope,
      epoch: 0,
      position: 0,
      step: 0,
      epochSums: {},
      learningRate: 0.001,
      scaling: { factor: 4, warmUpSteps: 10 },
      until: 200,
      reportEvery: 4,
    },
  },
  averaged: {
    header: { kind: 'averaged', ...scope, step: 5, proceed: true, epochSums: {} },
    tensors: { gradient: Float32Array.of(0.5, -0.25) },
  },
  halt: { header: { kind: 'halt', ...scope } },
  evaluate: {
    header: { kind: 'evaluate', ...scope, request: 1, split: 'test', range: { begin: 0, end: 10 } },
  },
  'data-chunk': {
    header: { kind: 'data-chunk', ...scope, request: 1 },
    tensors: { images: Uint8Array.of(1, 2, 3, 4), labels: Uint8Array.of(1) },
  },
  ping: { header: { kind: 'ping', ...scope, askedAt: 10 } },
  stop: { header: { kind: 'stop', ...scope, code: null, message: 'done' } },
};

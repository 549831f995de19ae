import { afterAll, beforeAll } from 'vitest';
import type { Engine } from '../../packages/worker/src/engine/engine.js';
import { expectAgreement } from '../../packages/worker/src/engine/tensorflow/agreement.suite.js';
import { describeWithLibrary } from '../../packages/worker/src/engine/tensorflow/library.suite.js';
import { createTensorflowEngine } from '../../packages/worker/src/engine/tensorflow/tensorflow.js';

/** The other networks are tested beside the engine; this one has 3 million weights, and dropout. */
describeWithLibrary('captured and op by op, the deep network agrees', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await createTensorflowEngine({ automatic: false });
  });
  afterAll(() => engine.dispose());

  expectAgreement('deep', 8, () => engine);
});

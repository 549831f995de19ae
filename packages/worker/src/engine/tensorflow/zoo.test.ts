import { afterAll, beforeAll } from 'vitest';
import type { Engine } from '../engine.js';
import { expectAgreement } from './agreement.suite.js';
import { describeWithLibrary } from './library.suite.js';
import { createTensorflowEngine } from './tensorflow.js';

/** `deep`, which takes longer, is in test/equivalence. */
describeWithLibrary('captured and op by op, the networks of the house agree', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await createTensorflowEngine({ automatic: false });
  });
  afterAll(() => engine.dispose());

  expectAgreement('cnn', 16, () => engine);
  expectAgreement('mlp', 32, () => engine);
  expectAgreement('tiny', 32, () => engine);
});

import { engineContract } from '../contract.suite.js';
import { describeWithLibrary } from './library.suite.js';
import { createTensorflowEngine } from './tensorflow.js';

describeWithLibrary('libtensorflow', () =>
  engineContract('tensorflow', () => createTensorflowEngine({ automatic: false })),
);

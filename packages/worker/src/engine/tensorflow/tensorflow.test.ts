import { engineContract } from '../contract.suite.js';
import { createTensorflowEngine } from './tensorflow.js';

engineContract('tensorflow', () => createTensorflowEngine({ automatic: false }));

import { setTestEnvs } from '@tensorflow/tfjs-core/dist/jasmine_util.js';
import { improveKernels } from '../../packages/tensorflow/src/backend/kernels.js';

improveKernels();

/** The environment that tfjs-node's own run of these suites sets: dist/run_tests.js. */
setTestEnvs([{ name: 'test-tensorflow', backendName: 'tensorflow', flags: {}, isDataSync: true }]);

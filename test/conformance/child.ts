// Order matters: each import runs on what the ones before it have set up.
import './start.js';
import '@tensorflow/tfjs-node-gpu/dist/index.js';
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import './environment.js';
import '@tensorflow/tfjs-core/dist/tests.js';
import '@tensorflow/tfjs-node-gpu/dist/callbacks_test.js';
import '@tensorflow/tfjs-node-gpu/dist/canvas_test.js';
import '@tensorflow/tfjs-node-gpu/dist/image_test.js';
import '@tensorflow/tfjs-node-gpu/dist/index_test.js';
import '@tensorflow/tfjs-node-gpu/dist/int64_tensors_test.js';
import '@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend_test.js';
import '@tensorflow/tfjs-node-gpu/dist/saved_model_test.js';
import '@tensorflow/tfjs-node-gpu/dist/tensorboard_test.js';
import '@tensorflow/tfjs-node-gpu/dist/tfjs_binding_test.js';
import '@tensorflow/tfjs-node-gpu/dist/io/file_system_test.js';
import '@tensorflow/tfjs-node-gpu/dist/io/io_utils_test.js';
import '@tensorflow/tfjs-node-gpu/dist/io/node_http_test.js';
import { runSpecs } from './runSpecs.js';

await runSpecs();

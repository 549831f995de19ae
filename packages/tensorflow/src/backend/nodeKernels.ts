import { createRequire } from 'node:module';
import type { KernelBackend, Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import type { OpAttribute } from './attributes.js';
import type { Binding, TensorMetadata } from './binding.js';
import { improveKernels } from './kernels.js';
import { supplyRemovedFunctions } from './removedFunctions.js';

/** `NodeJSKernelBackend` of tfjs-node-gpu/dist/nodejs_kernel_backend.d.ts, as far as it is used here. */
export interface NodeBackend extends KernelBackend {
  /** Every op goes through it, so that a trace can put its own in its place. */
  binding: Pick<Binding, 'createTensor' | 'deleteTensor' | 'tensorDataSync' | 'executeOp'>;
  /** The binding's numbers of tensors; values that wait on the host are handed over first. */
  getInputTensorIds(tensors: readonly TensorInfo[]): number[];
  createOutputTensor(metadata: TensorMetadata): Tensor;
  executeSingleOutput(
    name: string,
    attributes: readonly OpAttribute[],
    inputs: readonly TensorInfo[],
  ): Tensor;
  executeMultipleOutputs(
    name: string,
    attributes: readonly OpAttribute[],
    inputs: readonly TensorInfo[],
    outputCount: number,
  ): Tensor[];
}

type NodeBackendClass = new (binding: Binding, packageName: string) => NodeBackend;

/**
 * The kernels of tfjs-node-gpu, about 155, written in JavaScript over ops of TensorFlow. Its index is left
 * alone: that wants the compiled addon. The package is CommonJS, and so is what Node loads for tfjs-core:
 * both sides share one instance of it.
 */
export function loadNodeKernels(): NodeBackendClass {
  supplyRemovedFunctions();
  const require = createRequire(import.meta.url);
  const loaded = require('@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend') as {
    readonly NodeJSKernelBackend: NodeBackendClass;
  };
  require('@tensorflow/tfjs-node-gpu/dist/register_all_kernels');
  improveKernels();
  return loaded.NodeJSKernelBackend;
}

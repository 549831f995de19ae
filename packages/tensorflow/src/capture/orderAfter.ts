import { backend, clone, type Tensor } from '@tensorflow/tfjs-core';
import type { NodeBackend } from '../backend/index.js';
import { Tracer } from './tracer.js';

/**
 * The same tensor, but in a captured graph nothing that uses it is begun before the others are done. Op by
 * op it is so anyway.
 */
export function orderAfter<Any extends Tensor>(tensor: Any, others: readonly Tensor[]): Any {
  const { binding } = backend() as NodeBackend;
  const tracer = Tracer.behind(binding);
  if (tracer === undefined) return clone(tensor);
  const node = backend() as NodeBackend;
  const [id, ...earlier] = node.getInputTensorIds([tensor, ...others]);
  return node.createOutputTensor(tracer.orderAfter(id!, earlier)) as Any;
}

import { isFiniteArray } from '@lockstep/core';
import type { MetricSums } from '@lockstep/core/metrics';

/** Whether the loss, and every element of the gradient, is a number. */
export const isFinitePart = (gradient: Float32Array, { loss }: MetricSums): boolean =>
  Number.isFinite(loss?.sum ?? 0) && isFiniteArray(gradient);

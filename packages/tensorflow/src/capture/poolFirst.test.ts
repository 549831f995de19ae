import {
  add,
  grad,
  grads,
  maxPool,
  mul,
  relu,
  sum,
  type Tensor,
  type Tensor1D,
  type Tensor4D,
  tensor,
  util,
} from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import type { TensorFlow } from '../backend/index.js';
import { describeWithLibrary } from '../testing.suite.js';
import { bothOf, inputOf, startForCapture } from './capture.suite.js';
import type { TensorFunction } from './trace.js';

type Scalar = ReturnType<typeof sum>;

/** A different factor for each element, so that no two of them can be mixed up. */
function weighed(x: Tensor): Scalar {
  const size = util.sizeFromShape(x.shape);
  const factors = Float32Array.from({ length: size }, (_, i) => ((7 * i) % 11) - 5);
  return sum(mul(x, tensor(factors, x.shape)));
}

/** Windows that overlap, leave gaps, or stand out of the image; of images with many equal elements. */
const cases = fc
  .tuple(
    fc.integer({ min: 1, max: 2 }),
    fc.integer({ min: 3, max: 6 }),
    fc.integer({ min: 3, max: 6 }),
    fc.integer({ min: 1, max: 3 }),
  )
  .chain((shape) =>
    fc.record({
      x: inputOf(shape, 2),
      bias: inputOf([shape[3]], 2),
      size: fc.integer({ min: 1, max: 3 }),
      stride: fc.integer({ min: 1, max: 3 }),
      pad: fc.constantFrom('same' as const, 'valid' as const),
      usedElsewhere: fc.boolean(),
    }),
  );

describeWithLibrary('a max pooling after a relu', (library) => {
  let tensorflow: TensorFlow;
  beforeAll(async () => {
    tensorflow = await startForCapture(library);
  });

  it('is the same, and so are its gradients, also where the relu is used elsewhere', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ x, bias, size, stride, pad, usedElsewhere }) => {
        const work: TensorFunction = (given) => {
          const loss = (image: Tensor4D, offset: Tensor1D): Scalar => {
            const hidden = relu(add<Tensor4D>(image, offset));
            const pooled = weighed(maxPool(hidden, size, stride, pad));
            return usedElsewhere ? add(pooled, weighed(hidden)) : pooled;
          };
          const inputs = [given.x as Tensor4D, given.bias as Tensor1D] as const;
          const [image, offset] = grads(loss as (...tensors: Tensor[]) => Scalar)([...inputs]);
          return { value: loss(...inputs), image: image!, offset: offset! };
        };
        const [captured, eager] = await bothOf(tensorflow, work, { x, bias });
        expect(captured).toEqual(eager);
      }),
      { numRuns: 60 },
    );
  });

  it('has the same gradient for the relu itself, of which a window of zeros gives some', async () => {
    const work: TensorFunction = ({ x }) => {
      const poolingOf = (hidden: Tensor) => weighed(maxPool(hidden as Tensor4D, 2, 2, 'same'));
      return { hidden: grad(poolingOf)(relu(x!)) };
    };
    await fc.assert(
      fc.asyncProperty(inputOf([1, 4, 4, 2], 2), async (x) => {
        const [captured, eager] = await bothOf(tensorflow, work, { x });
        expect(captured).toEqual(eager);
      }),
      { numRuns: 20 },
    );
  });
});

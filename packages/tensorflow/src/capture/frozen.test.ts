import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  add,
  matMul,
  type NamedTensorMap,
  relu,
  reshape,
  type Tensor2D,
  tensor,
  tidy,
  type Variable,
  variable,
} from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { TensorFlow } from '../backend/index.js';
import { dataType } from '../native/dataTypes.js';
import { describeWithLibrary } from '../testing.suite.js';
import { counts, refusalOf, startForCapture } from './capture.suite.js';
import { FrozenFunction } from './frozen.js';

describeWithLibrary('a frozen function', (library) => {
  let tensorflow: TensorFlow;
  let kernel: Variable;
  let folder: string;

  beforeAll(async () => {
    tensorflow = await startForCapture(library);
    folder = await mkdtemp(join(tmpdir(), 'lockstep-frozen-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  beforeEach(() => {
    kernel = tidy(() => variable(tensor([1, -1, 2, -2, 3, -3, 4, -4], [4, 2])));
    return () => kernel.dispose();
  });

  /** relu(x k) + 1 for images of 2 by 2. */
  const dense = ({ x }: NamedTensorMap): NamedTensorMap => {
    const rows = reshape(x!, [x!.shape[0]!, 4]) as Tensor2D;
    return { y: add(relu(matMul(rows, kernel as unknown as Tensor2D)), 1) };
  };
  const frozen = (work = dense) =>
    new FrozenFunction(tensorflow, work, { inputs: { x: [2, 2] }, variables: [kernel] });

  const images = Float32Array.of(1, 0, 0, 0, 0, 1, 0, 0, -1, 0, 0, -1);
  const results = [2, 1, 3, 1, 1, 6];

  it('computes the same in batches of every size', async () => {
    const one = frozen();
    const { y } = await one.run({ x: images }, 3);
    expect(Array.from(y!)).toEqual(results);
    const first = await one.run({ x: images.subarray(0, 4) }, 1);
    expect(Array.from(first.y!)).toEqual(results.slice(0, 2));
    await one.delete();
  });

  it('has the values that its variables had', async () => {
    const one = frozen();
    kernel.assign(tensor(new Float32Array(8), [4, 2]));
    const { y } = await one.run({ x: images }, 3);
    expect(Array.from(y!)).toEqual(results);
    await one.delete();
  });

  it('is loaded by TensorFlow as a saved model', async () => {
    const one = frozen();
    const bytes = one.savedModel();
    await one.delete();
    await writeFile(join(folder, 'saved_model.pb'), bytes);
    const result = /Identity_\d+:0/.exec(Buffer.from(bytes).toString('latin1'))![0];
    const { binding } = tensorflow;
    const model = binding.loadSavedModel(folder, 'serve');
    const input = binding.createTensor([3, 2, 2], dataType.float32, images);
    const [y] = binding.runSavedModel(model, [input], 'Placeholder_0:0', result);
    expect(y!.shape).toEqual([3, 2]);
    expect(Array.from(binding.tensorDataSync(y!.id) as Float32Array)).toEqual(results);
    binding.deleteSavedModel(model);
  });

  it('cannot change a variable, which keeps its value', async () => {
    const refused = await refusalOf(() =>
      frozen(({ x }) => {
        kernel.assign(add(kernel, 1));
        return { y: x! };
      }),
    );
    expect(refused.message).toContain(`changes the variable '${kernel.name}'`);
    expect(kernel.dataSync()[0]).toBe(1);
  });

  it('leaves nothing behind, whether it can be made or not', async () => {
    // The first look at a value made on the host hands it over.
    await frozen().delete();
    const before = counts(tensorflow);
    await frozen().delete();
    await refusalOf(() => frozen(({ x }) => ({ y: tensor(x!.dataSync()) })));
    expect(counts(tensorflow)).toEqual(before);
  });
});

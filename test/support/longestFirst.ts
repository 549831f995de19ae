import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Each takes more than half a minute. */
const longest = [
  'test/equivalence/workers.test.ts',
  'test/equivalence/reproducible.test.ts',
  'test/equivalence/averaging.test.ts',
  'test/faults/lostProcess.test.ts',
  'test/faults/elastic.test.ts',
  'test/e2e/examples.test.ts',
  'packages/worker/src/engine/webgpu/webgpu.test.ts',
  'test/e2e/badInput.test.ts',
  'test/equivalence/systems.test.ts',
  'test/faults/killWorker.test.ts',
  'test/e2e/seeing.test.ts',
];

/** The long files are begun first: the last file to be begun is alone at the end, and should be short. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const placeOf = ({ moduleId }: TestSpecification): number => {
      const place = longest.indexOf(relative(this.ctx.config.root, moduleId));
      return place < 0 ? longest.length : place;
    };
    return (await super.sort(files)).sort((a, b) => placeOf(a) - placeOf(b));
  }
}

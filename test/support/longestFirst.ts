import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Those of a third of a minute and more. Vitest goes by the size of a file, and would begin some of these last. */
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
  'test/faults/proxied.test.ts',
  'test/e2e/modelFiles.test.ts',
  'test/faults/paused.test.ts',
  'test/equivalence/captured.test.ts',
  'test/simulator/guards.test.ts',
  'test/e2e/cluster.test.ts',
  'test/faults/network.test.ts',
  'test/equivalence/dropout.test.ts',
  'test/e2e/webgpu.test.ts',
];

/** The long files are begun first: the last one to be begun is alone at the end, and should take little time. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const placeOf = ({ moduleId }: TestSpecification): number => {
      const place = longest.indexOf(relative(this.ctx.config.root, moduleId));
      return place < 0 ? longest.length : place;
    };
    return (await super.sort(files)).sort((a, b) => placeOf(a) - placeOf(b));
  }
}

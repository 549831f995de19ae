import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithLibrary } from '../../packages/tensorflow/src/testing.suite.js';
import { type LeftOut, leftOutAsByStock, uncertain, withoutFiles } from './leftOut.js';
import type { SpecResult } from './runSpecs.js';
import { runSuites } from './runSuites.js';
import { stockList } from './stockList.js';

const specsOf = (groups: readonly LeftOut[]) => groups.flatMap(({ specs }) => specs);
const names = (results: readonly SpecResult[]) => results.map(({ name }) => name);

describeWithLibrary('the suites of tfjs-core and tfjs-node on our binding', (library) => {
  let directory: string;
  let results: SpecResult[];
  let failed: SpecResult[];

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'lockstep-conformance-'));
    results = await runSuites(library, directory);
    failed = results.filter(({ status }) => status === 'failed');
  });

  afterAll(() => rm(directory, { recursive: true, force: true }));

  it('ran, some four thousand specs', () => {
    const passed = results.filter(({ status }) => status === 'passed');
    expect(passed.length).toBeGreaterThan(4050);
  });

  it('fails no spec but those that are left out', () => {
    const known = new Set([
      ...specsOf(leftOutAsByStock),
      ...specsOf(uncertain),
      ...withoutFiles.specs,
    ]);
    expect(failed.filter(({ name }) => !known.has(name))).toEqual([]);
  });

  it('leaves out no spec that works', () => {
    const failedNames = new Set(names(failed));
    const known = [...specsOf(leftOutAsByStock), ...withoutFiles.specs];
    expect(known.filter((name) => !failedNames.has(name))).toEqual([]);
  });

  it('leaves out no spec that tfjs-node runs', async () => {
    const stock = await stockList();
    const known = [...specsOf(leftOutAsByStock), ...specsOf(uncertain)];
    expect(known.filter((name) => !stock.some((part) => name.includes(part)))).toEqual([]);
  });

  it('lacks files where it says so', () => {
    const lacking = failed.filter(({ name }) => withoutFiles.specs.includes(name));
    const found = lacking.filter(({ failures }) => !/test_objects/.test(failures.join()));
    expect(found).toEqual([]);
  });
});

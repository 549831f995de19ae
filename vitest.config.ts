import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/longestFirst.js';
import { softwareGpu } from './test/support/softwareGpu.js';

/** Unit tests run on the TypeScript sources; integration tests start the built programs. */
const fromSource = {
  resolve: { conditions: ['@lockstep/source', 'node', 'import', 'default'] },
  ssr: { resolve: { conditions: ['@lockstep/source', 'node', 'import', 'default'] } },
};

const unit = (name: string, options: { env?: Record<string, string>; isolate?: false } = {}) => ({
  ...fromSource,
  test: {
    name,
    root: `packages/${name}`,
    include: ['src/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    ...options,
  },
});

/**
 * No file of these leaves anything to the next one, so that they can share a process, and what it has loaded. Others
 * set variables of the environment, load native libraries, or count what is mapped into their process.
 */
const shared = { isolate: false } as const;

/** Tests that start clusters of their own. */
const clusters = (name: string, test: object) => ({
  ...fromSource,
  test: { name, testTimeout: 180_000, hookTimeout: 180_000, ...test },
});

/** Says which rank is late by milliseconds: that must not depend on what else runs. */
const alone = ['test/faults/straggler.test.ts'];

/** A cluster leaves half of two cores idle while it starts, ends and waits for deadlines: two files at a time. */
const inPairs = { maxWorkers: 2, sequence: { groupOrder: 1 } };

export default defineConfig({
  test: {
    // Every core: by default one is left to the machine's user.
    maxWorkers: '100%',
    sequence: { sequencer: LongestFirst },
    projects: [
      unit('core'),
      unit('formats', shared),
      unit('tensorflow'),
      unit('worker', { env: softwareGpu() }),
      unit('coordinator', shared),
      unit('cli'),
      unit('report', shared),
      unit('simulator', shared),
      { test: { name: 'bench', include: ['bench/**/*.test.mjs'] } },
      clusters('integration', {
        include: ['test/**/*.test.ts'],
        exclude: ['test/soak/**', 'test/faults/**'],
        ...inPairs,
      }),
      clusters('faults', { include: ['test/faults/**/*.test.ts'], exclude: alone, ...inPairs }),
      clusters('faults alone', { include: alone, fileParallelism: false }),
      clusters('soak', {
        include: ['test/soak/*.test.ts'],
        testTimeout: 600_000,
        hookTimeout: 600_000,
        fileParallelism: false,
      }),
    ],
  },
});

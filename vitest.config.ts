import { defineConfig } from 'vitest/config';
import { softwareGpu } from './test/support/softwareGpu.js';

/** Unit tests run on the TypeScript sources; integration tests start the built programs. */
const fromSource = {
  resolve: { conditions: ['@lockstep/source', 'node', 'import', 'default'] },
  ssr: { resolve: { conditions: ['@lockstep/source', 'node', 'import', 'default'] } },
};

const unit = (name: string, env: Record<string, string> = {}) => ({
  ...fromSource,
  test: { name, root: `packages/${name}`, include: ['src/**/*.test.ts'], testTimeout: 30_000, env },
});

/** Tests that start clusters of their own. */
const clusters = (name: string, test: object) => ({
  ...fromSource,
  test: { name, testTimeout: 180_000, hookTimeout: 180_000, ...test },
});

export default defineConfig({
  test: {
    projects: [
      unit('core'),
      unit('formats'),
      unit('tensorflow'),
      unit('worker', softwareGpu()),
      unit('coordinator'),
      unit('cli'),
      unit('report'),
      unit('simulator'),
      { test: { name: 'bench', include: ['bench/**/*.test.mjs'] } },
      // A cluster leaves half of two cores idle while it starts, ends and waits for deadlines: two files at a time.
      clusters('integration', {
        include: ['test/**/*.test.ts'],
        exclude: ['test/soak/**', 'test/faults/**'],
        maxWorkers: 2,
        sequence: { groupOrder: 1 },
      }),
      // Who is late, or lost, must not depend on what else runs.
      clusters('faults', { include: ['test/faults/**/*.test.ts'], fileParallelism: false }),
      clusters('soak', {
        include: ['test/soak/*.test.ts'],
        testTimeout: 600_000,
        hookTimeout: 600_000,
        fileParallelism: false,
      }),
    ],
  },
});

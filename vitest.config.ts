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
      {
        ...fromSource,
        test: {
          name: 'integration',
          include: ['test/**/*.test.ts'],
          exclude: ['test/soak/**'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          // Each test starts a cluster of its own; two of them would share two cores.
          fileParallelism: false,
        },
      },
      {
        ...fromSource,
        test: {
          name: 'soak',
          include: ['test/soak/*.test.ts'],
          testTimeout: 600_000,
          hookTimeout: 600_000,
          fileParallelism: false,
        },
      },
    ],
  },
});

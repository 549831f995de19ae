import { createRequire } from 'node:module';
import { expect, it } from 'vitest';
import { createEngine, engineNames, probeEngines } from './registry.js';

/** The packages are CommonJS: what has been loaded stands in the module cache of the process. */
function loadedTensorLibraries(): string[] {
  const { cache } = createRequire(import.meta.url);
  return Object.keys(cache).filter((path) => path.includes('@tensorflow'));
}

it('loads no tensor library before an engine is made', async () => {
  expect(loadedTensorLibraries()).toEqual([]);
  const engine = await createEngine('cpu');
  expect(loadedTensorLibraries()).not.toEqual([]);
  await engine.dispose();
});

it('makes every engine by its name, and the first of them as auto', async () => {
  expect(engineNames).toEqual(['auto', 'wasm', 'cpu']);
  for (const name of engineNames) {
    const engine = await createEngine(name);
    expect(engine.description.name).toBe(name === 'auto' ? 'wasm' : name);
    await engine.dispose();
  }
});

it('refuses an unknown name with the names that there are', async () => {
  await expect(createEngine('abacus')).rejects.toMatchObject({
    code: 'USAGE',
    message: "there is no engine 'abacus'",
    hint: 'Use one of: auto, wasm, cpu.',
  });
});

it('probes every engine', async () => {
  expect(await probeEngines()).toEqual([
    { name: 'wasm', works: true, device: expect.stringContaining('wasm') },
    { name: 'cpu', works: true, device: 'cpu (JavaScript)' },
  ]);
});

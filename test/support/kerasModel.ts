import { readFileSync } from 'node:fs';

const golden = new URL('../../packages/worker/src/model/keras.golden.json', import.meta.url);

/**
 * A functional model with branches, as Keras 3 writes it, for images of 28 x 28 and ten classes. Keras made it for
 * those of 6 x 6 and three.
 */
export function kerasModel(): string {
  const { cases } = JSON.parse(readFileSync(golden, 'utf8')) as {
    cases: { name: string; topology: unknown }[];
  };
  const found = cases.find(({ name }) => name === 'a functional model with branches')!;
  return JSON.stringify(found.topology)
    .replaceAll('"batch_shape":[null,6,6,1]', '"batch_shape":[null,28,28,1]')
    .replaceAll('"units":3', '"units":10');
}

import { expect, test } from 'vitest';
import { timed } from './timed.mjs';

const program = (script) => [process.execPath, '--eval', script];

test('a program is timed from its start to its end', async () => {
  const { seconds, output } = await timed(program('setTimeout(() => console.log("done"), 50)'));
  expect(seconds).toBeGreaterThan(0.05);
  expect(output).toBe('done\n');
});

test('a line is timed when it begins', async () => {
  const late = 'console.log("not yet"); setTimeout(() => console.log("end"), 150)';
  const { seconds, marked } = await timed(program(`console.log("now: 1"); ${late}`), 'now');
  expect(seconds - marked).toBeGreaterThan(0.1);
  expect(await timed(program('console.log("not now")'), 'now')).toMatchObject({ marked: null });
});

test('one that does not end well is named by its last words, or by how it ended', async () => {
  const failing = program('console.error("first\\nno data"); process.exitCode = 2');
  await expect(timed(failing)).rejects.toThrow('no data');
  await expect(timed(program('process.exit(3)'))).rejects.toThrow('ended with 3');
  await expect(timed(['/no/such/program'])).rejects.toThrow('ENOENT');
});

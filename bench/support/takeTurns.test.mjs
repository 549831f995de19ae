import { expect, test } from 'vitest';
import { takeTurns } from './takeTurns.mjs';

/** A program that measures what it is told, one number a line, and then breaks. */
const program = (name, rates) => ({
  label: name,
  command: [
    process.execPath,
    '--input-type=module',
    '--eval',
    `import { createInterface } from 'node:readline';
     const rates = ${JSON.stringify(rates)};
     console.log(JSON.stringify({ ready: '${name}', version: '${name} 1.0' }));
     for await (const _ of createInterface({ input: process.stdin })) {
       if (rates.length === 0) { console.error('out of numbers'); process.exit(3); }
       console.log(JSON.stringify({ imagesPerSecond: rates.shift() }));
     }`,
  ],
});

test('everybody is measured once a round', async () => {
  const entries = await takeTurns('test', [program('a', [1, 2, 3]), program('b', [4, 5, 6])], 3);
  expect(entries).toEqual([
    { label: 'a', version: 'a 1.0', rates: [1, 2, 3] },
    { label: 'b', version: 'b 1.0', rates: [4, 5, 6] },
  ]);
});

test('who cannot start, or breaks, is left without figures and with the reason; the rest goes on', async () => {
  const silent = { label: 'silent', command: [process.execPath, '--eval', ''] };
  const chatty = {
    label: 'chatty',
    command: [process.execPath, '--eval', 'console.log("hello"); setInterval(() => {}, 1000)'],
  };
  const absent = { label: 'absent', command: ['/no/such/program'] };
  const refused = { label: 'refused', reason: 'too large' };
  const candidates = [program('a', [1, 2]), program('brief', [7]), silent, chatty, absent, refused];
  expect(await takeTurns('test', candidates, 2)).toEqual([
    { label: 'a', version: 'a 1.0', rates: [1, 2] },
    { label: 'brief', reason: 'out of numbers' },
    { label: 'silent', reason: 'it ended with 0' },
    { label: 'chatty', reason: expect.stringContaining('JSON') },
    { label: 'absent', reason: expect.stringContaining('ENOENT') },
    { label: 'refused', reason: 'too large' },
  ]);
});

test('what is more than a program starts itself, and says what counts', async () => {
  const times = [2, 4];
  const stopped = [];
  const start = async () => ({
    name: 'many',
    version: 'many 1.0',
    measure: async () => ({ seconds: times.shift() }),
    stop: async () => stopped.push('many'),
  });
  const candidates = [{ label: 'many', start }];
  const entries = await takeTurns('test', candidates, 2, ({ seconds }) => 1 / seconds);
  expect(entries).toEqual([{ label: 'many', version: 'many 1.0', rates: [0.5, 0.25] }]);
  expect(stopped).toEqual(['many']);
});

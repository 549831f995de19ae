import { expect, test } from 'vitest';
import { Group } from './group.mjs';

const member = (script) => ({
  command: [
    process.execPath,
    '--input-type=module',
    '--eval',
    `import { createInterface } from 'node:readline';
     const print = (line) => console.log(JSON.stringify(line));
     ${script}`,
  ],
});
const echo = (rank) =>
  member(`
    console.log('a line for people');
    print({ ready: ${rank}, pid: process.pid });
    for await (const line of createInterface({ input: process.stdin })) print({ rank: ${rank}, line });`);
const broken = member(`
  print({ ready: 'broken' });
  for await (const _ of createInterface({ input: process.stdin })) {
    console.error('it broke');
    process.exit(3);
  }`);

const isAlive = (pid) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test('all are asked at once and answer in order', async () => {
  const group = await Group.start([echo(0), echo(1)]);
  expect(group.greetings.map(({ ready }) => ready)).toEqual([0, 1]);
  expect(await group.ask('a')).toEqual([
    { rank: 0, line: 'a' },
    { rank: 1, line: 'a' },
  ]);
  await group.stop();
  for (const { pid } of group.greetings) expect(isAlive(pid)).toBe(false);
});

test('one that breaks takes the others with it, and says why', async () => {
  const group = await Group.start([echo(0), broken]);
  await expect(group.ask('a')).rejects.toThrow('it broke');
  await group.stop();
  expect(isAlive(group.greetings[0].pid)).toBe(false);
});

test('one that does not get ready is named by its last words', async () => {
  const silent = member('console.error("no such data"); process.exit(1);');
  await expect(Group.start([echo(0), silent])).rejects.toThrow('no such data');
});

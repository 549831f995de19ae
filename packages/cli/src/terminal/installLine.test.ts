import type { InstallProgress } from '@lockstep/tensorflow/install';
import { expect, it } from 'vitest';
import { InstallLine } from './installLine.js';

function scene(isTTY: boolean) {
  let written = '';
  let time = 1_000;
  const stream = { write: (text: string) => (written += text), isTTY, columns: 120 };
  const line = new InstallLine(stream, () => time, false);
  const take = (): string => {
    const text = written;
    written = '';
    return text;
  };
  const wait = (milliseconds: number): void => {
    time += milliseconds;
  };
  return { line, take, wait };
}

const at = (stage: InstallProgress['stage'], done: number): InstallProgress => ({
  stage,
  what: 'a.whl',
  done,
  total: 274_000_000,
});

it('writes a line for each stage where there is no terminal', () => {
  const { line, take, wait } = scene(false);
  line.show({ stage: 'waiting', what: 'box, pid 7', done: 0, total: 0 });
  for (let done = 0; done <= 274e6; done += 1e6) {
    line.show(at('fetching', done));
    wait(200);
  }
  line.show(at('unpacking', 1));
  line.end();
  expect(take()).toBe(
    'Waiting for another installation (box, pid 7)\nFetching 274 MB\nUnpacking 274 MB\n',
  );
});

it('draws over one line in a terminal, not too often, and shows the end', () => {
  const { line, take, wait } = scene(true);
  line.show(at('fetching', 0));
  expect(take()).toBe('\rFetching ──────────────────── 0 kB of 274 MB a.whl\u001b[K');
  line.show(at('fetching', 1e6));
  expect(take()).toBe('');
  wait(100);
  line.show(at('fetching', 137e6));
  expect(take()).toContain('━━━━━━━━━━╸───────── 137 MB of 274 MB a.whl');
  line.show(at('fetching', 274e6));
  expect(take()).toContain('274 MB of 274 MB');
  line.show(at('unpacking', 0));
  expect(take()).toMatch(/^\n\rUnpacking /);
  line.end();
  expect(take()).toBe('\n');
});

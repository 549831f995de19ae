import { expect, it } from 'vitest';
import { plainScenario } from './scenario/example.suite.js';
import { simulateCluster, simulateSeed } from './simulate.js';
import { transcriptTo } from './trace/transcript.js';

it('runs a cluster to which nothing happens to its end', async () => {
  const { violation, outcomes } = await simulateCluster(plainScenario());
  expect(violation).toBeNull();
  expect(outcomes).toEqual(['epochs']);
});

it('goes on when a worker is killed, and comes to the same end', async () => {
  const scenario = plainScenario({
    workers: 3,
    minWorkers: 2,
    faults: [{ what: 'crash', who: 1, isSilent: false, backMs: null, when: { messages: 60 } }],
  });
  const lines: string[] = [];
  const { violation, outcomes } = await simulateCluster(
    scenario,
    transcriptTo((line) => lines.push(line)),
  );
  expect(violation).toBeNull();
  expect(outcomes).toEqual(['epochs']);
  expect(lines.join('\n')).toMatch(/worker 1 +is killed[\s\S]*generation 2/);
});

it('repeats a seed to the last word', async () => {
  const transcripts: string[][] = [];
  for (let i = 0; i < 2; i++) {
    const lines: string[] = [];
    await simulateSeed(
      7,
      transcriptTo((line) => lines.push(line)),
    );
    transcripts.push(lines);
  }
  expect(transcripts[0]!.length).toBeGreaterThan(50);
  expect(transcripts[1]).toEqual(transcripts[0]);
});

it('keeps what must be so in some seeds', async () => {
  for (let seed = 1; seed <= 40; seed++) {
    const { violation } = await simulateSeed(seed);
    expect(violation, `seed ${seed}`).toBeNull();
  }
});

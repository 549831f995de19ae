// The programs that bench/scaling.mjs compares: whole training steps with a number of workers, each on a core of its
// own. Each is given as `takeTurns` wants it.

import { rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Cluster } from './cluster.mjs';
import { Group } from './group.mjs';
import { hostOf } from './hosts.mjs';
import { oursCandidate } from './oursCandidate.mjs';
import { benchFolder } from './paths.mjs';
import { temporaryFolder } from './temporaryFolder.mjs';

const ceilingLabel = 'the ceiling: Lockstep, each worker alone';

/** A real cluster of ours. */
export async function startOurs(given) {
  const cluster = await Cluster.start(given);
  const { version, collective, device } = cluster.describe();
  return {
    name: nameOf(given, collective),
    version: `Lockstep ${version} on ${device}`,
    pids: cluster.workerPids,
    ask: async (order) => [await cluster.ask(order)],
    stop: () => cluster.stop(),
  };
}

function nameOf({ workers, isSharded = false }, collective) {
  if (workers === 1) return 'Lockstep';
  return `Lockstep (${collective}${isSharded ? ', sharded optimizer' : ''})`;
}

/** As many single processes at the same time that know nothing of each other: what a cluster could reach at best. */
export function ceilingCandidate({ model, batch, workers, hosts }, seconds) {
  const { command } = oursCandidate('tensorflow', { model, batch, precision: 'float32' }, seconds);
  const start = async () => {
    const members = Array.from({ length: workers }, (_, rank) =>
      hosts.member(hostOf(rank, workers, hosts.count), rank, [...command, '--threads', '1']),
    );
    const group = await Group.start(members);
    return {
      name: ceilingLabel,
      version: group.greetings[0].version,
      measure: async () => {
        const answers = await group.ask();
        return {
          imagesPerSecond: answers.reduce((sum, { imagesPerSecond: rate }) => sum + rate, 0),
        };
      },
      stop: () => group.stop(),
    };
  };
  return { label: ceilingLabel, start };
}

/** A job of several workers that is told what to do, as one program. */
export function jobCandidate({ label, reason, startJob }, given, seconds) {
  if (reason !== undefined) return { label, reason };
  const start = async () => {
    const job = await startJob(given);
    return {
      ...job,
      measure: async () => rateOf(await job.ask({ do: 'measure', seconds }), given),
    };
  };
  return { label, start };
}

/** Ranks (bench/peers/ranks.py) that meet at a new file. */
export async function startDdp(python, given) {
  const folder = temporaryFolder();
  const removed = () => rmSync(folder, { recursive: true });
  try {
    const job = await startRanks(python, 'torch_ddp.py', given, join(folder, 'store'));
    return { ...job, stop: () => job.stop().finally(removed) };
  } catch (error) {
    removed();
    throw error;
  }
}

/** Workers have fixed addresses. */
export async function startMultiWorker(python, given) {
  const ports = await Promise.all(Array.from({ length: given.workers }, freePort));
  const addresses = ports.map((port) => `127.0.0.1:${port}`).join(',');
  return await startRanks(python, 'tf_multiworker.py', given, addresses);
}

async function startRanks(python, script, { model, batch, workers, data, hosts }, meet) {
  const members = Array.from({ length: workers }, (_, rank) => {
    const command = [
      ...[python, join(benchFolder, 'peers', script), '--rank', String(rank)],
      ...['--ranks', String(workers), '--model', model, '--batch', String(batch)],
      ...['--data', data, '--meet', meet],
    ];
    return hosts.member(hostOf(rank, workers, hosts.count), rank, command);
  });
  const group = await Group.start(members);
  const [{ ready, version }] = group.greetings;
  return {
    name: ready,
    version,
    pids: group.pids,
    ask: (order) => group.ask(JSON.stringify(order)),
    stop: () => group.stop(),
  };
}

/** The slowest rank decides. */
export function rateOf(answers, { batch, workers }) {
  const milliseconds = Math.max(...answers.map((answer) => answer.milliseconds));
  return { imagesPerSecond: (1000 * batch * workers * answers[0].steps) / milliseconds };
}

/** It is free again when this returns, and nobody is likely to take it before it is used. */
async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve, reject) => server.once('listening', resolve).once('error', reject));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

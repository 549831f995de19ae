// Real runs that the simulator is held against: the ring over loopback, alone and in training.
import { rmSync } from 'node:fs';
import { AllReduceJob } from './allReduceJob.mjs';
import { thisHost as hosts } from './hosts.mjs';
import { jobCandidate, startOurs } from './scalingPrograms.mjs';
import { median } from './statistics.mjs';
import { takeTurns } from './takeTurns.mjs';
import { writeTrainingFiles } from './trainingFiles.mjs';

const ranksOfRings = [2, 4, 8];
/** Elements. */
const lengths = [256, 25_600, 131_072, 693_962, 3_274_634];
const secondsOfRing = 0.2;

const trained = { model: 'deep', batch: 50 };
const workersOfTraining = [1, 2, 4];
const images = 6000;
const secondsOfTraining = 2;

/** @returns `{ranks, length, milliseconds}`; the sizes take turns */
export async function measureRings(rounds) {
  const points = [];
  for (const ranks of ranksOfRings) {
    const job = await AllReduceJob.start('ring', { hosts, ranks });
    try {
      const taken = lengths.map(() => []);
      for (let round = 0; round < rounds; round++) {
        for (const [i, length] of lengths.entries()) {
          const expectedMs = await job.prepare(length);
          taken[i].push(await job.measure(secondsOfRing, expectedMs));
          await job.release();
        }
      }
      for (const [i, length] of lengths.entries()) {
        points.push({ ranks, length, milliseconds: Number(median(taken[i]).toFixed(4)) });
      }
    } finally {
      await job.stop();
    }
  }
  return points;
}

/** @returns `{model, batch, workers, imagesPerSecond}`; the numbers of workers take turns */
export async function measureTraining(rounds) {
  const data = await writeTrainingFiles(images);
  try {
    const given = { ...trained, images, data, hosts, allReduce: 'ring' };
    const candidates = workersOfTraining.map((workers) =>
      jobCandidate(
        { label: 'ours', startJob: startOurs },
        { ...given, workers },
        secondsOfTraining,
      ),
    );
    const entries = await takeTurns('deep, ring', candidates, rounds);
    return entries.map(({ rates, reason }, i) => {
      if (reason !== undefined) throw new Error(reason);
      const workers = workersOfTraining[i];
      return { ...trained, workers, imagesPerSecond: Math.round(median(rates)) };
    });
  } finally {
    rmSync(data, { recursive: true });
  }
}

import { weightedAverage } from '@lockstep/core/collective';
import { rankSlice } from '@lockstep/core/data';
import { expect, it } from 'vitest';
import { largestBatch, statesOf, unit } from './course.js';

it('comes to whole averages, whoever has which samples', () => {
  for (let size = 1; size <= largestBatch; size++) {
    for (let ranks = 1; ranks <= 5; ranks++) {
      const parts = Array.from({ length: ranks }, (_none, rank) => {
        const { begin, end } = rankSlice({ begin: 0, end: size }, rank, ranks);
        const gradient = new Float32Array(size);
        gradient.fill(unit / (end - begin), begin, end);
        return { gradient, samples: end - begin };
      });
      const average = new Float32Array(size);
      weightedAverage(parts, average);
      const expected = unit / size;
      expect(Number.isInteger(expected)).toBe(true);
      expect([...average]).toEqual(Array.from({ length: size }, () => expected));
      // A ring weights in float32, and rounds.
      const share = (samples: number) => Math.fround(samples / size);
      for (const { gradient, samples } of parts) {
        if (samples === 0) continue;
        const brought = Math.fround(share(samples) * gradient.find((value) => value !== 0)!);
        expect(Math.round(brought)).toBe(expected);
      }
    }
  }
});

it('enters each sample of each epoch once, and knows in which order', () => {
  const course = { seed: 3, trainSize: 7, batchSize: 4, epochs: 2 };
  const states = statesOf(course);
  expect(states).toHaveLength(5);
  const last = states.at(-1)!;
  // Four samples of a batch of 4, and three of the short one, in each epoch.
  const entries = [...last.weights].map((weight) => -weight / unit).sort();
  expect(entries.slice(0, 8)).toEqual(Array(8).fill(0.125));
  expect(entries.slice(8)).toEqual(Array(6).fill(0.5 / 3));
  const histories = states.map(({ history }) => history.join());
  expect(new Set(histories).size).toBe(5);
});

import { expect, it } from 'vitest';
import { parseOptions } from './options.js';

it('has a sensible answer to nothing', () => {
  expect(parseOptions([])).toMatchObject({
    network: '25gbit',
    model: 'deep',
    batch: 50,
    ranks: [1, 2, 4, 8, 16, 32, 64, 128, 256],
    allReduce: ['ring'],
    compression: 'none',
    ranksPerHost: null,
    speed: null,
    write: false,
  });
});

it('takes what it is told', () => {
  const args =
    '--network 1gbit --ranks 2,4 --all-reduce star,halving-doubling --compression bfloat16 --ranks-per-host 8 --speed 20 --json';
  expect(parseOptions(args.split(' '))).toMatchObject({
    network: '1gbit',
    ranks: [2, 4],
    allReduce: ['star', 'halving-doubling'],
    compression: 'bfloat16',
    ranksPerHost: 8,
    speed: 20,
    json: true,
  });
});

it.each([
  ['--batch 0', /--batch takes a number above 0/],
  ['--steps 1.5', /--steps takes a whole number/],
  ['--speed fast', /--speed takes a number/],
  ['--all-reduce ring,square', /no 'square'/],
  ['--compression zip', /no 'zip'/],
  ['--bandwidth 7', /--bandwidth/],
])('refuses %s', (args, message) => {
  expect(() => parseOptions(args.split(' '))).toThrow(
    expect.objectContaining({
      code: 'USAGE',
      message: expect.stringMatching(message),
      hint: expect.stringMatching(/\w/),
    }),
  );
});

import { expect, test } from 'vitest';
import { addressIn } from './cluster.mjs';

test('the address is found in what the coordinator says', () => {
  const line = 'Listening at tcp://10.99.0.1:43127 for 2 workers; start each with';
  expect(addressIn(line)).toBe('tcp://10.99.0.1:43127');
  expect(() => addressIn('error USAGE: no')).toThrow('error USAGE: no');
});

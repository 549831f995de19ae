import { expect, it } from 'vitest';
import { isForThisMachine, isFromOwnPage } from './guard.js';

it.each(['127.0.0.1:7860', 'localhost:1', 'localhost', '[::1]:80'])(
  '%s is this machine',
  (host) => {
    expect(isForThisMachine(host)).toBe(true);
  },
);

it.each([undefined, '', 'example.com', '127.0.0.1.example.com:80', 'localhost:80@example.com'])(
  '%s is not',
  (host) => {
    expect(isForThisMachine(host)).toBe(false);
  },
);

it('knows its own page by its origin', () => {
  const host = '127.0.0.1:7860';
  expect(isFromOwnPage(undefined, host)).toBe(true);
  expect(isFromOwnPage(`http://${host}`, host)).toBe(true);
  expect(isFromOwnPage('http://example.com', host)).toBe(false);
  expect(isFromOwnPage('null', host)).toBe(false);
});

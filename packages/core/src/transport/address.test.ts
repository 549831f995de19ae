import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatTcpAddress, parseTcpAddress } from './address.js';

describe('tcp addresses', () => {
  it.each([
    ['tcp://127.0.0.1:5555', { host: '127.0.0.1', port: 5555 }],
    ['tcp://*:0', { host: '*', port: 0 }],
    ['tcp://worker-3.training_net:65535', { host: 'worker-3.training_net', port: 65_535 }],
    ['tcp://[::1]:80', { host: '::1', port: 80 }],
    ['tcp://[fe80::1%eth0]:80', { host: 'fe80::1%eth0', port: 80 }],
  ])('reads and writes %s', (text, address) => {
    expect(parseTcpAddress(text, 'listen')).toEqual(address);
    expect(formatTcpAddress(address)).toBe(text);
  });

  it.each([
    '',
    '127.0.0.1:5555',
    'http://127.0.0.1:5555',
    'TCP://127.0.0.1:5555',
    'tcp://127.0.0.1',
    'tcp://127.0.0.1:',
    'tcp://:5555',
    'tcp://127.0.0.1:65536',
    'tcp://127.0.0.1:-1',
    'tcp://127.0.0.1:05',
    'tcp://127.0.0.1:5e3',
    'tcp://127.0.0.1:*',
    'tcp://127.0.0.1:5555/',
    'tcp://127.0.0.1:5555 ',
    'tcp://a b:5555',
    'tcp://::1:5555',
    'tcp://[::1]',
    'tcp://[host]:5555',
    'tcp://[127.0.0.1]:5555',
    'tcp://[*]:5555',
    'tcp://**:5555',
    'tcp://user@host:5555',
  ])('refuses %j and shows a right one', (text) => {
    for (const purpose of ['listen', 'connect'] as const) {
      expect(() => parseTcpAddress(text, purpose)).toThrow(
        expect.objectContaining({
          code: 'USAGE',
          message: expect.stringContaining(JSON.stringify(text)),
          hint: expect.stringContaining('tcp://127.0.0.1:5555'),
        }),
      );
    }
  });

  it.each(['tcp://*:5555', 'tcp://127.0.0.1:0'])('lets only a listener say %s', (text) => {
    expect(() => parseTcpAddress(text, 'connect')).toThrow('which only a listener');
    expect(formatTcpAddress(parseTcpAddress(text, 'listen'))).toBe(text);
  });

  it('gives back what it has written', () => {
    const hosts = fc.oneof(fc.ipV4(), fc.ipV6(), fc.domain());
    fc.assert(
      fc.property(hosts, fc.integer({ min: 1, max: 65_535 }), (host, port) => {
        expect(parseTcpAddress(formatTcpAddress({ host, port }), 'connect')).toEqual({
          host,
          port,
        });
      }),
    );
  });
});

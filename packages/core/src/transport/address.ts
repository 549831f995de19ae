import { isIPv6 } from 'node:net';
import { LockstepError } from '../errors.js';

interface TcpAddress {
  /** A name, an IPv4 address, an IPv6 address without its brackets, or `*` for all interfaces. */
  host: string;
  /** 0..65535; 0 asks the system for a free one. */
  port: number;
}

const largestPort = 65_535;
const verbs = { listen: 'listen on', connect: 'connect to' };
const examples = {
  listen:
    'tcp://127.0.0.1:5555, tcp://[::1]:5555, or tcp://*:0 for all interfaces and any free port',
  connect: 'tcp://127.0.0.1:5555, tcp://[::1]:5555 or tcp://training-host:5555',
};

/**
 * Reads `tcp://HOST:PORT`. Only a listener may say `*` (all interfaces) or port 0 (any free one): they
 * say nothing about where to connect to. Throws USAGE with an example of a right address.
 */
export function parseTcpAddress(text: string, purpose: 'listen' | 'connect'): TcpAddress {
  const malformed = (cause: string) =>
    new LockstepError('USAGE', `cannot ${verbs[purpose]} ${JSON.stringify(text)}: ${cause}`, {
      hint: `Write the address like ${examples[purpose]}.`,
    });

  const parts = /^tcp:\/\/(?:\[([^\]]+)\]|([^:[\]]+)):(0|[1-9][0-9]{0,4})$/.exec(text);
  if (parts === null) {
    throw malformed('an address reads tcp://HOST:PORT');
  }
  const [, bracketed, plain = '', digits] = parts;
  const host = bracketed ?? plain;
  const port = Number(digits);

  if (bracketed !== undefined && !isIPv6(bracketed)) {
    throw malformed(`[${bracketed}] is not an IPv6 address`);
  }
  if (bracketed === undefined && plain !== '*' && !/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(plain)) {
    throw malformed(`${JSON.stringify(plain)} is not a host`);
  }
  if (port > largestPort) throw malformed(`ports end at ${largestPort}`);
  if (purpose === 'connect' && host === '*') {
    throw malformed(`* means all interfaces, which only a listener has`);
  }
  if (purpose === 'connect' && port === 0) {
    throw malformed(`port 0 means any free port, which only a listener can pick`);
  }
  return { host, port };
}

/** The inverse of `parseTcpAddress`; an IPv6 address gets its brackets back. */
export function formatTcpAddress({ host, port }: TcpAddress): string {
  return `tcp://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

import { randomBytes } from 'node:crypto';
import { LockstepError, toLockstepError } from '../errors.js';
import { formatTcpAddress, parseTcpAddress } from './address.js';
import { defaultTransportOptions, type Transport } from './transport.js';
import { ZeromqLink } from './zeromqLink.js';
import { ZeromqListener } from './zeromqListener.js';
import { heartbeatOptions, socketOptions } from './zeromqOptions.js';

/** The first pause before connecting again, and the longest it grows to. Milliseconds. */
const reconnect = { reconnectInterval: 50, reconnectMaxInterval: 1_000 };

/**
 * ZeroMQ over TCP: DEALER to ROUTER. Not for worker_threads, where zeromq.js aborts: use processes.
 *
 * The native addon is loaded by the first `listen` or `connect`, so that single-process training and
 * `--help` do without it.
 *
 * A link keeps its identity when ZeroMQ connects it again after a loss, and the listener hands the
 * identity over to the new connection; messages that were on their way may be lost, which the protocol
 * notices and asks for again.
 */
export const zeromqTransport: Transport = {
  name: 'zeromq',

  async listen(address, options) {
    const settings = { ...defaultTransportOptions, ...options };
    const { host, port } = parseTcpAddress(address, 'listen');
    const { Router } = await import('zeromq');
    const socket = new Router({
      ...socketOptions(settings),
      ...heartbeatOptions(settings),
      ipv6: host.includes(':'),
      // Without it, messages to a peer that is gone vanish.
      mandatory: true,
      // How many connections may wait to be accepted; 100 unless told, and the system tries the next one a second later.
      backlog: 1_024,
      // Without it, a link that comes back before its old connection has timed out is shut out.
      handover: true,
    });
    try {
      await socket.bind(formatTcpAddress({ host, port }));
    } catch (thrown) {
      socket.close();
      throw listenError(address, thrown);
    }
    return new ZeromqListener(socket, socket.lastEndpoint ?? address, settings.lingerMs);
  },

  async connect(address, options) {
    const settings = { ...defaultTransportOptions, ...options };
    const { host, port } = parseTcpAddress(address, 'connect');
    const { Dealer } = await import('zeromq');
    const socket = new Dealer({
      ...socketOptions(settings),
      ...reconnect,
      ipv6: host.includes(':'),
      connectTimeout: settings.heartbeatTimeoutMs,
      // 96 random bits in 16 characters: nobody else has it, and nobody can guess it.
      routingId: randomBytes(12).toString('base64url'),
    });
    socket.connect(formatTcpAddress({ host, port }));
    return new ZeromqLink(socket, address, settings.lingerMs);
  },
};

/** What the system's reasons for not listening mean, and what to do about them. */
const reasons: Record<string, { cause: string; hint: string }> = {
  EADDRINUSE: {
    cause: 'another program listens there',
    hint: 'Stop that program, choose another port, or use port 0 for any free one.',
  },
  EADDRNOTAVAIL: {
    cause: 'this machine does not have that address',
    hint: 'Use 127.0.0.1 for this machine only, or * for all of its interfaces.',
  },
  ENODEV: {
    cause: 'no address of this machine has that name',
    hint: 'Use 127.0.0.1 for this machine only, or * for all of its interfaces.',
  },
  EACCES: {
    cause: 'the system does not allow it',
    hint: 'Choose a port above 1023, or use port 0 for any free one.',
  },
};

export function listenError(address: string, thrown: unknown): LockstepError {
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  const reason = reasons[code];
  if (reason === undefined) return toLockstepError(thrown);
  return new LockstepError('PORT_IN_USE', `cannot listen on ${address}: ${reason.cause}`, {
    hint: reason.hint,
    cause: thrown,
  });
}

import { LockstepError } from '../errors.js';
import type { TransportOptions } from './transport.js';

/**
 * The options that both ends share; the names are zeromq.js's.
 *
 * Queues. Sends never wait: the send queue has no limit (the protocol bounds it, every step is
 * acknowledged, and strangers are answered once) and `sendTimeout: 0` makes zeromq.js try at once. With any other timeout a second send
 * during a wait rejects with EBUSY, a full queue towards one slow peer holds up the sends to all others,
 * and a mandatory ROUTER without peers waits for one instead of saying that nobody is there. The receive
 * queue of each peer is limited, so that one that floods this end is slowed down by TCP: members have a few messages on
 * their way, and what is more is of those that nobody waits for.
 *
 * @throws LockstepError USAGE for a security that there is not
 */
export function socketOptions(options: TransportOptions) {
  if (options.security !== 'none') throw noSuchSecurity(options.security);
  return {
    linger: options.lingerMs,
    maxMessageSize: options.maxMessageBytes,
    // How long a connection may take to say who it is; 30 s unless told.
    handshakeInterval: options.heartbeatTimeoutMs,
    sendHighWaterMark: 0,
    sendTimeout: 0,
    receiveHighWaterMark: 64,
  };
}

/**
 * Of the listener, which alone watches over a connection.
 *
 * A ping leaves every fifth of the timeout and its answer has the other four fifths, so that a peer is given up at the
 * latest `heartbeatTimeoutMs` after its last sign of life. Pings are answered by ZeroMQ's own thread: a peer whose
 * JavaScript is busy is alive, a stopped or unplugged one is not. Only whole frames count as signs of life, so the
 * largest frame must cross the network within the timeout.
 *
 * A link neither pings nor is told for how long a ping is worth (`heartbeatTimeToLive`): when a process that stood still
 * goes on, ZeroMQ may look at its clocks before it looks at its sockets, as a wait that is interrupted ends without a
 * look, and would close a connection with all that had come by it. What a silent coordinator means is for the worker to
 * say.
 */
export function heartbeatOptions({
  heartbeatTimeoutMs,
}: Pick<TransportOptions, 'heartbeatTimeoutMs'>) {
  const heartbeatInterval = Math.ceil(heartbeatTimeoutMs / 5);
  return { heartbeatInterval, heartbeatTimeout: heartbeatTimeoutMs - heartbeatInterval };
}

const noSuchSecurity = (security: unknown): LockstepError =>
  new LockstepError(
    'USAGE',
    `there is no security ${JSON.stringify(security)}: connections are neither encrypted nor authenticated`,
    { hint: "Leave it out, or say 'none', and use networks that you trust." },
  );

import { LockstepError } from '../errors.js';
import type { TransportOptions } from './transport.js';

/** ZMTP counts a peer's time to live in 16 bits of tenths of a second. */
const longestTimeToLiveMs = 6_553_500;

/**
 * The options that both ends share; the names are zeromq.js's.
 *
 * Silence. A ping leaves every fifth of the timeout and its answer has the other four fifths, so that a
 * peer is given up at the latest `heartbeatTimeoutMs` after its last sign of life. Pings are answered by
 * ZeroMQ's own thread: a peer whose JavaScript is busy is alive, a stopped or unplugged one is not.
 * Only whole frames count as signs of life, so the largest frame must cross the network within the
 * timeout.
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
  const heartbeatInterval = Math.ceil(options.heartbeatTimeoutMs / 5);
  return {
    linger: options.lingerMs,
    maxMessageSize: options.maxMessageBytes,
    // How long a connection may take to say who it is; 30 s unless told.
    handshakeInterval: options.heartbeatTimeoutMs,
    heartbeatInterval,
    heartbeatTimeout: options.heartbeatTimeoutMs - heartbeatInterval,
    heartbeatTimeToLive: Math.min(options.heartbeatTimeoutMs, longestTimeToLiveMs),
    sendHighWaterMark: 0,
    sendTimeout: 0,
    receiveHighWaterMark: 64,
  };
}

const noSuchSecurity = (security: unknown): LockstepError =>
  new LockstepError(
    'USAGE',
    `there is no security ${JSON.stringify(security)}: connections are neither encrypted nor authenticated`,
    { hint: "Leave it out, or say 'none', and use networks that you trust." },
  );

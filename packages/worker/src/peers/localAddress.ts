import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { LockstepError } from '@lockstep/core';

/**
 * The address of this machine in the network through which it reaches another one. A connected UDP socket knows
 * it: connecting asks the system for the route, and sends nothing.
 *
 * @param host a name or an address
 * @throws LockstepError COORDINATOR_UNREACHABLE when there is no such host, or no way to it
 */
export async function localAddressTowards(host: string, port: number): Promise<string> {
  try {
    const { address, family } = await lookup(host);
    const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
    try {
      socket.connect(port, address);
      await once(socket, 'connect');
      return socket.address().address;
    } finally {
      socket.close();
    }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new LockstepError('COORDINATOR_UNREACHABLE', `there is no way to ${host}: ${reason}`, {
      cause,
    });
  }
}

import { PeerEndpoint } from '@lockstep/core/reducer';
import { formatTcpAddress, parseTcpAddress, type Transport } from '@lockstep/core/transport';
import { hostIdentity } from './hostIdentity.js';
import { localAddressTowards } from './localAddress.js';

/** What this worker knows of its place in the network. */
export interface PeerPlace {
  /** Where it reaches the coordinator: `tcp://HOST:PORT`. */
  readonly coordinator: string;
  /** Where others are to reach it, `tcp://HOST:PORT` with port 0 for any; null: as the coordinator's network has it. */
  readonly address: string | null;
  /** What ranks talk over; by default plain TCP. */
  readonly transport?: Transport;
}

/** How this rank is found by others. */
export interface OwnPeer {
  readonly host: string;
  /** Null where it can only share memory. */
  readonly endpoint: PeerEndpoint | null;
  /** What others are told: that of the endpoint, but for the host where the user named one. */
  readonly address: string | null;
}

/**
 * Opens this rank's door for others. Without a word of the user's it is open in the network in which the
 * coordinator was reached, and only there: a cluster on one machine is not seen from outside.
 *
 * @param place null where there is no network, but one process
 * @throws LockstepError PORT_IN_USE, COORDINATOR_UNREACHABLE
 */
export async function openPeer(place: PeerPlace | null): Promise<OwnPeer> {
  const host = hostIdentity();
  const over = place?.transport === undefined ? {} : { transport: place.transport };
  if (place === null) return { host, endpoint: null, address: null };
  if (place.address === null) {
    const coordinator = parseTcpAddress(place.coordinator, 'connect');
    const local = await localAddressTowards(coordinator.host, coordinator.port);
    const endpoint = await PeerEndpoint.listen(formatTcpAddress({ host: local, port: 0 }), over);
    return { host, endpoint, address: endpoint.address };
  }
  // The name that others know need not be one that this machine knows: NAT, a proxy, a container.
  const told = parseTcpAddress(place.address, 'listen');
  const endpoint = await PeerEndpoint.listen(
    formatTcpAddress({ host: '*', port: told.port }),
    over,
  );
  const { port } = parseTcpAddress(endpoint.address, 'listen');
  return { host, endpoint, address: formatTcpAddress({ host: told.host, port }) };
}

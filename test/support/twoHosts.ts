import { canUnshare, type Namespaces, ownNamespaces } from './namespaces.js';

const kinds = ['net', 'uts', 'mount', 'ipc'] as const;

/** Whether this user may have networks of his own, and the tools are there. */
export const canNetwork = canUnshare(kinds, 'ip link set lo up');

/** The network card of each host, and the addresses of both. */
export const card = 'veth0';
export const addresses = ['10.99.7.1', '10.99.7.2'] as const;

/**
 * Two hosts with a cable between them: namespaces with a network, a name and a /dev/shm of their own, and a pair of
 * virtual network cards.
 */
export async function twoHosts(): Promise<readonly [Namespaces, Namespaces]> {
  const script = 'hostname "$0" && mount -t tmpfs none /dev/shm && ip link set lo up';
  const a = await ownNamespaces(kinds, script, 'host-a');
  const b = await ownNamespaces(kinds, script, 'host-b');
  const cable = `ip link add ${card} type veth peer name ${card} netns ${b.pid}`;
  const up = (address: string): string =>
    `ip address add ${address}/24 dev ${card} && ip link set ${card} up`;
  if (!a.run(cable) || !a.run(up(addresses[0])) || !b.run(up(addresses[1]))) {
    throw new Error('the two hosts could not be connected');
  }
  return [a, b];
}

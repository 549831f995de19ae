import { LockstepError } from '@lockstep/core';
import {
  defaultTransportOptions,
  formatTcpAddress,
  parseTcpAddress,
  type Transport,
} from '@lockstep/core/transport';
import type { SimulatedProcess } from '../world/process.js';
import { SimulatedLink } from './link.js';
import { SimulatedListener } from './listener.js';
import type { SimulatedNetwork } from './network.js';

/**
 * The network as one process sees it: like ZeroMQ, whose links come back, or like plain TCP between ranks, where a
 * connection is made at once or not at all.
 */
export function simulatedTransport(
  network: SimulatedNetwork,
  process: SimulatedProcess,
  kind: 'zeromq' | 'tcp',
): Transport {
  return {
    name: `simulated ${kind}`,

    async listen(address, { lingerMs } = defaultTransportOptions) {
      const { host, port } = parseTcpAddress(address, 'listen');
      const place = {
        host: host === '*' ? process.host : host,
        port: port === 0 ? network.freePort() : port,
      };
      const own = formatTcpAddress(place);
      return new SimulatedListener(
        network,
        process,
        own,
        lingerMs ?? defaultTransportOptions.lingerMs,
      );
    },

    async connect(address, { lingerMs } = defaultTransportOptions) {
      parseTcpAddress(address, 'connect');
      const reconnects = kind === 'zeromq';
      if (!reconnects) {
        await new Promise<void>((resolve) => {
          network.world.after(network.drawLatency(), process, resolve);
        });
        if (network.reach(process.host, address) === null) {
          throw new LockstepError('COORDINATOR_UNREACHABLE', `nobody answers at ${address}`);
        }
      }
      return new SimulatedLink(network, process, {
        address,
        lingerMs: lingerMs ?? defaultTransportOptions.lingerMs,
        reconnects,
      });
    },
  };
}

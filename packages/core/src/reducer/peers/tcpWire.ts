import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { formatTcpAddress, listenError, parseTcpAddress } from '../../transport/index.js';
import { connectTcp, readFrames, TcpConnection } from './tcpConnection.js';
import type { Wire } from './wire.js';

/**
 * Ranks over TCP itself. ZeroMQ, through which the coordinator is reached, hands every message over in memory of
 * its own: garbage of the size of the gradient in each step, which costs as much time to collect as the all-reduce
 * takes, and a copy. Here a chunk is read from the system to where it is added up.
 *
 * TCP keeps the order, and loses nothing for as long as the connection lasts. It is not made again: what was on
 * its way is lost then, and the ranks meet again in a new membership.
 */
export const tcpWire: Wire = {
  async listen(address, accept) {
    const { host, port } = parseTcpAddress(address, 'listen');
    const connections = new Set<TcpConnection>();
    const server = createServer({ noDelay: true }, (socket) => {
      const connection = new TcpConnection(socket);
      connections.add(connection);
      socket.once('close', () => connections.delete(connection));
      readFrames(socket, accept(connection));
    });
    await listen(server, address, host, port);
    // A connection that could not be accepted, where too many files are open: whoever tried it tries again.
    server.on('error', () => undefined);
    return {
      address: addressOf(server, host),
      async close() {
        const closed = once(server, 'close');
        server.close();
        await Promise.all([...connections].map((connection) => connection.close()));
        await closed;
      },
    };
  },

  async connect(address, sink) {
    const { host, port } = parseTcpAddress(address, 'connect');
    return connectTcp(host, port, sink);
  },
};

async function listen(server: Server, address: string, host: string, port: number): Promise<void> {
  try {
    server.listen(host === '*' ? { port } : { port, host });
    await once(server, 'listening');
  } catch (thrown) {
    throw listenError(address, thrown);
  }
}

function addressOf(server: Server, asked: string): string {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  const host = asked === '*' ? '0.0.0.0' : address.address;
  return formatTcpAddress({ host, port: address.port });
}

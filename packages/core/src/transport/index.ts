export { formatTcpAddress, parseTcpAddress } from './address.js';
export { requireFrames } from './frames.js';
export { Mailbox } from './mailbox.js';
export { memoryTransport } from './memory.js';
export {
  defaultTransportOptions,
  type Frames,
  type Link,
  type Listener,
  PeerUnreachable,
  type Transport,
  type TransportOptions,
} from './transport.js';
export { listenError, zeromqTransport } from './zeromq.js';

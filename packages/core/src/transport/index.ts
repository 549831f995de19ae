export {
  defaultTransportOptions,
  type Frames,
  type Link,
  type Listener,
  PeerUnreachable,
  type Transport,
  type TransportOptions,
} from './transport.js';

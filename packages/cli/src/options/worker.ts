import { modelReference } from '../model/reference.js';
import { optional, required, withDefault } from './flag.js';
import { lossFlag } from './objective.js';
import {
  address,
  orNone,
  peerAddress,
  seconds,
  sha256Digest,
  text,
  wholeNumber,
} from './parsers.js';
import { sharedFlags } from './train.js';

/** The flags of `worker`. What it expects is compared when it joins; a difference ends it with exit 6. */
export const workerFlags = {
  connect: required(
    { flags: '--connect <ADDRESS>', description: 'tcp://HOST:PORT of the coordinator' },
    address,
  ),
  ...sharedFlags,
  peerAddress: optional(
    {
      flags: '--peer-address <HOST[:PORT]>',
      description:
        'where other workers reach this one, behind a firewall or NAT (default: its address towards the coordinator, any port)',
    },
    peerAddress,
  ),
  model: optional(
    {
      flags: '--model <NAME>',
      description: 'join only a run that trains this network, or this file',
    },
    modelReference,
  ),
  loss: lossFlag,
  expectConfig: optional(
    { flags: '--expect-config <HASH>', description: 'join only a run with this configuration' },
    sha256Digest,
  ),
  run: optional(
    { flags: '--run <RUN_ID>', description: 'join only the run with this id' },
    text('the id of a run'),
  ),
  slot: optional(
    { flags: '--slot <N>', description: 'number of a local worker', hidden: true },
    wholeNumber(0),
  ),
  connectTimeoutMs: withDefault(
    {
      flags: '--connect-timeout <SECONDS>',
      description: 'how long to wait for the coordinator to answer, and for a free place',
      default: '60',
    },
    seconds,
  ),
  silenceTimeoutMs: withDefault(
    {
      flags: '--silence-timeout <SECONDS>',
      description: 'how long the coordinator may say nothing later',
      default: '15',
    },
    seconds,
  ),
  reconnectTimeoutMs: withDefault(
    {
      flags: '--reconnect-timeout <SECONDS>',
      description:
        'how long a coordinator that is gone may take to come back with --resume; none: do not wait',
      default: '60',
    },
    orNone(seconds),
  ),
};

import { LockstepError } from '../errors.js';
import { requireFrames } from './frames.js';
import { Mailbox } from './mailbox.js';
import {
  type Frames,
  type Link,
  type Listener,
  PeerUnreachable,
  type Transport,
} from './transport.js';

const listeners = new Map<string, MemoryListener>();

/**
 * Messages within one process, for training without workers of its own: addresses are `memory://NAME`.
 * Frames are handed over as they are, not copied. Two things differ from ZeroMQ because both ends share
 * their fate: a link needs its listener to be there first, and ends when the listener closes. No network
 * means no silence to time out, no stranger to be protected from and nothing to linger for: the options
 * have no effect.
 */
export const memoryTransport: Transport = {
  name: 'memory',

  async listen(address) {
    requireMemoryAddress(address);
    if (listeners.has(address)) {
      throw new LockstepError('PORT_IN_USE', `cannot listen on ${address}: the name is taken`, {
        hint: 'Choose another name, or close the listener that has it.',
      });
    }
    const listener = new MemoryListener(address);
    listeners.set(address, listener);
    return listener;
  },

  async connect(address) {
    requireMemoryAddress(address);
    const listener = listeners.get(address);
    if (listener === undefined) {
      throw new LockstepError('COORDINATOR_UNREACHABLE', `nobody listens on ${address}`, {
        hint: 'Within one process, listen before connecting.',
      });
    }
    return listener.accept();
  },
};

class MemoryListener implements Listener {
  readonly address: string;
  readonly #inbox = new Mailbox<{ peer: string; frames: Frames }>();
  readonly #links = new Map<string, MemoryLink>();
  #accepted = 0;

  constructor(address: string) {
    this.address = address;
  }

  accept(): Link {
    this.#accepted += 1;
    const peer = `${this.address}#${this.#accepted}`;
    const link = new MemoryLink(this.address, {
      deliver: (frames) => this.#inbox.push({ peer, frames }),
      forget: () => this.#links.delete(peer),
    });
    this.#links.set(peer, link);
    return link;
  }

  async send(peer: string, frames: Frames): Promise<void> {
    requireFrames(frames);
    const link = this.#links.get(peer);
    if (link === undefined) throw new PeerUnreachable(peer);
    link.inbox.push(frames);
  }

  receive(): AsyncIterable<{ peer: string; frames: Frames }> {
    return this.#inbox;
  }

  async close(): Promise<void> {
    if (listeners.get(this.address) === this) listeners.delete(this.address);
    this.#inbox.discard();
    for (const link of this.#links.values()) link.inbox.end();
    this.#links.clear();
  }
}

/** What a link needs of the listener that accepted it. */
interface MemoryPeer {
  deliver(frames: Frames): void;
  forget(): void;
}

class MemoryLink implements Link {
  readonly inbox = new Mailbox<Frames>();
  readonly #address: string;
  readonly #listener: MemoryPeer;

  constructor(address: string, listener: MemoryPeer) {
    this.#address = address;
    this.#listener = listener;
  }

  async send(frames: Frames): Promise<void> {
    requireFrames(frames);
    if (this.inbox.ended) {
      throw new LockstepError('COORDINATOR_UNREACHABLE', `the link to ${this.#address} is closed`, {
        hint: 'Connect again before sending.',
      });
    }
    this.#listener.deliver(frames);
  }

  receive(): AsyncIterable<Frames> {
    return this.inbox;
  }

  async close(): Promise<void> {
    this.inbox.discard();
    this.#listener.forget();
  }
}

function requireMemoryAddress(address: string): void {
  if (!/^memory:\/\/.+$/.test(address)) {
    throw new LockstepError('USAGE', `${JSON.stringify(address)} is not a memory address`, {
      hint: 'Write the address like memory://training.',
    });
  }
}

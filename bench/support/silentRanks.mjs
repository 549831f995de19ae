// The coordinator's listener with ranks that are nothing but answers: no sockets, no computing.
import { decode, encode, protocolVersion } from '@lockstep/core/protocol';

const weightsSha256 = 'e'.repeat(64);
const length = 10;
const parameters = [{ name: 'w', shape: [length], trainable: true }];
const metrics = { loss: { sum: 0.5, count: 1 }, accuracy: { sum: 1, count: 1 } };

/** Everybody answers at once. The contributions to a step come all together, and are timed. */
export class SilentRanks {
  address = 'nowhere';
  #names;
  #modelHash;
  #inbox = [];
  #wake = () => undefined;
  #closed = false;
  #scope = null;
  #step = 0;
  #told = 0;
  #begin = 0;
  #times = [];
  #listening = null;

  constructor(ranks, modelHash) {
    this.#names = Array.from({ length: ranks }, (_, rank) => `p${rank}`);
    this.#modelHash = modelHash;
    const device = { pid: 1, engine: 'none', device: 'none', expects: {} };
    const hello = { kind: 'hello', protocol: protocolVersion, version: '0.1.0', ...device };
    for (const host of this.#names) this.#say(host, { ...hello, host });
  }

  /** From the first contribution to the last rank that is told to go on: milliseconds, of each step. */
  measure(steps) {
    return new Promise((resolve) => {
      this.#listening = { steps, resolve };
    });
  }

  async send(peer, frames) {
    // From the first `train` on, all that is said to a rank is to go on.
    if (this.#scope !== null) return this.#goOn();
    const { header } = decode(frames, 'coordinator');
    if (header.kind !== 'train') return this.#answer(peer, header);
    this.#scope = { run: header.run, generation: header.generation };
    this.#goOn();
  }

  async *receive() {
    for (;;) {
      yield* this.#inbox.splice(0);
      if (this.#closed) return;
      if (this.#inbox.length > 0) continue;
      await new Promise((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async close() {
    this.#closed = true;
    this.#wake();
  }

  #answer(peer, { kind, run, generation, request, measure }) {
    const asked = { run, generation, request };
    const place = { address: `tcp://${peer}:1`, host: peer };
    const built = { modelHash: this.#modelHash, parameters, samples: 'local', peer: place };
    const hash = { kind: 'hash', ...asked, weightsSha256 };
    const answers = {
      welcome: [{ kind: 'ready', run, generation, ...built }],
      link: [{ kind: 'linked', ...asked, milliseconds: measure ? 1 : null, failure: null }],
      'send-state': [
        { kind: 'state', ...asked, iterations: 0 },
        { weights: new Float32Array(length) },
      ],
      'load-state': [hash],
      'send-hash': [hash],
    };
    if (kind in answers) this.#say(peer, ...answers[kind]);
  }

  #goOn() {
    this.#told += 1;
    if (this.#told < this.#names.length) return;
    this.#told = 0;
    if (this.#begin > 0) this.#times.push(performance.now() - this.#begin);
    if (this.#times.length === this.#listening.steps) this.#listening.resolve(this.#times);
    // The coordinator is in the middle of telling: what follows comes to it afterwards.
    setImmediate(() => this.#contribute());
  }

  #contribute() {
    const header = {
      kind: 'contribution',
      ...this.#scope,
      step: this.#step++,
      samples: 1,
      metrics,
    };
    const frames = encode(header);
    for (const peer of this.#names) this.#inbox.push({ peer, frames });
    this.#begin = performance.now();
    this.#wake();
  }

  #say(peer, header, tensors) {
    this.#inbox.push({ peer, frames: encode(header, tensors) });
    this.#wake();
  }
}

// The star as a worker sees it: its gradient to the coordinator and the average back, in the messages of training.
import { decode, encode } from '@lockstep/core/protocol';
import { zeromqTransport } from '@lockstep/core/transport';

/** Its hub is bench/starHub.mjs. */
export async function openStar(ranks) {
  let link = null;
  let step = 0;
  let arriving = null;

  return {
    address: null,
    async create(length, { hub }) {
      link ??= await zeromqTransport.connect(hub, {});
      arriving ??= link.receive()[Symbol.asyncIterator]();
      // The hub answers when it has all: what was sent may be written to again.
      const gradient = new Float32Array(length);
      return {
        input: () => gradient,
        async allReduce() {
          step += 1;
          const scope = { run: 'bench', generation: ranks };
          const header = { kind: 'contribution', ...scope, step, samples: 1, metrics: {} };
          await link.send(encode(header, { gradient }));
          const { value, done } = await arriving.next();
          if (done) throw new Error('the hub is gone');
          return decode(value, 'coordinator').tensors.gradient;
        },
        close: async () => {},
      };
    },
    close: async () => link?.close(),
  };
}

// The third process of a star: averages what the ranks send, as the coordinator does. See bench/collectives.mjs.
import { decode, encode } from '@lockstep/core/protocol';
import { zeromqTransport } from '@lockstep/core/transport';
import { Averager } from '../packages/coordinator/dist/runtime/averager.js';

const [host, ranks] = [process.argv[2], Number(process.argv[3])];
const listener = await zeromqTransport.listen(`tcp://${host}:0`);
const averager = new Averager();
console.log(JSON.stringify({ ready: 'hub', address: listener.address }));
// Whoever started it is gone, or has had enough.
process.stdin.once('end', () => listener.close()).resume();

const parts = new Map();
for await (const { peer, frames } of listener.receive()) {
  const { header, tensors } = decode(frames, 'worker');
  parts.set(peer, { gradient: tensors.gradient, samples: header.samples });
  if (parts.size < ranks) continue;
  const peers = [...parts.keys()].sort();
  const gradient = averager.average(peers.map((each) => parts.get(each)));
  parts.clear();
  const { run, generation, step } = header;
  const answer = { kind: 'averaged', run, generation, step, proceed: true, epochSums: {} };
  const answerFrames = encode(answer, { gradient });
  for (const each of peers) await listener.send(each, answerFrames);
}

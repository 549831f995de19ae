export { decode, encode, type Message, type Tensors } from './codec.js';
export {
  type CoordinatorHeader,
  datasetDescriptionSchema,
  type Header,
  mostReported,
  protocolVersion,
  type WorkerHeader,
} from './messages.js';
export { type RankPhase, type RankTimes, rankTimes } from './rankTimes.js';

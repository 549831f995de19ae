export { type WeightedGradient, weightedAverage } from './average.js';
export {
  type Answer,
  type Average,
  type Barrier,
  type Collective,
  type Contribution,
  Halted,
  type Part,
  type ShardedCollective,
} from './collective.js';
export { reducedCollective, shardedCollective } from './reduced.js';
export { singleCollective } from './single.js';
export { starCollective } from './star.js';
export { TrailingBarrier } from './trailingBarrier.js';

export {
  FactorExchange,
  type FactorPlaces,
  type FactorProduct,
  type Factors,
} from './exchange.js';
export { type FactoredKernel, isWorthFactoring } from './kernel.js';

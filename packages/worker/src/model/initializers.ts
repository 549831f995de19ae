import { LockstepError } from '@lockstep/core';
import type { Random } from '@lockstep/core/data';
import { normal, truncatedNormal, uniform } from './draws.js';

/** Keras's JSON of an initializer: an object, or only its name. */
export interface InitializerJson {
  class_name: string;
  config: Record<string, unknown>;
}

/** Fills a fresh weight of this shape, row-major. */
type Fill = (values: Float32Array, shape: readonly number[], random: Random) => void;
type Settings = Record<string, unknown>;

const constant =
  (value: number): Fill =>
  (values) => {
    values.fill(value);
  };

/**
 * Glorot and Bengio 2010, He et al. 2015, LeCun et al. 1998 in one: the variance is scale / n, where n is
 * the fan-in, the fan-out or their mean. https://keras.io/api/layers/initializers/#variancescaling-class
 */
function varianceScaling(scale: number, mode: string, distribution: string): Fill {
  return (values, shape, random) => {
    const { fanIn, fanOut } = fansOf(shape);
    const fans = { fanin: fanIn, fanout: fanOut, fanavg: (fanIn + fanOut) / 2 };
    const fan = lookUp('mode of VarianceScaling', fans, mode);
    const variance = scale / Math.max(1, fan);
    const draws: Record<string, () => void> = {
      uniform: () => uniform(values, -Math.sqrt(3 * variance), Math.sqrt(3 * variance), random),
      // The cut at two deviations takes variance away; the divisor gives it back, as in Keras.
      truncatednormal: () =>
        truncatedNormal(values, 0, Math.sqrt(variance) / 0.87962566103423978, random),
      untruncatednormal: () => normal(values, 0, Math.sqrt(variance), random),
    };
    draws.normal = draws.truncatednormal!;
    lookUp('distribution of VarianceScaling', draws, distribution)();
  };
}

/** By Keras's name in lower case without underscores; defaults are those of Keras 3. */
const table: Readonly<Record<string, (settings: Settings) => Fill>> = {
  zeros: () => constant(0),
  ones: () => constant(1),
  constant: (settings) => constant(number(settings, 'value', 0)),
  randomuniform: (settings) => (values, _shape, random) =>
    uniform(values, number(settings, 'minval', -0.05), number(settings, 'maxval', 0.05), random),
  randomnormal: (settings) => (values, _shape, random) =>
    normal(values, number(settings, 'mean', 0), number(settings, 'stddev', 0.05), random),
  truncatednormal: (settings) => (values, _shape, random) =>
    truncatedNormal(values, number(settings, 'mean', 0), number(settings, 'stddev', 0.05), random),
  variancescaling: (settings) =>
    varianceScaling(
      number(settings, 'scale', 1),
      String(settings.mode ?? 'fan_in'),
      String(settings.distribution ?? 'truncated_normal'),
    ),
  glorotuniform: () => varianceScaling(1, 'fan_avg', 'uniform'),
  glorotnormal: () => varianceScaling(1, 'fan_avg', 'truncated_normal'),
  heuniform: () => varianceScaling(2, 'fan_in', 'uniform'),
  henormal: () => varianceScaling(2, 'fan_in', 'truncated_normal'),
  lecununiform: () => varianceScaling(1, 'fan_in', 'uniform'),
  lecunnormal: () => varianceScaling(1, 'fan_in', 'truncated_normal'),
};

/**
 * A weight's first values, drawn here and not by the tensor library: one seed gives the same bits in every
 * process and engine. A `seed` inside the initializer's configuration is not used: the run's seed is.
 *
 * @throws USAGE where the initializer or one of its settings is not known.
 */
export function initialise(
  values: Float32Array,
  shape: readonly number[],
  initializer: InitializerJson,
  random: Random,
): void {
  lookUp('initializer', table, initializer.class_name)(initializer.config)(values, shape, random);
}

/** Inputs and outputs of a unit, as Keras counts them: `[in, out]`, `[...window, in, out]`. */
function fansOf(shape: readonly number[]): { fanIn: number; fanOut: number } {
  if (shape.length < 2) return { fanIn: shape[0] ?? 1, fanOut: shape[0] ?? 1 };
  const window = shape.slice(0, -2).reduce((product, size) => product * size, 1);
  return { fanIn: shape.at(-2)! * window, fanOut: shape.at(-1)! * window };
}

function lookUp<Value>(what: string, from: Readonly<Record<string, Value>>, name: string): Value {
  // Keras writes GlorotUniform and glorot_uniform, TensorFlow.js glorotUniform.
  const key = name.toLowerCase().replaceAll('_', '');
  const value = Object.hasOwn(from, key) ? from[key] : undefined;
  if (value !== undefined) return value;
  throw new LockstepError('USAGE', `the ${what} '${name}' is not known`, {
    hint: `Use one of: ${Object.keys(from).join(', ')} (case and underscores do not matter).`,
  });
}

function number(settings: Settings, name: string, fallback: number): number {
  const value = settings[name] ?? fallback;
  if (typeof value === 'number') return value;
  throw new LockstepError(
    'USAGE',
    `the initializer setting '${name}' is ${JSON.stringify(value)}, not a number`,
    { hint: `Leave it out for Keras's default, ${fallback}.` },
  );
}

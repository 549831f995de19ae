import { type OptimizerConfig, optimizerConfigSchema } from '@lockstep/core';
import { isRecord, type Json } from '../../json.js';

const classes: Readonly<Record<OptimizerConfig['name'], string>> = {
  sgd: 'SGD',
  rmsprop: 'RMSprop',
  adagrad: 'Adagrad',
  adadelta: 'Adadelta',
  adam: 'Adam',
  adamw: 'AdamW',
  adamax: 'Adamax',
};

/** Keras's name of each of our settings; those that both call the same are left out. */
const settings: Readonly<Record<string, string>> = {
  learningRate: 'learning_rate',
  initialAccumulatorValue: 'initial_accumulator_value',
  weightDecay: 'weight_decay',
  beta1: 'beta_1',
  beta2: 'beta_2',
};

/** Settings that change the update rule, and that our optimizers do not have; off where null or false. */
const missing = [
  'clipnorm',
  'clipvalue',
  'global_clipnorm',
  'use_ema',
  'loss_scale_factor',
  'gradient_accumulation_steps',
  'weight_decay',
];

/** Keras's class and settings. */
export function optimizerToKeras({ name, ...own }: OptimizerConfig): {
  class_name: string;
  config: Json;
} {
  const entries = Object.entries(own).map(([key, value]) => [settings[key] ?? key, value]);
  return { class_name: classes[name], config: { name, ...Object.fromEntries(entries) } };
}

/**
 * The optimizer in Keras's JSON.
 *
 * @returns why not, as a sentence, where it is none of ours
 */
export function optimizerFromKeras(json: unknown): OptimizerConfig | string {
  const className = isRecord(json) ? json.class_name : undefined;
  const config = isRecord(json) && isRecord(json.config) ? json.config : {};
  const decays = className === 'Adam' && config.weight_decay != null;
  const name = decays ? 'adamw' : nameOf(className);
  if (name === undefined)
    return `its optimizer is ${JSON.stringify(className)}, which Lockstep does not have`;
  const refused = missing.find(
    (key) =>
      config[key] != null && config[key] !== false && !(key === 'weight_decay' && name === 'adamw'),
  );
  if (refused !== undefined) {
    return `its optimizer ${className} has ${refused} ${JSON.stringify(config[refused])}, which Lockstep does not have`;
  }
  const schema = optimizerConfigSchema.options.find((option) => option.shape.name.value === name)!;
  const own = Object.keys(schema.shape).filter((key) => key !== 'name');
  const entries = own.map((key) => {
    const value = config[settings[key] ?? key] ?? undefined;
    return [key, key === 'learningRate' && typeof value === 'number' ? shortest(value) : value];
  });
  const parsed = optimizerConfigSchema.safeParse({ name, ...Object.fromEntries(entries) });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  return `its optimizer ${className} cannot be read: ${issue?.path.join('.')}: ${issue?.message}`;
}

function nameOf(className: unknown): OptimizerConfig['name'] | undefined {
  const names = Object.keys(classes) as OptimizerConfig['name'][];
  return names.find((name) => classes[name] === className);
}

/** The shortest number with the same float32: Keras saves 0.001 as 0.0010000000474974513. */
export function shortest(value: number): number {
  const wanted = Math.fround(value);
  for (let digits = 1; digits <= 9; digits++) {
    const candidate = Number(wanted.toPrecision(digits));
    if (Object.is(Math.fround(candidate), wanted)) return candidate;
  }
  return value;
}

import { z } from 'zod';

/**
 * Optimizers by Keras name with Keras 3's defaults; the update rules live in the worker. The schema is the
 * one place where names and defaults stand: https://keras.io/api/optimizers/
 */
const rate = z.number().nonnegative();
const decay = z.number().min(0).lt(1);
const epsilon = z.number().positive();

export const optimizerConfigSchema = z.discriminatedUnion('name', [
  z.strictObject({
    name: z.literal('sgd'),
    learningRate: rate.default(0.01),
    momentum: decay.default(0),
    nesterov: z.boolean().default(false),
  }),
  z.strictObject({
    name: z.literal('rmsprop'),
    learningRate: rate.default(0.001),
    rho: decay.default(0.9),
    momentum: decay.default(0),
    epsilon: epsilon.default(1e-7),
    centered: z.boolean().default(false),
  }),
  z.strictObject({
    name: z.literal('adagrad'),
    learningRate: rate.default(0.001),
    initialAccumulatorValue: z.number().nonnegative().default(0.1),
    epsilon: epsilon.default(1e-7),
  }),
  z.strictObject({
    name: z.literal('adadelta'),
    learningRate: rate.default(0.001),
    rho: decay.default(0.95),
    epsilon: epsilon.default(1e-7),
  }),
  z.strictObject({
    name: z.literal('adam'),
    learningRate: rate.default(0.001),
    beta1: decay.default(0.9),
    beta2: decay.default(0.999),
    epsilon: epsilon.default(1e-7),
    amsgrad: z.boolean().default(false),
  }),
  z.strictObject({
    name: z.literal('adamw'),
    learningRate: rate.default(0.001),
    weightDecay: rate.default(0.004),
    beta1: decay.default(0.9),
    beta2: decay.default(0.999),
    epsilon: epsilon.default(1e-7),
    amsgrad: z.boolean().default(false),
  }),
  z.strictObject({
    name: z.literal('adamax'),
    learningRate: rate.default(0.001),
    beta1: decay.default(0.9),
    beta2: decay.default(0.999),
    epsilon: epsilon.default(1e-7),
  }),
]);

export type OptimizerConfig = z.infer<typeof optimizerConfigSchema>;

/** As a person writes it: what is left out has its default. */
export type OptimizerOptions = z.input<typeof optimizerConfigSchema>;

export const optimizerNames = optimizerConfigSchema.options.map(
  (option) => option.shape.name.value,
);

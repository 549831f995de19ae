import { LockstepError } from '../errors.js';
import type { LearningRateSchedule } from './learningRateScheduler.js';

const forms = [
  'exponential:0.9 (times 0.9 each epoch)',
  'step:0.1@5 (times 0.1 every 5 epochs)',
  'cosine (down to 0 along half a cosine over the planned epochs)',
];

/**
 * A learning rate schedule from the command line, with e the epoch from 0 and r the learning rate:
 * - `exponential:F`: r <- r * F for e > 0 (https://keras.io/api/optimizers/learning_rate_schedules/exponential_decay/)
 * - `step:F@N`: r <- r * F for e = N, 2N, ...
 * - `cosine`: r <- r0 * (1 + cos(pi * e / epochs)) / 2 (https://arxiv.org/abs/1608.03983)
 *
 * The first two start from the present rate, so that they go together with ReduceLROnPlateau; `cosine`
 * starts from the initial one. USAGE for anything else.
 */
export function parseSchedule(text: string): LearningRateSchedule {
  const [, name, factorText, periodText] =
    /^(exponential|step|cosine)(?::([^@]+))?(?:@(.+))?$/.exec(text.trim()) ?? [];
  if (name === 'cosine' && factorText === undefined && periodText === undefined) {
    return (epoch, _rate, { epochs, initialLearningRate }) =>
      (initialLearningRate * (1 + Math.cos((Math.PI * epoch) / epochs))) / 2;
  }
  const factor = Number(factorText);
  if (name === 'exponential' && factor > 0 && factor < Infinity && periodText === undefined) {
    return (epoch, rate) => (epoch > 0 ? rate * factor : rate);
  }
  const period = Number(periodText);
  if (
    name === 'step' &&
    factor > 0 &&
    factor < Infinity &&
    Number.isInteger(period) &&
    period > 0
  ) {
    return (epoch, rate) => (epoch > 0 && epoch % period === 0 ? rate * factor : rate);
  }
  throw new LockstepError('USAGE', `"${text}" is not a learning rate schedule`, {
    hint: `Give one of: ${forms.join('; ')}.`,
  });
}

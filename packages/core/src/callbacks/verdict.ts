import { z } from 'zod';

const reason = z.strictObject({ message: z.string() });

/**
 * What a callback wants to happen. Callbacks observe and return a verdict; the coordinator carries it
 * out for the whole cluster, so that no rank ever decides alone. A schema, because verdicts also come
 * from files of the user.
 */
export const verdictSchema = z.strictObject({
  /** Stop training at this step boundary; the text is shown to the user. */
  stop: reason.optional(),
  /** Stop training as failed, without saving the weights of this step as good. */
  fail: reason.optional(),
  /** Train on with this learning rate. */
  learningRate: z.number().nonnegative().optional(),
  /** Write a checkpoint now; `best` also keeps it as the best one. */
  save: z.enum(['latest', 'best']).optional(),
  /** Keep a copy of the present weights, to be put back by `restoreWeights`. */
  rememberWeights: z.boolean().optional(),
  /** Put the remembered weights back into every rank before the run ends. */
  restoreWeights: z.boolean().optional(),
  /** Lines for the user that change nothing: what Keras prints with `verbose=1`, and its warnings. */
  messages: z.array(z.string()).optional(),
});

export type Verdict = z.infer<typeof verdictSchema>;

/**
 * Both verdicts as one. The first reason to stop or fail is the one that is told; the last learning rate
 * holds, because the later callback saw the earlier one's; `best` includes `latest`.
 */
export function mergeVerdicts(earlier: Verdict, later: Verdict): Verdict {
  const merged: Verdict = {};
  const stop = earlier.stop ?? later.stop;
  if (stop) merged.stop = stop;
  const fail = earlier.fail ?? later.fail;
  if (fail) merged.fail = fail;
  const learningRate = later.learningRate ?? earlier.learningRate;
  if (learningRate !== undefined) merged.learningRate = learningRate;
  const save = earlier.save === 'best' ? 'best' : (later.save ?? earlier.save);
  if (save) merged.save = save;
  if (earlier.rememberWeights || later.rememberWeights) merged.rememberWeights = true;
  if (earlier.restoreWeights || later.restoreWeights) merged.restoreWeights = true;
  const messages = [...(earlier.messages ?? []), ...(later.messages ?? [])];
  if (messages.length > 0) merged.messages = messages;
  return merged;
}

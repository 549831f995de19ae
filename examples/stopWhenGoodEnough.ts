import type { Callback } from '@lockstep/core/callbacks';

/** Stops the whole cluster after the first epoch with more than 98 % on the validation images. */
const stopWhenGoodEnough: Callback = {
  name: 'StopWhenGoodEnough',
  onEpochEnd: (epoch, logs) =>
    logs.val_accuracy! > 0.98
      ? { stop: { message: `Good enough after epoch ${epoch}` } }
      : undefined,
};
export default stopWhenGoodEnough;

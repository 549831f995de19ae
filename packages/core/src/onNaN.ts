/**
 * What to do where a rank's loss or gradient is NaN or infinite: end the run, let all ranks leave the step out, or go
 * back to the newest checkpoint with a lower learning rate.
 */
export const onNaNPolicies = ['stop', 'skip', 'rollback'] as const;

export type OnNaN = (typeof onNaNPolicies)[number];

/**
 * What Keras is given for these labels by who trains with vectors (`keras.utils.to_categorical`): 1 at the label,
 * 0 elsewhere; where the network has a single unit, the label itself.
 *
 * @returns `[size, units]` flat
 */
export function targetsOf(labels: Uint8Array, units: number): Float32Array {
  if (units === 1) return Float32Array.from(labels);
  const targets = new Float32Array(labels.length * units);
  for (const [sample, label] of labels.entries()) targets[sample * units + label] = 1;
  return targets;
}

/** One element of it. */
export const targetOf = (label: number, unit: number, units: number): number =>
  units === 1 ? label : label === unit ? 1 : 0;

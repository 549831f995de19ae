/** How long to train, as it was given. */
interface Length {
  readonly epochs: number | null;
  readonly steps: number | null;
  readonly targetAccuracy: number | null;
}

const usualEpochs = 10;
const usualTarget = 0.995;

/**
 * Who says how many steps wants so many: neither the usual number of epochs nor the usual target ends them early.
 *
 * @param given whether the user said it
 * @returns epochs: null for as many as the steps take
 */
export function lengthOf(
  { epochs, steps, targetAccuracy }: Length,
  given: (key: keyof Length) => boolean,
): Pick<Length, 'epochs' | 'targetAccuracy'> {
  const usual = steps === null;
  return {
    epochs: epochs ?? (usual ? usualEpochs : null),
    targetAccuracy: given('targetAccuracy') ? targetAccuracy : usual ? usualTarget : null,
  };
}

/** What a model said of images whose labels are known. */
export interface Predictions {
  /** Images that it was asked for: the first of the split. */
  readonly size: number;
  readonly classes: number;
  /** `[size, classes]` flat. */
  readonly probabilities: Float32Array;
}

/** The class with the highest probability; of equal ones the first, as Keras's argmax has it. */
export function predictedClass({ classes, probabilities }: Predictions, index: number): number {
  const row = probabilities.subarray(index * classes, (index + 1) * classes);
  return row.indexOf(row.reduce((most, each) => Math.max(most, each), Number.NEGATIVE_INFINITY));
}

/** An image that was read wrong. */
export interface Mistake {
  readonly index: number;
  readonly truth: number;
  readonly said: number;
  /** What the model gave for what it said. */
  readonly probability: number;
}

/** All mistakes, those first of which the model was surest. */
export function mistakesOf(predictions: Predictions, labels: Uint8Array): Mistake[] {
  const mistakes: Mistake[] = [];
  for (let index = 0; index < predictions.size; index++) {
    const [said, truth] = [predictedClass(predictions, index), labels[index]!];
    const probability = predictions.probabilities[index * predictions.classes + said] ?? Number.NaN;
    if (said !== truth) mistakes.push({ index, truth, said, probability });
  }
  return mistakes.sort((one, other) => other.probability - one.probability);
}

/** How often an image of the row's class was taken for one of the column's. */
export function confusionOf(predictions: Predictions, labels: Uint8Array): number[][] {
  const { classes, size } = predictions;
  const matrix = Array.from({ length: classes }, () => Array<number>(classes).fill(0));
  for (let index = 0; index < size; index++) {
    const said = predictedClass(predictions, index);
    // Where a model gives no number there is none that is the highest.
    if (said >= 0) matrix[labels[index]!]![said]! += 1;
  }
  return matrix;
}

/** Of Adam, for the networks of the zoo that are compared. */
export const learningRates = { cnn: 0.001, deep: 0.0001 };

/** The Keras whose files ours are modelled on and tested against. */
export const kerasVersion = '3.15.1';

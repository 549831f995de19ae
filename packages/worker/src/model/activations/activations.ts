import {
  add,
  clipByValue,
  div,
  elu,
  exp,
  leakyRelu,
  mul,
  neg,
  relu6,
  sigmoid,
  softplus,
  sub,
  type Tensor,
  tanh,
} from '@tensorflow/tfjs-core';

type Activation = (x: Tensor) => Tensor;

/** Keras 3's; that of Keras 2 and TensorFlow.js is max(0, min(1, 0.2 x + 0.5)). */
const hardSigmoid: Activation = (x) => div(relu6(add(x, 3)), 6);
const hardSilu: Activation = (x) => mul(x, hardSigmoid(x));
const silu: Activation = (x) => mul(x, sigmoid(x));

/**
 * Keras's activations that TensorFlow.js does not have, by Keras's names, with Keras 3's defaults:
 * https://keras.io/api/layers/activations/
 */
export const activations: Readonly<Record<string, Activation>> = {
  /** x or exp(x) - 1: with its default alpha of 1 the same as elu. */
  celu: elu,
  exponential: exp,
  /** What `canonicalTopology` calls the hard_sigmoid of Keras 3. */
  hard_sigmoid_keras3: hardSigmoid,
  hard_silu: hardSilu,
  hard_swish: hardSilu,
  hard_tanh: (x) => clipByValue(x, -1, 1),
  leaky_relu: (x) => leakyRelu(x, 0.2),
  log_sigmoid: (x) => neg(softplus(neg(x))),
  silu,
  tanh_shrink: (x) => sub(x, tanh(x)),
};

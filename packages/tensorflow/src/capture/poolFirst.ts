import { keyOf, type Output } from '../graph/graph.js';
import type { Call } from './lowering.js';

/** Adds an op and gives its outputs. */
type Add = (call: Call) => readonly Output[];

interface Pooled {
  /** What the relu and the pooling are of. */
  readonly input: Output;
  /** The maxima of the input. */
  readonly maxima: Output;
  /** The relu of the whole input, which the function believes to have pooled. */
  readonly relu: Output;
}

interface PoolGradient {
  readonly call: Call;
  readonly of: Pooled;
}

/**
 * max(relu(x)) = relu(max(x)): the relu of a pooled layer, and its gradient, on what is left after pooling,
 * a quarter of it for the usual windows. Exactly the same numbers: where a window's greatest value is not
 * above 0, relu makes all of the window 0, and no gradient passes either way; elsewhere the greatest value
 * is the same, and is found in the same place. A window's gradient goes to one element, so that the sum
 * over a layer, which is the gradient of its bias, is that of the pooled gradient.
 *
 * Between the two, the gradient of the relu's output is another: it has that of windows of zeros, too. Whoever
 * uses it finds it as it was asked for; a graph runs only what is used.
 */
export class PoolFirst {
  readonly #relus = new Map<string, Output>();
  readonly #pooled = new Map<string, Pooled>();
  /** By the gradient of the relu's output. */
  readonly #gradients = new Map<string, PoolGradient>();
  /** Gradients before they were spread over the windows, by what they became. */
  readonly #spread = new Map<string, Output>();

  constructor(private readonly add: Add) {}

  /** Adds the call, or what it comes to. */
  apply(call: Call): readonly Output[] {
    switch (call.name) {
      case 'Relu':
        return this.#relu(call);
      case 'MaxPool':
        return this.#maxPool(call);
      case 'MaxPoolGrad':
        return this.#maxPoolGrad(call);
      case 'ReluGrad':
        return this.#reluGrad(call);
      case 'BiasAddGrad':
        return this.#biasAddGrad(call);
      default:
        return this.add(call);
    }
  }

  #relu(call: Call): readonly Output[] {
    const outputs = this.add(call);
    this.#relus.set(keyOf(outputs[0]!), call.inputs[0]!);
    return outputs;
  }

  #maxPool(call: Call): readonly Output[] {
    const [relu] = call.inputs as [Output];
    const input = this.#relus.get(keyOf(relu));
    if (input === undefined) return this.add(call);
    const maxima = this.add({ ...call, inputs: [input] })[0]!;
    const outputs = this.add({ name: 'Relu', attributes: {}, inputs: [maxima] });
    this.#pooled.set(keyOf(outputs[0]!), { input, maxima, relu });
    return outputs;
  }

  #maxPoolGrad(call: Call): readonly Output[] {
    const [relu, output] = call.inputs as [Output, Output, Output];
    const outputs = this.add(call);
    const of = this.#pooled.get(keyOf(output));
    if (of !== undefined && keyOf(of.relu) === keyOf(relu)) {
      this.#gradients.set(keyOf(outputs[0]!), { call, of });
    }
    return outputs;
  }

  #reluGrad(call: Call): readonly Output[] {
    const [gradient, relu] = call.inputs as [Output, Output];
    const found = this.#gradients.get(keyOf(gradient));
    if (found === undefined || keyOf(found.of.relu) !== keyOf(relu)) return this.add(call);
    const [, output, pooled] = found.call.inputs as [Output, Output, Output];
    const masked = this.add({ ...call, inputs: [pooled, output] })[0]!;
    const { input, maxima } = found.of;
    const outputs = this.add({ ...found.call, inputs: [input, maxima, masked] });
    this.#spread.set(keyOf(outputs[0]!), masked);
    return outputs;
  }

  #biasAddGrad(call: Call): readonly Output[] {
    const pooled = this.#spread.get(keyOf(call.inputs[0]!));
    return this.add(pooled === undefined ? call : { ...call, inputs: [pooled] });
  }
}

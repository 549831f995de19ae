import { keyOf, type Output } from '../graph/graph.js';
import { type Call, isFloat, isTrue } from './lowering.js';

/**
 * `leftT right` of two matrices with as many rows, such as the gradient of a Dense layer's kernel: `left` is what the
 * layer was given, `right` the gradient of what it gave, and their rows are samples.
 */
export interface Product {
  readonly left: Output;
  readonly right: Output;
}

/** Which outputs of a graph are products. */
export class Products {
  readonly #byOutput = new Map<string, Product>();

  /** @param flatten adds a matrix that is a batch of one to the graph as the matrix that it is */
  constructor(private readonly flatten: (matrix: Output) => Output) {}

  /** @param output the first one of the call, as the function asked for it: before it was lowered */
  note(call: Call, output: Output): void {
    const product = this.#productOf(call, output);
    if (product !== undefined) this.#byOutput.set(keyOf(output), product);
  }

  of(output: Output): Product | undefined {
    const product = this.#byOutput.get(keyOf(output));
    if (product === undefined) return undefined;
    const [left, right] = [product.left, product.right].map((matrix) =>
      matrix.shape?.length === 2 ? matrix : this.flatten(matrix),
    );
    return { left: left!, right: right! };
  }

  #productOf({ name, attributes, inputs }: Call, output: Output): Product | undefined {
    const [left, right] = inputs as [Output, Output];
    switch (name) {
      case 'BatchMatMulV2': {
        const isProduct = isTrue(attributes.adj_x) && !isTrue(attributes.adj_y);
        return isProduct && isMatrix(left) && isMatrix(right) ? { left, right } : undefined;
      }
      // TensorFlow.js multiplies for some layers as a batch of one, and takes it out of that.
      case 'Reshape':
        return isMatrix(output) && sizesOf(output) === sizesOf(left)
          ? this.#byOutput.get(keyOf(left))
          : undefined;
      default:
        return undefined;
    }
  }
}

/** Or a batch of one. */
const isMatrix = (output: Output): boolean => {
  const { shape } = output;
  return isFloat(output) && (shape?.length === 2 || (shape?.length === 3 && shape[0] === 1));
};

const sizesOf = ({ shape }: Output): string | undefined => shape?.slice(-2).join();

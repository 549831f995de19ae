import type { Attribute } from '../graph/attributes.js';
import type { Output } from '../graph/graph.js';
import { dataType } from '../native/dataTypes.js';
import type { Call } from './lowering.js';

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

  /** @param output the first one of the call, as the function asked for it: before it was lowered */
  note(call: Call, output: Output): void {
    const product = productOf(call);
    if (product !== null) this.#byOutput.set(keyOf(output), product);
  }

  of(output: Output): Product | undefined {
    return this.#byOutput.get(keyOf(output));
  }
}

const keyOf = ({ oper, index }: Output): string => `${oper}:${index}`;

function productOf({ name, attributes, inputs }: Call): Product | null {
  if (name !== 'BatchMatMulV2' || !isTrue(attributes.adj_x) || isTrue(attributes.adj_y)) {
    return null;
  }
  const [left, right] = inputs as [Output, Output];
  return isMatrix(left) && isMatrix(right) ? { left, right } : null;
}

const isTrue = (attribute: Attribute | undefined): boolean =>
  attribute !== undefined && 'bool' in attribute && attribute.bool;

const isMatrix = ({ type, shape }: Output): boolean =>
  shape?.length === 2 && (type === dataType.float32 || type === dataType.bfloat16);

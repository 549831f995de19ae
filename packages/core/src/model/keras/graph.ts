import { LockstepError } from '../../errors.js';
import { isObject, type Json } from './json.js';

/** One tensor that a layer takes: which layer made it, at which of its uses, and which of its outputs it is. */
type Inbound = readonly [layer: string, node: number, tensor: number, settings: Json];

/**
 * The uses of a layer in a functional model. Keras 2 writes a list of tensors a use; Keras 3 the arguments of the
 * call, with tensors somewhere in them.
 */
export function canonicalInbound(nodes: unknown): unknown {
  if (!Array.isArray(nodes)) return nodes;
  return nodes.map((node: unknown) => (isObject(node) && 'args' in node ? tensorsOf(node) : node));
}

function tensorsOf({ args, kwargs }: Json): Inbound[] {
  const settings = Object.entries(isObject(kwargs) ? kwargs : {}).filter(
    ([key, value]) => value !== null && key !== 'training',
  );
  const [unfit] = settings;
  if (unfit !== undefined) {
    throw new LockstepError('USAGE', `a layer is called with the argument '${unfit[0]}'`, {
      hint: 'Call layers with tensors alone.',
    });
  }
  return histories(args).map(([layer, node, tensor]) => [layer, node, tensor, {}]);
}

/** The tensors in a nest of lists, in order. */
function histories(value: unknown): [string, number, number][] {
  if (Array.isArray(value)) return value.flatMap(histories);
  const history =
    isObject(value) && isObject(value.config) ? value.config.keras_history : undefined;
  if (Array.isArray(history) && history.length === 3) return [history as [string, number, number]];
  throw new LockstepError('USAGE', `a layer is called with ${JSON.stringify(value)}`, {
    hint: 'Call layers with tensors alone.',
  });
}

/** A model's inputs or outputs: Keras 3 writes a single one without the list around it. */
export function endsOf(value: unknown): unknown {
  return Array.isArray(value) && typeof value[0] === 'string' ? [value] : value;
}

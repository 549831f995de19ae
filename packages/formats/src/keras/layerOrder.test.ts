import { describe, expect, it } from 'vitest';
import { layerName } from './dialect/layerJson.js';
import { layersInOrder } from './layerOrder.js';

const layer = (name: string, ...calls: unknown[]) => ({
  class_name: 'Dense',
  name,
  config: { name },
  inbound_nodes: calls,
});
const functional = (layers: unknown[], outputs: unknown) => ({
  class_name: 'Functional',
  config: { name: 'model', layers, input_layers: [['image', 0, 0]], output_layers: outputs },
});
const namesOf = (model: ReturnType<typeof functional>) => layersInOrder(model).map(layerName);

describe('layersInOrder', () => {
  it('is by depth, and among equals by the way back from the outputs, not by the list', () => {
    const model = functional(
      [
        layer('sum', [
          ['left', 0, 0],
          ['right', 0, 0],
        ]),
        layer('right', [['image', 0, 0]]),
        layer('left', [['deep', 0, 0]]),
        layer('deep', [['image', 0, 0]]),
        layer('image'),
      ],
      [['sum', 0, 0]],
    );
    expect(namesOf(model)).toEqual(['image', 'deep', 'left', 'right', 'sum']);
  });

  it('takes the greatest depth of a layer that is called twice', () => {
    const model = functional(
      [
        layer('image'),
        layer('twice', [['image', 0, 0]], [['between', 0, 0]]),
        layer('between', [['twice', 0, 0]]),
        layer('side', [['image', 0, 0]]),
        layer('sum', [
          ['side', 0, 0],
          ['twice', 1, 0],
        ]),
      ],
      ['sum', 0, 0],
    );
    // As Keras 3.15 has it.
    expect(namesOf(model)).toEqual(['image', 'twice', 'between', 'side', 'sum']);
  });

  it('refuses a circle, and a layer that is not there', () => {
    const circle = functional([layer('a', [['b', 0, 0]]), layer('b', [['a', 0, 0]])], ['a', 0, 0]);
    expect(() => namesOf(circle)).toThrow("the model 'model' goes in a circle");
    const gap = functional([layer('a', [['b', 0, 0]])], ['a', 0, 0]);
    expect(() => namesOf(gap)).toThrow("the model 'model' has no layer 'b', but uses it");
  });
});

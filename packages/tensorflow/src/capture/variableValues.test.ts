import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTensorFlow } from '../backend/index.js';
import { dataType } from '../native/dataTypes.js';
import { alignedFloats } from '../native/memory.js';
import { describeWithLibrary } from '../testing.suite.js';
import { GraphSpace } from './space.js';

describeWithLibrary('values of variables', (library) => {
  let space: GraphSpace;
  beforeAll(() => {
    space = new GraphSpace(startTensorFlow(library));
  });
  afterAll(() => space.delete());

  it('are read from memory that was lent, which no update writes to', async () => {
    const variables = [space.variable('lent', [4, 4]), space.variable('also', [3])];
    const memory = alignedFloats(19);
    await space.inTurn((values) => values.lend(variables, memory));
    const found = new Float32Array(19);
    for (const value of [1, 2]) {
      memory.fill(value);
      await space.readInto(variables, found);
      expect(found).toEqual(memory);
    }
    const one = space.graph.constant(dataType.float32, [3], new Float32Array(3).fill(1));
    const update = space.graph.operation('AssignAddVariableOp', {
      inputs: [variables[1]!.handle, one],
      attributes: { dtype: { type: dataType.float32 } },
    });
    await space.session.prepare({ feeds: [], fetches: [], targets: [update] }).run([]);
    expect([...memory]).toEqual(new Array(19).fill(2));
    await space.readInto([variables[1]!], found.subarray(0, 3));
    expect([...found.subarray(0, 3)]).toEqual([3, 3, 3]);
    const askew = space.inTurn((values) => values.lend([variables[1]!], memory.subarray(1, 4)));
    await expect(askew).rejects.toThrow(/not aligned/);
  });

  it('are what was written, until the variables are destroyed', async () => {
    const [first, second] = [space.variable('first', [2, 2]), space.variable('second', [1])];
    await space.writeFrom([first, second], Float32Array.of(1, 2, 3, 4, 5));
    await space.inTurn((values) => values.destroy([first]));
    const left = new Float32Array(1);
    await space.readInto([second], left);
    expect(left[0]).toBe(5);
    await expect(space.readInto([first], new Float32Array(4))).rejects.toThrow(/'first'/);
    const orphan = space.session.prepare({ feeds: [], fetches: [space.read(first)] });
    await expect(orphan.run([])).rejects.toThrow(/first/);
  });
});

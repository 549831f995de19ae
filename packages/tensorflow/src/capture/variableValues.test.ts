import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTensorFlow } from '../backend/index.js';
import { describeWithLibrary } from '../testing.suite.js';
import { GraphSpace } from './space.js';

describeWithLibrary('values of variables', (library) => {
  let space: GraphSpace;
  beforeAll(() => {
    space = new GraphSpace(startTensorFlow(library));
  });
  afterAll(() => space.delete());

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

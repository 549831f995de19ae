import util from 'node:util';

/**
 * The kernels of tfjs-node call these two functions of Node's `util`: Node 22 warns of them, and 23 has
 * dropped the first. To be called before the kernels run.
 */
export function supplyRemovedFunctions(): void {
  Object.assign(util, {
    isNullOrUndefined: (value: unknown) => value === null || value === undefined,
    isArray: Array.isArray,
  });
}

import jasmineCore from 'jasmine-core';
import { Binding } from '../../packages/tensorflow/src/backend/binding.js';
import { createContext } from '../../packages/tensorflow/src/backend/context.js';
import { supplyRemovedFunctions } from '../../packages/tensorflow/src/backend/removedFunctions.js';
import { loadLibrary } from '../../packages/tensorflow/src/native/library.js';
import { Status } from '../../packages/tensorflow/src/native/status.js';

/**
 * First of all imports in the child: jasmine's globals, which the suites call as they load, and our binding
 * in the place where tfjs-node-gpu looks for its compiled addon.
 */
jasmineCore.boot();
supplyRemovedFunctions();

const library = loadLibrary(process.argv[2] as string);
const context = createContext(library.c, {}, new Status(library.c));
Object.assign(globalThis, { lockstepBinding: new Binding(library, context, null) });

import { configProto, type RuntimeOptions } from '../native/config.js';
import type { NativeFunctions, Pointer } from '../native/functions.js';
import type { Status } from '../native/status.js';

/** A new `TFE_Context`. The first one of a process makes the devices and their threads. */
export function createContext(
  c: NativeFunctions,
  options: RuntimeOptions,
  status: Status,
): Pointer {
  const contextOptions = c.TFE_NewContextOptions();
  try {
    const config = configProto(options);
    c.TFE_ContextOptionsSetConfig(contextOptions, config, config.byteLength, status.pointer);
    status.check();
    const context = c.TFE_NewContext(contextOptions, status.pointer);
    status.check();
    return context;
  } finally {
    c.TFE_DeleteContextOptions(contextOptions);
  }
}

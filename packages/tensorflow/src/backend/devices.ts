import type { NativeFunctions, Pointer } from '../native/functions.js';
import type { Status } from '../native/status.js';

/** A device that TensorFlow found. */
export interface Device {
  /** `/job:localhost/replica:0/task:0/device:GPU:0` and the like. */
  readonly name: string;
  /** `CPU`, `GPU`, ... */
  readonly type: string;
  /** What TensorFlow may use of it. */
  readonly memoryBytes: number;
}

export function listDevices(c: NativeFunctions, context: Pointer, status: Status): Device[] {
  const list = c.TFE_ContextListDevices(context, status.pointer);
  status.check();
  try {
    return Array.from({ length: c.TF_DeviceListCount(list) }, (_, index) => {
      const name = c.TF_DeviceListName(list, index, status.pointer);
      const type = c.TF_DeviceListType(list, index, status.pointer);
      const memoryBytes = c.TF_DeviceListMemoryBytes(list, index, status.pointer);
      status.check();
      return { name, type, memoryBytes: Number(memoryBytes) };
    });
  } finally {
    c.TF_DeleteDeviceList(list);
  }
}

import { LockstepError } from '@lockstep/core';
import { withinDeadline } from './deadline.js';

/** What TensorFlow.js's programs are larger for on better adapters; the default is the least of each. */
const limits = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxComputeWorkgroupStorageSize',
  'maxComputeWorkgroupsPerDimension',
  'maxComputeWorkgroupSizeX',
  'maxComputeInvocationsPerWorkgroup',
] as const;

/**
 * A device, with what goes wrong on it. WebGPU reports errors beside the calls that made them, and goes
 * on with zeros: a buffer for which there was no memory, a driver that was restarted.
 */
export class Device {
  readonly device: GPUDevice;
  #failure: string | undefined;
  readonly #close = () => this.device.destroy();

  private constructor(device: GPUDevice) {
    this.device = device;
    device.addEventListener('uncapturederror', (event) => {
      event.preventDefault();
      this.#failure ??= event.error.message.split('\n')[0];
    });
    // Dawn crashes where a process exits while the device still works.
    process.once('exit', this.#close);
    void device.lost.then(({ reason, message }) => {
      this.#failure ??= reason === 'destroyed' ? 'the engine was disposed of' : message;
    });
  }

  static async open(adapter: GPUAdapter): Promise<Device> {
    const requiredLimits = Object.fromEntries(limits.map((name) => [name, adapter.limits[name]]));
    return new Device(await withinDeadline(adapter.requestDevice({ requiredLimits }), 'device'));
  }

  close(): void {
    process.off('exit', this.#close);
    this.#close();
  }

  /** What was read; ENGINE_UNAVAILABLE where something before it went wrong on the device. */
  async checked<Result>(reading: Promise<Result>): Promise<Result> {
    let cause: unknown;
    try {
      const result = await reading;
      if (this.#failure === undefined) return result;
    } catch (thrown) {
      cause = thrown;
      this.#failure ??= thrown instanceof Error && thrown.message ? thrown.message : 'it was lost';
    }
    throw new LockstepError('ENGINE_UNAVAILABLE', `the GPU failed: ${this.#failure}`, {
      hint: 'Use a smaller --batch-size if it ran out of memory, or another engine.',
      cause,
    });
  }
}

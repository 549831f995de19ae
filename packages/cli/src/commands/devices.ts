import { toLockstepError } from '@lockstep/core';
import { createEngine } from '@lockstep/worker';
import { formatDevices, type Machine, thisProcessor } from '../devices/machine.js';
import { lookForGpus } from '../devices/nvidiaSmi.js';

/** `lockstep devices`: what there is to compute with. */
export async function devices({ json }: { readonly json: boolean }): Promise<number> {
  const machine: Machine = {
    cpu: thisProcessor(),
    ...(await lookForGpus()),
    webgpu: await lookForAdapter(),
  };
  if (json) console.log(JSON.stringify(machine));
  else for (const line of formatDevices(machine)) console.log(line);
  return 0;
}

/** The engine chooses the adapter, and so only it can name it. */
async function lookForAdapter(): Promise<Machine['webgpu']> {
  try {
    const engine = await createEngine('webgpu');
    const { device } = engine.description;
    await engine.dispose();
    return { adapter: device, problem: null };
  } catch (thrown) {
    return { adapter: null, problem: toLockstepError(thrown).message.replace(/^webgpu: /, '') };
  }
}

import type { Dataset } from '@lockstep/core/data';
import { memoryTransport } from '@lockstep/core/transport';
import { Session } from '@lockstep/worker';
import { openEngine } from '../devices/openEngine.js';
import type { TrainOptions } from '../options/options.js';
import { version } from '../version.js';
import { usualStepTimeoutMs } from './settings.js';

/**
 * The one worker of single-process training: the same session, over memory instead of a socket.
 *
 * @throws ENGINE_UNAVAILABLE; what goes wrong later, the coordinator hears from the session
 */
export async function runInProcess(
  address: string,
  run: string,
  options: TrainOptions,
  dataset: Dataset,
): Promise<void> {
  const { engine } = await openEngine(options, { mayInstall: false });
  const link = await memoryTransport.connect(address);
  const session = new Session({
    link,
    engine,
    version,
    slot: 0,
    expects: { run },
    findDataset: async () => dataset,
    place: null,
    connectTimeoutMs: options.joinTimeoutMs,
    silenceTimeoutMs: options.stepTimeoutMs ?? usualStepTimeoutMs,
    log: () => undefined,
  });
  try {
    await session.run();
  } catch {
    // The coordinator in this process heard the same, and reports it.
  } finally {
    await engine.dispose();
  }
}

import {
  findEngine,
  formatBytes,
  type InstalledEngine,
  type InstallProgress,
  installEngine,
  listEngines,
  planInstall,
  removeAllEngines,
  removeEngine,
} from '@lockstep/tensorflow/install';
import type { EngineInstallOptions, EngineRemoveOptions } from '../options/engine.js';
import { InstallLine } from '../terminal/installLine.js';

/** `lockstep engine install`: fetches, checks and unpacks the native library. */
export async function install({ variant, from, json }: EngineInstallOptions): Promise<number> {
  const plan = await planInstall({ variant });
  const wasThere = (await findEngine({ variant })) !== null;
  if (!json && !wasThere) {
    const source = from === null ? `fetches ${formatBytes(plan.downloadBytes)}` : `from ${from}`;
    const size = formatBytes(plan.unpackedBytes);
    console.log(`TensorFlow ${plan.version} (${variant}): ${source}, takes ${size} in`);
    console.log(`  ${plan.directory}`);
  }
  const line = new InstallLine(process.stdout);
  const tell = json ? jsonProgress() : (progress: InstallProgress) => line.show(progress);
  try {
    const engine = await installEngine({ variant, from, onProgress: tell });
    line.end();
    if (json) print({ installed: engine, wasThere });
    else console.log(wasThere ? `${engine.name} is installed already` : `Installed ${engine.name}`);
    return 0;
  } finally {
    line.end();
  }
}

/** Whole percents: a line for each piece of a file would be thousands. */
function jsonProgress(): (progress: InstallProgress) => void {
  let last = '';
  return ({ stage, what, done, total }) => {
    const percent = total === 0 ? 0 : Math.floor((done / total) * 100);
    const key = `${stage} ${what} ${percent}`;
    if (key !== last) print({ progress: { stage, what, done, total } });
    last = key;
  };
}

/** `lockstep engine list` */
export async function list({ json }: { readonly json: boolean }): Promise<number> {
  const engines = await listEngines();
  // One that is there and is for another machine is listed, and nothing takes it.
  const chosen = await findEngine().catch(() => null);
  if (json) {
    for (const engine of engines) print({ ...engine, inUse: engine.name === chosen?.name });
    return 0;
  }
  if (engines.length === 0) console.log("No engine is installed: 'lockstep engine install'.");
  for (const engine of engines) console.log(lineOf(engine, engine.name === chosen?.name));
  return 0;
}

function lineOf({ name, bytes, directory }: InstalledEngine, isChosen: boolean): string {
  const mark = isChosen ? '  (what --engine tensorflow takes)' : '';
  return `${name}  ${formatBytes(bytes)}  ${directory}${mark}`;
}

/** `lockstep engine remove` */
export async function remove({ name, json }: EngineRemoveOptions): Promise<number> {
  if (name !== null) await removeEngine(name);
  const removed = name === null ? await removeAllEngines() : [name];
  if (json) print({ removed });
  else
    console.log(removed.length === 0 ? 'No engine is installed' : `Removed ${removed.join(', ')}`);
  return 0;
}

function print(event: object): void {
  console.log(JSON.stringify(event));
}

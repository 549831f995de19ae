import { LockstepError, toLockstepError } from '@lockstep/core';
import type { Engine, EngineChoice, EngineFactory, EngineOptions } from './engine.js';

/** In order of preference for `auto`. Imports are lazy: to know the names no tensor library is loaded. */
const factories: readonly EngineFactory[] = [
  {
    name: 'tensorflow',
    runsOn: 'any',
    create: async (choice) =>
      (await import('./tensorflow/tensorflow.js')).createTensorflowEngine(choice),
  },
  {
    name: 'webgpu',
    runsOn: 'gpu',
    create: async (choice) => (await import('./webgpu/webgpu.js')).createWebgpuEngine(choice),
  },
  {
    name: 'wasm',
    runsOn: 'cpu',
    create: async () => (await import('./wasm/wasm.js')).createWasmEngine(),
  },
  {
    name: 'cpu',
    runsOn: 'cpu',
    create: async () => (await import('./cpu/cpu.js')).createCpuEngine(),
  },
];

/** What `--engine` takes: `auto` and every engine. */
export const engineNames: readonly string[] = ['auto', ...factories.map(({ name }) => name)];

/** What `doctor` says of an engine. */
export interface EngineProbe {
  readonly name: string;
  readonly works: boolean;
  readonly device?: string;
  /** Why it does not work. */
  readonly reason?: string;
}

/**
 * Starts an engine; `auto` takes the first that works.
 *
 * @throws USAGE for an unknown name, ENGINE_UNAVAILABLE with the reason where it does not work here, or does
 *   not do what is asked of it.
 */
export async function createEngine(name: string, options: EngineOptions = {}): Promise<Engine> {
  if (name === 'auto') return await createFirst(options);
  const factory = factories.find((each) => each.name === name);
  if (factory !== undefined) return await create(factory, { automatic: false, ...options });
  throw new LockstepError('USAGE', `there is no engine '${name}'`, {
    hint: `Use one of: ${engineNames.join(', ')}.`,
  });
}

/** Starts every engine once and says whether it works. */
export async function probeEngines(): Promise<EngineProbe[]> {
  const probes: EngineProbe[] = [];
  for (const factory of factories) {
    try {
      const engine = await create(factory, { automatic: false });
      probes.push({ name: factory.name, works: true, device: engine.description.device });
      await engine.dispose();
    } catch (thrown) {
      probes.push({ name: factory.name, works: false, reason: toLockstepError(thrown).message });
    }
  }
  return probes;
}

async function createFirst(options: EngineOptions): Promise<Engine> {
  const reasons: LockstepError[] = [];
  for (const factory of factories.filter((each) => canRunOn(each, options))) {
    try {
      return await create(factory, { automatic: true, ...options });
    } catch (thrown) {
      reasons.push(toLockstepError(thrown));
    }
  }
  // The only engine that does what was asked has said it all.
  if (reasons.length === 1) throw reasons[0];
  const each = reasons.map(({ message }) => message).join('; ');
  throw new LockstepError('ENGINE_UNAVAILABLE', `no engine works here: ${each}`, {
    hint: "Install the dependencies again ('npm ci') and run 'lockstep doctor'.",
  });
}

/** A package that is missing or does not load means the same as a device that is not there. */
async function create(factory: EngineFactory, choice: EngineChoice): Promise<Engine> {
  if (!canRunOn(factory, choice)) {
    throw new LockstepError(
      'ENGINE_UNAVAILABLE',
      `the engine '${factory.name}' cannot be given the device '${choice.device}'`,
      { hint: 'Use --engine tensorflow, or leave --devices out.' },
    );
  }
  try {
    return await factory.create(choice);
  } catch (thrown) {
    throw toLockstepError(thrown, 'ENGINE_UNAVAILABLE');
  }
}

function canRunOn({ runsOn }: EngineFactory, { device, allowCpu = false }: EngineOptions): boolean {
  if (device === undefined || runsOn === 'any') return true;
  return runsOn === 'cpu' && (device === 'cpu' || allowCpu);
}

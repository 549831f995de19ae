import { cpSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { decode, encode, type Header, protocolVersion } from '@lockstep/core/protocol';
import { zeromqTransport } from '@lockstep/core/transport';
import { beforeAll, describe, expect, it } from 'vitest';
import { writeSubset } from '../support/dataset.js';
import { lockstep, readRun, start, temporaryFolder } from '../support/lockstep.js';
import { once } from '../support/once.js';

let data: string;
beforeAll(async () => {
  data = await writeSubset(join(temporaryFolder(), 'data'), 600, 100);
});

const small = (...more: string[]): string[] => [
  ...['--model', 'tiny', '--data-dir', data, '--epochs', '1', '--run-dir'],
  ...[join(temporaryFolder(), 'run'), ...more],
];

/** Which engine it is does not matter; this one is there at once. */
const alone = ['--workers', '0', '--engine', 'wasm'];

async function refused(args: string[]): Promise<{ code: number | null; stderr: string }> {
  const { code, stderr } = await lockstep(args);
  return { code, stderr };
}

describe('the command line', () => {
  it.each([
    ['an unknown flag', ['train', '--epoch', '3'], '--epochs'],
    ['an unknown command', ['trian'], 'train'],
    ['an unknown model', ['train', '--model', 'cn'], 'cnn'],
    ['an unknown dataset', ['train', '--dataset', 'mnits'], 'mnist'],
    ['an unknown engine', ['train', '--engine', 'wams'], 'wasm'],
    ['an unknown optimizer', ['train', '--optimizer', 'adm'], 'adam'],
    ['a batch size that is none', ['train', '--batch-size', '0'], '--batch-size'],
    ['a target beyond 1', ['train', '--target-accuracy', '99.5'], '--target-accuracy'],
    ['an address that is none', ['worker', '--connect', 'localhost'], 'tcp://'],
    ['no address at all', ['worker'], '--connect'],
  ])('%s: exit code 2, and what was probably meant', async (_what, args, hint) => {
    const { code, stderr } = await refused(args);
    expect(stderr).toContain(hint);
    expect(stderr).not.toContain('    at ');
    expect(code).toBe(2);
  });
});

describe('a model file', () => {
  const layer = (class_name: string, config: object) => ({ class_name, config });
  const topology = (...layers: object[]) =>
    JSON.stringify({ class_name: 'Sequential', config: { name: 'm', layers } });
  const image = { name: 'f', batch_input_shape: [null, 28, 28, 1] };
  const flat = layer('Flatten', image);

  it.each([
    ['cut short', 'm.json', topology(flat).slice(0, -9), 'MODEL_FILE', 18],
    ['no HDF5', 'm.h5', 'hello, world', 'MODEL_FILE', 18],
    [
      'with an unknown layer',
      'm.json',
      topology(flat, layer('Swirl', { name: 's' })),
      "'Swirl'",
      2,
    ],
  ])('%s: by name, and no run is begun', async (_what, name, content, what, exitCode) => {
    const file = join(temporaryFolder(), name);
    writeFileSync(file, content);
    const runs = temporaryFolder();
    const { code, stderr } = await refused([
      ...['train', '--init-from', file, '--data-dir', data, '--run-dir', join(runs, 'run')],
    ]);
    expect(stderr).toContain(what);
    expect(stderr).not.toContain('    at ');
    expect(code).toBe(exitCode);
    expect(readdirSync(runs)).toEqual([]);
  });

  it('with weights of another shape, or cut short: named, and no run is begun', async () => {
    const folder = temporaryFolder();
    const run = join(folder, 'run');
    await lockstep(['train', ...small(...alone, '--run-dir', run)]);
    const exported = async (name: string, ...more: string[]) => {
      const file = join(folder, name);
      const written = await lockstep(['export', run, '--output', file, ...more]);
      expect(written).toMatchObject({ code: 0 });
      return file;
    };
    const runs = temporaryFolder();
    const begin = (file: string, model: string) => [
      ...['train', '--init-from', file, '--model', model, '--data-dir', data],
      ...['--run-dir', join(runs, 'run')],
    ];
    const weights = await exported('w.npz');
    const other = await refused(begin(weights, 'mlp'));
    expect(other.stderr).toMatch(/MODEL_FILE.*w\.npz has the weight .* in the shape/s);
    expect(other.code).toBe(18);
    const files = [weights, await exported('m.keras'), await exported('m.h5')];
    for (const file of [...files, await exported('web', '--format', 'tfjs')]) {
      const cut = file.endsWith('web') ? join(file, 'model.weights.bin') : file;
      truncateSync(cut, statSync(cut).size - 1_000);
      const { code, stderr } = await refused(begin(file, 'tiny'));
      expect(stderr).toContain(`error MODEL_FILE: ${file}`);
      expect(code).toBe(18);
    }
    expect(readdirSync(runs)).toEqual([]);
  });

  it('that cannot be written is not there in part', async () => {
    const folder = temporaryFolder();
    const topologyOnly = join(folder, 'm.json');
    writeFileSync(topologyOnly, topology(flat));
    const weights = join(folder, 'w.npz');
    writeFileSync(weights, readFileSync(topologyOnly));
    const { code } = await refused(['import', weights, '--output', join(folder, 'out.keras')]);
    expect(code).toBe(18);
    expect(readdirSync(folder).sort()).toEqual(['m.json', 'w.npz']);
  });
});

describe('data', () => {
  const damaged = (damage: (folder: string) => void): string => {
    const folder = join(temporaryFolder(), 'data');
    cpSync(data, folder, { recursive: true });
    damage(folder);
    return folder;
  };

  it('a file that is cut short: exit code 3, by name', async () => {
    const folder = damaged((f) => truncateSync(join(f, 'train-images-idx3-ubyte'), 5_000));
    const { code, stderr } = await refused(['train', '--data-dir', folder]);
    expect(stderr).toMatch(/DATA_CORRUPT.*train-images-idx3-ubyte/);
    expect(code).toBe(3);
  });

  it('a file that is no IDX file', async () => {
    const folder = damaged((f) => writeFileSync(join(f, 't10k-labels-idx1-ubyte'), 'hello, world'));
    const { code, stderr } = await refused(['train', '--data-dir', folder]);
    expect(stderr).toMatch(/DATA_CORRUPT.*t10k-labels-idx1-ubyte/);
    expect(code).toBe(3);
  });

  it.each([
    ['train', '0'],
    ['t10k', '2'],
  ])(
    'a label of %s that the model has no output for, with %s workers: before the first step',
    async (split, workers) => {
      const file = `${split}-labels-idx1-ubyte`;
      const folder = damaged((f) => {
        const labels = readFileSync(join(f, file));
        labels[labels.length - 1] = 10;
        writeFileSync(join(f, file), labels);
      });
      const run = join(temporaryFolder(), 'run');
      const { code, stderr } = await refused([
        ...['train', '--model', 'tiny', '--engine', 'cpu', '--workers', workers],
        ...['--data-dir', folder, '--run-dir', run],
      ]);
      expect(stderr).toMatch(/MODEL_MISMATCH.*has label 10, but the model tells only 10 classes/);
      expect(code).toBe(6);
      expect(readRun(run)).toMatchObject({ steps: 0, exitCode: 6, checkpoint: null });
      expect(readdirSync(join(run, 'checkpoints'))).toEqual([]);
    },
  );

  it.each([
    ['NaN among its pixels', 'images[5 * 784 + 3] = NaN', /train: sample 5 has a pixel of NaN/],
    ['a negative label', 'labels[7] = -1', /train: sample 7 has the label -1/],
  ])('of a program, with %s: by sample, and no run is begun', async (_what, damage, message) => {
    const file = join(temporaryFolder(), 'net.js');
    const program = `
      const images = new Float32Array(20 * 784);
      const labels = Array.from({ length: 20 }, (_, i) => i % 10);
      const test = { images: images.slice(), labels: labels.slice() };
      ${damage};
      export const createModel = (tf) => tf.sequential({ layers: [
        tf.layers.flatten({ inputShape: [28, 28, 1] }), tf.layers.dense({ units: 10, activation: 'softmax' }),
      ] });
      export const dataset = { imageShape: [28, 28, 1], train: { images, labels }, test };`;
    writeFileSync(file, program);
    const runs = temporaryFolder();
    const { code, stderr } = await refused([
      'train',
      '--model',
      file,
      '--run-dir',
      join(runs, 'run'),
    ]);
    expect(stderr).toMatch(message);
    expect(stderr).toContain('DATA_CORRUPT');
    expect(code).toBe(3);
    expect(readdirSync(runs)).toEqual([]);
  });

  it('a folder with nothing in it', async () => {
    const { code, stderr } = await refused(['train', '--data-dir', temporaryFolder()]);
    expect(stderr).toContain('DATA_MISSING');
    expect(code).toBe(3);
  });
});

describe('the network', () => {
  it('a port that is in use: exit code 4', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    const listen = `tcp://127.0.0.1:${port}`;
    const { code, stderr } = await refused(['coordinator', '--listen', listen, ...small()]);
    server.close();
    expect(stderr).toMatch(/PORT_IN_USE.*listen/);
    expect(code).toBe(4);
  });

  it('a coordinator that is not there: exit code 5, after the timeout', async () => {
    const { code, stderr } = await refused([
      ...['worker', '--connect', 'tcp://127.0.0.1:9', '--connect-timeout', '1'],
    ]);
    expect(stderr).toContain('no coordinator answered within 1 s');
    expect(code).toBe(5);
  });

  it('a worker with another model, run, configuration or engine: exit code 6, and the run waits for another', async () => {
    const coordinator = start(['coordinator', '--workers', '1', '--engine', 'wasm', ...small()]);
    const [, address] = await coordinator.until(/(tcp:\/\/127\.0\.0\.1:\d+)/);
    for (const [code, ...more] of [
      ['MODEL_MISMATCH', '--model', 'cnn'],
      ['RUN_MISMATCH', '--run', 'elsewhere'],
      ['CONFIG_MISMATCH', '--expect-config', 'ab'.repeat(32)],
      ['CONFIG_MISMATCH', '--engine', 'cpu'],
    ] as const) {
      const stranger = await lockstep(['worker', '--connect', address!, ...more]);
      expect(stranger.stderr).toContain(code);
      expect(stranger.code).toBe(6);
    }
    const friend = await lockstep(['worker', '--connect', address!, '--engine', 'wasm']);
    expect(friend.code).toBe(0);
    expect((await coordinator.ended).code).toBe(0);
  });

  it('a worker of another protocol version is told so', async () => {
    const coordinator = start(['coordinator', '--workers', '1', ...small()]);
    const [, address] = await coordinator.until(/(tcp:\/\/127\.0\.0\.1:\d+)/);
    const link = await zeromqTransport.connect(address!);
    const hello = { kind: 'hello', protocol: protocolVersion + 1, whatever: 'came later' };
    await link.send(encode(hello as unknown as Header<'hello'>));
    for await (const frames of link.receive()) {
      expect(decode(frames, 'coordinator').header).toMatchObject({
        kind: 'refuse',
        code: 'PROTOCOL_MISMATCH',
        message: expect.stringContaining(`${protocolVersion + 1}`),
      });
      break;
    }
    await link.close();
    expect((await lockstep(['worker', '--connect', address!])).code).toBe(0);
    expect((await coordinator.ended).code).toBe(0);
  });

  it('a worker with other samples', async () => {
    const other = await writeSubset(join(temporaryFolder(), 'data'), 601, 100);
    const coordinator = start(['coordinator', '--workers', '1', ...small()]);
    const [, address] = await coordinator.until(/(tcp:\/\/127\.0\.0\.1:\d+)/);
    const stranger = await lockstep(['worker', '--connect', address!, '--data-dir', other]);
    expect(stranger.stderr).toContain('DATASET_MISMATCH');
    expect(stranger.code).toBe(6);
    coordinator.process.kill('SIGINT');
    expect((await coordinator.ended).code).toBe(130);
  });
});

describe('the run directory', () => {
  it('that cannot be made: exit code 10', async () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    const { code, stderr } = await refused([
      ...['train', '--data-dir', data, '--run-dir', join(file, 'run')],
    ]);
    expect(stderr).toContain('RUN_DIRECTORY');
    expect(code).toBe(10);
  });

  it('that has a run in it already', async () => {
    const run = join(temporaryFolder(), 'run');
    const flags = ['train', ...alone, ...small().slice(0, -1), run];
    expect((await lockstep(flags)).code).toBe(0);
    const { code, stderr } = await refused(flags);
    expect(stderr).toContain('--resume');
    expect(code).toBe(10);
  });

  it('that has no run in it', async () => {
    const { code, stderr } = await refused(['train', '--resume', temporaryFolder()]);
    expect(stderr).toContain('RUN_DIRECTORY');
    expect(code).toBe(10);
  });
});

describe('checkpoints', () => {
  const whole = once(async () => {
    const run = join(temporaryFolder(), 'run');
    const { code } = await lockstep(['train', ...alone, ...small().slice(0, -1), run]);
    expect(code).toBe(0);
    return run;
  });

  /** A copy, to be damaged. */
  async function trained(): Promise<{ run: string; files: string[] }> {
    const run = join(temporaryFolder(), 'run');
    cpSync(await whole(), run, { recursive: true });
    const folder = join(run, 'checkpoints');
    return {
      run,
      files: readdirSync(folder)
        .sort()
        .map((file) => join(folder, file)),
    };
  }
  const flipByte = (file: string): void => {
    const bytes = readFileSync(file);
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(file, bytes);
  };

  it('the newest is corrupt: the newest whole one is used, the bad one named', async () => {
    const { run, files } = await trained();
    flipByte(files.at(-1)!);
    const { code, stdout, stderr } = await lockstep(['train', '--workers', '0', '--resume', run]);
    expect(stdout + stderr).toContain(files.at(-1)!.split('/').at(-1));
    expect(code).toBe(0);
    expect(readRun(run)).toMatchObject({ stoppedBy: 'epochs', epochs: 1 });
  });

  it('all are corrupt: exit code 9', async () => {
    const { run, files } = await trained();
    files.forEach(flipByte);
    const { code, stderr } = await refused(['train', '--workers', '0', '--resume', run]);
    expect(stderr).toContain('CHECKPOINT_CORRUPT');
    expect(code).toBe(9);
  });

  it('of another seed, compression or scaling than the flag says: exit code 9', async () => {
    const { run } = await trained();
    for (const [option, ...flags] of [
      ['seed', '--seed', '77'],
      ['compression', '--compression', 'float16'],
      ['scaleLearningRate', '--scale-learning-rate'],
    ] as const) {
      const { code, stderr } = await refused(['train', '--resume', run, ...flags]);
      expect(stderr).toMatch(new RegExp(`CHECKPOINT_MISMATCH.* has ${option} `));
      expect(code).toBe(9);
    }
  });
});

describe('code of the user', () => {
  it.each([
    ['does not load', 'export default {', 'cannot be loaded'],
    ['exports no callback', 'export default 7', 'gives no callbacks'],
    ['throws', 'export default {name: "x", onEpochEnd() {throw new Error("ouch")}}', 'ouch'],
  ])('callbacks whose file %s: exit code 14', async (_what, text, message) => {
    const file = join(temporaryFolder(), 'callbacks.ts');
    writeFileSync(file, text);
    const { code, stderr } = await refused(['train', ...alone, ...small(), '--callbacks', file]);
    expect(stderr).toContain(message);
    expect(code).toBe(14);
  });
});

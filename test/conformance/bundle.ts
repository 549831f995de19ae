import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { build, type Plugin } from 'esbuild';

const require = createRequire(import.meta.url);

/**
 * Bundles the suites for Node. They are ES modules without file extensions, which Node does not load; and
 * all of TensorFlow.js must be the one instance that the suites import by relative paths.
 *
 * @returns path of the program, which takes the path of libtensorflow
 */
export async function bundleSuites(directory: string): Promise<string> {
  const outfile = join(directory, 'child.mjs');
  const addon = join(directory, 'addon.cjs');
  await writeFile(addon, 'module.exports = globalThis.lockstepBinding;');
  await build({
    entryPoints: [new URL('child.ts', import.meta.url).pathname],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    mainFields: ['module', 'main'],
    conditions: ['@lockstep/source'],
    // The packages call themselves free of side effects; registering kernels and specs are such.
    ignoreAnnotations: true,
    banner: { js: commonJsScope() },
    logLevel: 'silent',
    plugins: [ourAddon(addon), forCpus, constructible, loadedByNode],
  });
  return outfile;
}

/** What CommonJS modules among them expect to be there. */
function commonJsScope(): string {
  const from = require.resolve('@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend');
  return `
    import { createRequire } from 'node:module';
    const require = createRequire(${JSON.stringify(from)});
    const __dirname = ${JSON.stringify(dirname(from))};`;
}

/** tfjs-node-gpu asks node-pre-gyp for the path of its compiled addon, and requires it. */
const ourAddon = (path: string): Plugin => ({
  name: 'our addon',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^@mapbox\/node-pre-gyp$/ }, () => ({ path, namespace: 'addon' }));
    onLoad({ filter: /.*/, namespace: 'addon' }, () => ({
      contents: `exports.find = () => ${JSON.stringify(path)};`,
    }));
  },
});

/** Of the two packages with the same files, the one for CPUs: its kernels look at the name. */
const forCpus: Plugin = {
  name: 'package for CPUs',
  setup({ onLoad }) {
    onLoad({ filter: /tfjs-node-gpu\/package\.json$/ }, async ({ path }) => {
      const description = JSON.parse(await readFile(path, 'utf8')) as object;
      const name = '@tensorflow/tfjs-node';
      return { contents: JSON.stringify({ ...description, name }), loader: 'json' };
    });
  },
};

/** tfjs-node-gpu has classes of ES5, which call their parents; as ES modules the parents are classes of ES6. */
const constructible: Plugin = {
  name: 'constructible classes',
  setup({ onLoad }) {
    onLoad({ filter: /tfjs-node-gpu\/dist\/.*\.js$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      const construct = `const construct = (parent, self, ...given) =>
        Reflect.construct(parent, given, self.constructor);`;
      return {
        contents: source.replaceAll('_super.call(this', 'construct(_super, this') + construct,
      };
    });
  },
};

/** Packages that find their own files by where they lie. */
const loadedByNode: Plugin = {
  name: 'loaded by Node',
  setup({ onResolve }) {
    onResolve({ filter: /^(koffi|jasmine-core|rimraf|tmp)$/ }, ({ path }) => ({
      path: require.resolve(path),
      external: true,
    }));
  },
};

import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { type Browser, chromium } from 'playwright-core';

const require = createRequire(import.meta.url);

/** How a browser is started here. */
interface Installed {
  readonly executablePath: string;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * A Chromium: `LOCKSTEP_CHROMIUM`, or the one that `npm ci` brings (Linux x86-64), unpacked once into the folder for
 * temporary files.
 *
 * @throws Error where there is neither
 */
function findBrowser(): Installed {
  const given = process.env.LOCKSTEP_CHROMIUM;
  if (given !== undefined) return { executablePath: given, env: {} };
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(`there is none for ${process.platform} on ${process.arch}`);
  }
  const folder = unpacked();
  const libraries = [join(folder, 'lib'), process.env.LD_LIBRARY_PATH].filter(Boolean).join(':');
  // Where a machine has no fonts at all, there are those of the package.
  const fonts = existsSync('/etc/fonts') ? {} : { FONTCONFIG_PATH: folder };
  return {
    executablePath: join(folder, 'chromium'),
    env: { LD_LIBRARY_PATH: libraries, ...fonts },
  };
}

/** Under a name of its own while it is not whole; whoever is first, the result is the same. */
function unpacked(): string {
  const packageFile = join(dirname(require.resolve('@sparticuz/chromium')), '../../package.json');
  const { version } = JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string };
  const folder = join(tmpdir(), `lockstep-chromium-${version}`);
  if (existsSync(folder)) return folder;
  const bin = join(dirname(packageFile), 'bin');
  const temporary = mkdtempSync(`${folder}-`);
  const content = (name: string): Buffer => brotliDecompressSync(readFileSync(join(bin, name)));
  writeFileSync(join(temporary, 'chromium'), content('chromium.br'));
  chmodSync(join(temporary, 'chromium'), 0o755);
  for (const name of ['al2023.tar.br', 'fonts.tar.br']) {
    const { status, stderr } = spawnSync('tar', ['-x', '-C', temporary], { input: content(name) });
    if (status !== 0) throw new Error(`${name} cannot be unpacked: ${stderr}`);
  }
  try {
    renameSync(temporary, folder);
  } catch {
    rmSync(temporary, { recursive: true });
  }
  return folder;
}

/** Starts it; whoever does closes it. */
export function startBrowser(): Promise<Browser> {
  const { executablePath, env } = findBrowser();
  return chromium.launch({
    executablePath,
    env: { ...process.env, ...env },
    args: ['--no-sandbox', '--no-zygote', '--disable-gpu'],
  });
}

async function whyNoBrowser(): Promise<string | null> {
  try {
    await (await startBrowser()).close();
    return null;
  } catch (thrown) {
    const [reason] = (thrown as Error).message.split('\n');
    return `no Chromium starts here: ${reason}; LOCKSTEP_CHROMIUM can say where one is`;
  }
}

/** Why tests in a browser are skipped; null where one starts. */
export const noBrowser: string | null = await whyNoBrowser();

/** For the names of tests, so that a skipped one says why. */
export const inBrowser: string =
  noBrowser === null ? 'in a browser' : `in a browser (${noBrowser})`;

/** Where screenshots are kept to be looked at: `LOCKSTEP_SCREENSHOTS`; null: nobody asked for them. */
export function screenshotFile(name: string): string | null {
  const folder = process.env.LOCKSTEP_SCREENSHOTS;
  if (folder === undefined) return null;
  mkdirSync(folder, { recursive: true });
  return join(folder, `${name}.png`);
}

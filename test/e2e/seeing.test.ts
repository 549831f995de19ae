import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inBrowser, noBrowser, screenshotFile, startBrowser } from '../support/browser.js';
import { writeSubset } from '../support/dataset.js';
import { jsonLines, lockstep, readRun, start, temporaryFolder } from '../support/lockstep.js';
import { strokesOfDigit, takePhotographs } from '../support/photographs.js';

let run: string;
let trained: Awaited<ReturnType<typeof lockstep>>;
let browser: Browser | null = null;

/** Of an answer from another process, on a machine that has other things to do. */
const patience = { timeout: 20_000 };
const withReport = { env: { LOCKSTEP_NO_REPORT: '' } };

beforeAll(async () => {
  const data = await writeSubset(join(temporaryFolder(), 'data'), 12_000, 1_000);
  run = join(temporaryFolder(), 'run');
  trained = await lockstep(
    [
      ...['train', '--model', 'cnn', '--workers', '0', '--epochs', '3', '--data-dir', data],
      ...['--target-accuracy', 'none', '--run-dir', run],
    ],
    withReport,
  );
  expect(trained.stderr).toBe('');
  expect(trained.code).toBe(0);
  if (noBrowser === null) browser = await startBrowser();
});
afterAll(() => browser?.close());

describe('tables', () => {
  it('summary of a run, with what its optimizer keeps', async () => {
    const { stdout } = await lockstep(['summary', run]);
    expect(stdout).toContain('│ conv2d (Conv2D)                 │ (None, 26, 26, 32)     │');
    expect(stdout).toContain(' Trainable params: 693,962 (2.65 MB)\n');
    expect(stdout).toContain(' Optimizer params: 1,387,926 ');
    expect(stdout).toContain(' Optimizer: adam (learningRate 0.001,');
  });

  it('summary of a model, as JSON', async () => {
    const [{ layers, optimizer }] = jsonLines(
      (await lockstep(['summary', '--model', 'tiny', '--json'])).stdout,
    );
    expect(layers.map(({ outputShape }: { outputShape: unknown }) => outputShape)).toEqual([
      [null, 26, 26, 3],
      [null, 13, 13, 3],
      [null, 507],
      [null, 100],
      [null, 10],
    ]);
    expect(optimizer).toBeNull();
  });

  it('history: the last epochs', async () => {
    const { stdout } = await lockstep(['history', run, '--last', '2']);
    const [head, ...rows] = stdout.trimEnd().split('\n');
    expect(head).toBe('epoch  accuracy    loss  val_accuracy  val_loss');
    expect(rows).toHaveLength(2);
    expect(rows[1]).toContain(readRun(run).metrics!.accuracy.toFixed(4));
  });

  it.each([
    ['neither a run nor a model', ['summary']],
    ['both', ['summary', 'runs/a', '--model', 'tiny']],
    ['a model that is none', ['plot-model', '--model', 'tni']],
    ['a file that is no picture', ['plot-model', '--model', 'tiny', '--output', 'model.pdf']],
  ])('refuses %s', async (_what, args) => {
    const { code, stderr } = await lockstep(args);
    expect(stderr).toMatch(/error USAGE: .+/);
    expect(code).toBe(2);
  });
});

describe('pictures', () => {
  it.each(['svg', 'png'] as const)('plot-model draws a model as %s', async (format) => {
    const output = join(temporaryFolder(), `model.${format}`);
    const { code } = await lockstep(['plot-model', '--model', 'deep', '--output', output]);
    expect(code).toBe(0);
    const { width, height } = await sharp(output).metadata();
    expect(height).toBeGreaterThan(width);
  });

  it('inspect shows each layer of an image, and the weights', async () => {
    const { stdout, code } = await lockstep(['inspect', run, '--image', '4', '--format', 'png']);
    expect(code).toBe(0);
    const folder = join(run, 'inspect', 'test-4');
    expect(readdirSync(folder).sort()).toEqual(
      [
        ...['image', 'probabilities', 'filters-conv2d', 'kernel-dense_1'],
        ...['conv2d', 'max_pooling2d', 'flatten', 'dense', 'dense_1'].map(
          (name) => `output-${name}`,
        ),
        ...['conv2d', 'dense', 'dense_1'].map((name) => `distribution-${name}-kernel`),
      ]
        .map((name) => `${name}.png`)
        .sort(),
    );
    expect(stdout).toContain('output-conv2d.png: Conv2D: 21,632 numbers from 0 to ');
  });

  it('inspect refuses an image that is not there', async () => {
    const { code, stderr } = await lockstep(['inspect', run, '--image', '1000']);
    expect(stderr).toContain('there is no image 1000 among 1000 (test)');
    expect(code).toBe(2);
  });
});

describe('the report of a run', () => {
  it('is named at the end of the run, and loads nothing', () => {
    expect(trained.stdout).toContain(`Report: ${join(run, 'report.html')}\n`);
    const html = readFileSync(join(run, 'report.html'), 'utf8');
    expect(html).not.toMatch(/(src|href)="(?!#|data:)/);
    expect(html).not.toContain('<script');
  });

  it('that cannot be written is a warning', async () => {
    const directory = join(temporaryFolder(), 'run');
    mkdirSync(join(directory, 'report.html'), { recursive: true });
    const data = await writeSubset(join(temporaryFolder(), 'data'), 256, 64);
    const { code, stdout } = await lockstep(
      [
        ...['train', '--model', 'tiny', '--workers', '0', '--epochs', '1', '--data-dir', data],
        ...['--run-dir', directory],
      ],
      withReport,
    );
    expect(stdout).toMatch(/warning: there is no report: .*report\.html/);
    expect(stdout).not.toContain('Report:');
    expect(code).toBe(0);
    expect(readRun(directory).stoppedBy).toBe('epochs');
    rmSync(join(directory, 'report.html'), { recursive: true });
    const again = await lockstep(['report', directory]);
    expect(again.stdout).toBe(`${join(directory, 'report.html')}\n`);
  });

  it.skipIf(noBrowser !== null).each([
    ['light', 1040],
    ['dark', 1040],
    ['light', 400],
  ] as const)(`can be read ${inBrowser}: %s, %i pixels wide`, async (colorScheme, width) => {
    const page = await browser!.newPage({ viewport: { width, height: 900 }, colorScheme });
    const complaints = complaintsOf(page);
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.goto(pathToFileURL(join(run, 'report.html')).href);
    expect(await page.title()).toBe('cnn on mnist');
    const headings = await page.locator('h2').allTextContents();
    expect(headings).toEqual(
      expect.arrayContaining(['Learning', 'Model', 'Data', 'Test images', 'Weights']),
    );
    expect(await page.locator('figure svg').count()).toBeGreaterThan(15);
    const right = `${Math.round(1_000 * readRun(run).test!.accuracy)} of 1,000 test images`;
    await expect(page.locator('#figure-confusion').textContent()).resolves.toContain(right);
    // Nothing hangs over the page's edge; what is wider scrolls in its own box.
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    expect(await overlaps(page)).toEqual([]);
    expect(asked.filter((url) => !url.startsWith('file:') && !url.startsWith('data:'))).toEqual([]);
    expect(complaints).toEqual([]);
    const screenshot = screenshotFile(`report-${colorScheme}-${width}`);
    if (screenshot !== null) await page.screenshot({ path: screenshot, fullPage: true });
    await page.close();
  });
});

describe('photographs', () => {
  it('of ten digits, in uneven light: a folder of them is read right, nine of ten at least', async () => {
    const folder = temporaryFolder();
    const files = await takePhotographs(folder);
    const { code, stdout } = await lockstep(['predict', run, folder, '--json']);
    const predictions = jsonLines(stdout);
    expect(predictions.map(({ file }) => file)).toEqual(files);
    const right = predictions.filter(({ digit }, index) => digit === index);
    expect(right.length).toBeGreaterThanOrEqual(9);
    expect(code).toBe(0);
  });
});

describe('serve', () => {
  let server: ReturnType<typeof start>;
  let address: string;
  beforeAll(async () => {
    server = start(['serve', run, '--port', '0']);
    [, address] = (await server.until(/Draw at (\S+)/)) as unknown as [string, string];
  });

  it('answers to a picture, and not to one from elsewhere', async () => {
    const picture = await sharp({
      create: { width: 50, height: 50, channels: 3, background: '#fff' },
    })
      .png()
      .toBuffer();
    const post = (headers: Record<string, string>, body: Uint8Array<ArrayBuffer>) =>
      fetch(`${address}predict`, { method: 'POST', headers, body });
    const empty = await post({}, new Uint8Array(picture));
    expect(empty.status).toBe(422);
    expect(await empty.json()).toMatchObject({ code: 'IMAGE_INVALID' });
    expect((await post({ Origin: 'http://example.com' }, new Uint8Array(1))).status).toBe(403);
    expect((await post({}, new Uint8Array(1_000_001))).status).toBe(413);
    expect((await fetch(`${address}../run.json`)).status).toBe(404);
  });

  it.skipIf(noBrowser !== null).each(['light', 'dark'] as const)(
    `reads what is drawn ${inBrowser}: %s`,
    async (colorScheme) => {
      const page = await browser!.newPage({ viewport: { width: 1000, height: 700 }, colorScheme });
      const complaints = complaintsOf(page);
      await page.goto(address);
      for (const digit of [0, 3, 7]) {
        await page.click('#clear');
        await draw(page, digit);
        await expect.poll(() => page.textContent('#digit'), patience).toBe(String(digit));
        expect(await page.textContent('.said-so span')).toBe(String(digit));
      }
      const screenshot = screenshotFile(`serve-${colorScheme}`);
      if (screenshot !== null) await page.screenshot({ path: screenshot });
      await page.click('#clear');
      expect(await page.textContent('#digit')).toBe('?');
      expect(complaints).toEqual([]);
      await page.close();
    },
  );

  it('ends with Ctrl-C', async () => {
    server.process.kill('SIGINT');
    expect((await server.ended).code).toBe(0);
  });
});

function complaintsOf(page: Page): string[] {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  return complaints;
}

/** Texts of a figure that lie on each other. */
function overlaps(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`(() => {
    const found = [];
    for (const svg of document.querySelectorAll('figure svg')) {
      const texts = [...svg.querySelectorAll('text')].map((text) => [text.textContent, text.getBoundingClientRect()]);
      for (const [index, [one, a]] of texts.entries()) {
        for (const [other, b] of texts.slice(index + 1)) {
          const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
          const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
          if (across > 1 && down > 3) found.push(svg.querySelector('title').textContent + ': ' + one + ' on ' + other);
        }
      }
    }
    return found;
  })()`);
}

/** Moves the mouse along a digit's strokes. */
async function draw(page: Page, digit: number): Promise<void> {
  const { x, y } = (await page.locator('#canvas').boundingBox())!;
  for (const stroke of strokesOfDigit(digit)) {
    for (const [index, [across, down]] of stroke.entries()) {
      await page.mouse.move(x + 50 + 2.2 * across, y + 14 + 2.2 * down);
      if (index === 0) await page.mouse.down();
    }
    await page.mouse.up();
  }
}

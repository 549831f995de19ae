import type { AddressInfo } from 'node:net';
import { classNamesOf } from '@lockstep/report';
import type { LoadedModel } from '@lockstep/worker';
import { openEngine } from '../devices/openEngine.js';
import { side } from '../image/picture.js';
import { readDigit } from '../image/readDigit.js';
import { type LoadedRun, loadModel, loadRun } from '../loadRun.js';
import type { ServeOptions } from '../options/seeing.js';
import { type ModelFacts, pageAssets } from '../serve/assets.js';
import { type Answer, startServer } from '../serve/server.js';
import { formatMetric } from '../terminal/format.js';

/** `lockstep serve RUN`: a page to draw a digit on, until Ctrl-C. */
export async function serve(directory: string, options: ServeOptions): Promise<number> {
  const { checkpoint, port, json } = options;
  const run = await loadRun(directory, checkpoint, (message) =>
    console.error(`warning: ${message}`),
  );
  const { engine } = await openEngine(options, { mayInstall: false });
  try {
    const model = await loadModel(engine, run.checkpoint, [side, side, 1]);
    const blank = new Uint8Array(side * side);
    const classes = (await model.predict({ size: 1, images: blank })).length;
    const assets = await pageAssets(factsOf(run, classes));
    const server = await startServer(port, { assets, read: oneAtATime(model) });
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    console.log(json ? JSON.stringify({ address }) : `Draw at ${address} (Ctrl-C ends it)`);
    await new Promise<void>((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
    });
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    model.dispose();
    return 0;
  } finally {
    await engine.dispose();
  }
}

function factsOf({ record, checkpoint }: LoadedRun, classes: number): ModelFacts {
  const { config, model, cursor } = checkpoint.header;
  const tested =
    record.test === null ? '' : `, test accuracy ${formatMetric(record.test.accuracy)}`;
  return {
    classNames: classNamesOf(String(config.dataset), classes),
    description: `${model.name} of run ${record.runId}, after epoch ${cursor.epoch}${tested}`,
  };
}

/** An engine computes one batch at a time, whoever asks meanwhile. */
function oneAtATime(model: LoadedModel): (picture: Buffer) => Promise<Answer> {
  let last: Promise<unknown> = Promise.resolve();
  return (picture) => {
    const answer = last.then(() => read(model, picture));
    last = answer.catch(() => undefined);
    return answer;
  };
}

async function read(model: LoadedModel, picture: Buffer): Promise<Answer> {
  const image = await readDigit({ name: 'the drawing', content: picture });
  const probabilities = await model.predict({ size: 1, images: image });
  const best = probabilities.indexOf(Math.max(...probabilities));
  return { probabilities: [...probabilities], best, image: [...image] };
}

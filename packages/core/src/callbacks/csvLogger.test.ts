import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CSVLogger } from './csvLogger.js';

const header = 'epoch,accuracy,loss,val_accuracy,val_loss\n';

describe('CSVLogger', () => {
  let directory: string;
  let file: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'csv-'));
    file = join(directory, 'history.csv');
  });
  afterEach(async () => await rm(directory, { recursive: true }));
  const text = async () => await readFile(file, 'utf8');

  it('writes a row per epoch, with empty cells where there was no validation', async () => {
    const logger = new CSVLogger(file);
    logger.onTrainBegin();
    await logger.onEpochEnd(0, { loss: 0.5, accuracy: 0.75 });
    expect(await text()).toBe(`${header}0,0.75,0.5,,\n`);
    await logger.onEpochEnd(1, { loss: 0.25, accuracy: 1, val_loss: 0.125, val_accuracy: 0 });
    expect(await text()).toBe(`${header}0,0.75,0.5,,\n1,1,0.25,0,0.125\n`);
    expect(await readdir(directory)).toEqual(['history.csv']);
  });

  it('has a column for every metric, in the order of the alphabet', async () => {
    const logger = new CSVLogger(file);
    await logger.onEpochEnd(0, { loss: 1, accuracy: 0, binary_accuracy: 0.5, val_loss: 2 });
    const columns = 'epoch,accuracy,binary_accuracy,loss,val_accuracy,val_loss';
    expect(await text()).toBe(`${columns}\n0,0,0.5,1,,2\n`);
  });

  it('spells what is not finite as Python does', async () => {
    const logger = new CSVLogger(file);
    await logger.onEpochEnd(0, { loss: Number.NaN, accuracy: 0, val_loss: -Infinity });
    expect(await text()).toBe(`${header}0,0,nan,,-inf\n`);
  });

  it('cuts the rows of epochs that a resume trains anew', async () => {
    const logger = new CSVLogger(file);
    await logger.onEpochEnd(0, { loss: 3, accuracy: 0 });
    const saved = logger.state();
    await logger.onEpochEnd(1, { loss: 2, accuracy: 0 });

    const resumed = new CSVLogger(file);
    resumed.onTrainBegin();
    resumed.restore(JSON.parse(JSON.stringify(saved)));
    await resumed.onEpochEnd(1, { loss: 1, accuracy: 0 });
    expect(await text()).toBe(`${header}0,0,3,,\n1,0,1,,\n`);
  });

  it('cuts them also when no epoch was left to train', async () => {
    await writeFile(file, `${header}0,0,3,,\n1,0,2,,\n`);
    const logger = new CSVLogger(file);
    logger.onTrainBegin();
    logger.restore([{ epoch: 0, logs: { loss: 3, accuracy: 0 } }]);
    await logger.onTrainEnd();
    expect(await text()).toBe(`${header}0,0,3,,\n`);
  });

  it('names the file that it cannot write', async () => {
    await writeFile(file, '');
    const logger = new CSVLogger(join(file, 'history.csv'));
    await expect(logger.onEpochEnd(0, { loss: 1 })).rejects.toMatchObject({
      code: 'RUN_DIRECTORY',
      message: `cannot write ${join(file, 'history.csv')}: ENOTDIR: not a directory`,
    });
  });
});

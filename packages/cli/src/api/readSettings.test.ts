import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { declareFlags, readFlags } from '../options/command.js';
import { coordinatorFlags } from '../options/coordinator.js';
import { trainOptionsOf } from '../options/options.js';
import { trainFlags } from '../options/train.js';
import { readSettings } from './readSettings.js';
import type { TrainSettings } from './settings.js';

/** The same as the command line has it. */
function typed(...words: string[]) {
  const command = declareFlags(new Command('test').exitOverride(), trainFlags);
  command.parse(words, { from: 'user' });
  return trainOptionsOf(readFlags(command, trainFlags)).values;
}

describe('readSettings', () => {
  it('has the defaults of the command line', () => {
    const { options, place, model, dataset, callbacks } = readSettings({});
    expect(options).toEqual(typed());
    expect({ place, model, dataset, callbacks }).toEqual({
      place: { kind: 'here' },
      model: null,
      dataset: null,
      callbacks: [],
    });
  });

  it.each<[TrainSettings, string]>([
    [{ batchSize: 64, epochs: 3, seed: 7 }, '--batch-size 64 --epochs 3 --seed 7'],
    [
      { steps: 200, logEvery: 100, deterministic: true },
      '--steps 200 --log-every 100 --deterministic',
    ],
    [{ workers: '2:4', rejoinTimeout: 3 }, '--workers 2:4 --rejoin-timeout 3'],
    [{ workers: 0, maxRestarts: 1 }, '--workers 0 --max-restarts 1'],
    [{ joinTimeout: 5, stepTimeout: 0.5 }, '--join-timeout 5 --step-timeout 0.5'],
    [
      { checkpointSteps: 100, checkpointSeconds: 5 },
      '--checkpoint-steps 100 --checkpoint-seconds 5',
    ],
    [
      { validationData: 'none', targetAccuracy: null },
      '--validation-data none --target-accuracy none',
    ],
    [{ optimizer: { name: 'sgd', momentum: 0.9 } }, '--optimizer sgd:momentum=0.9'],
    [{ optimizer: 'adamw', learningRate: 0.01 }, '--optimizer adamw --learning-rate 0.01'],
    [{ metrics: ['binary_accuracy'], loss: 'mse' }, '--metrics binary_accuracy --loss mse'],
    [{ threads: 2, devices: ['0', '1'] }, '--threads 2 --devices 0,1'],
    [
      { earlyStopping: { monitor: 'val_loss', patience: 2, restoreBestWeights: true } },
      '--early-stopping monitor=val_loss,patience=2,restoreBestWeights=true',
    ],
    [
      { model: 'net.json', callbacks: ['a.ts', 'b.ts'] },
      '--model net.json --callbacks a.ts --callbacks b.ts',
    ],
  ])('reads %j as %s', (settings, words) => {
    expect(readSettings(settings).options).toEqual(typed(...words.split(' ')));
  });

  it('notes what came from code', () => {
    const { sources } = readSettings({ batchSize: 64 });
    expect(sources.batchSize).toEqual({ value: 64, source: 'code' });
    expect(sources.seed).toEqual({ value: 1, source: 'default' });
  });

  it('keeps what has no name as it is', () => {
    const createModel = () => Promise.reject(new Error('never called'));
    const own = { name: 'Own' };
    const given = readSettings({
      model: createModel,
      dataset: { directory: 'data' },
      callbacks: ['a.ts', own],
    });
    expect(given).toMatchObject({ model: createModel, dataset: { directory: 'data' } });
    expect(given.callbacks).toEqual([own]);
    expect(given.options.callbacks).toEqual(['a.ts']);
  });

  it('is a coordinator where it is told to listen', () => {
    const { place, options } = readSettings({ listen: 'tcp://*:5555', fallback: 'fail' });
    expect(place).toEqual({ kind: 'at', listen: 'tcp://*:5555', fallback: 'fail' });
    expect(options.workers).toBe(Number(coordinatorFlags.workers.default));
  });

  it.each<[string, Record<string, unknown>, RegExp]>([
    ['a value out of range', { batchSize: 0 }, /^batchSize got "0"; it takes a whole number/],
    ['a text for a number', { epochs: 'many' }, /^epochs got "many"/],
    ['null where there is a default', { batchSize: null }, /^batchSize got "null"/],
    [
      'no boolean for a switch',
      { deterministic: 'yes' },
      /^deterministic got "yes"; it takes true/,
    ],
    ['an unknown optimizer', { optimizer: { name: 'adm' } }, /^optimizer got "adm"/],
    ['an unknown option', { optimizer: { name: 'sgd', moment: 1 } }, /no option "moment"/],
    ['settings that contradict', { validationSplit: 0.2, validationData: 'test' }, /both say/],
    ['an unknown setting', { batchsize: 32 }, /^there is no setting "batchsize"/],
    ['a setting of another command', { fallback: 'fail' }, /^there is no setting "fallback"/],
  ])('refuses %s', (_what, settings, message) => {
    expect(() => readSettings(settings)).toThrow(
      expect.objectContaining({ code: 'USAGE', message: expect.stringMatching(message) }),
    );
  });
});

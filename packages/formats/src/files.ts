import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { makeOutputFolder, writeAtomically } from '@lockstep/core';
import { readNpz, writeNpz } from './arrays/npz.js';
import { readSafetensors, writeSafetensors } from './arrays/safetensors.js';
import { defectIn, unsupported } from './defect.js';
import { readKerasArchive, writeKerasArchive } from './keras/archive.js';
import { readKerasH5, writeKerasH5 } from './keras/h5.js';
import { readTopologyJson, writeTopologyJson } from './keras/topologyJson.js';
import { withWeights } from './keras/writing.js';
import { endings, type FormatName, formatOf } from './names.js';
import type { SavedModel } from './savedModel.js';
import { isLayersModel, readLayersModel, writeLayersModel } from './tfjs/layersModel.js';

/**
 * A model in any of the formats; a folder is a tfjs layers model, with `model.json` in it.
 *
 * @throws MODEL_FILE where it cannot be read, is cut short, or has what Lockstep does not know
 */
export async function readModelFile(path: string): Promise<SavedModel> {
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  const file = isFolder ? join(path, 'model.json') : path;
  const format = formatOf(file);
  if (format === undefined) {
    throw unsupported(
      `${file} is no model file that Lockstep knows`,
      `Its name must end in ${endings.join(', ')}.`,
    );
  }
  const bytes = await read(file);
  const name = basename(file, extname(file));
  switch (format) {
    case 'keras':
      return await readKerasArchive(bytes, file);
    case 'h5':
      return await readKerasH5(bytes, file);
    case 'npz':
      return readNpz(bytes, file, name);
    case 'safetensors':
      return readSafetensors(bytes, file, name);
    case 'json':
    case 'tfjs': {
      const text = new TextDecoder().decode(bytes);
      return isLayersModel(text)
        ? await readLayersModel(text, file, (beside) => read(join(dirname(file), basename(beside))))
        : readTopologyJson(text, file);
    }
  }
}

async function read(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw defectIn(file, `cannot be read: ${(cause as Error).message}`, 'Check the path.', cause);
  }
}

/**
 * Writes a model, whole or not at all. A tfjs layers model is two files: the numbers first, without which `model.json`
 * says nothing.
 *
 * @param path of tfjs: `model.json`, or a folder for it
 * @returns the files written
 * @throws MODEL_FILE where the format cannot have the model; RUN_DIRECTORY where the disk refuses
 */
export async function writeModelFile(
  path: string,
  model: SavedModel,
  format: FormatName,
): Promise<string[]> {
  const file = format === 'tfjs' && extname(path) !== '.json' ? join(path, 'model.json') : path;
  const parts = await encode(file, format === 'json' ? model : withWeights(model, format), format);
  await makeOutputFolder(dirname(file));
  for (const [name, content] of parts) await writeAtomically(name, [content]);
  return parts.map(([name]) => name);
}

async function encode(
  file: string,
  model: SavedModel,
  format: FormatName,
): Promise<[name: string, content: Uint8Array | string][]> {
  switch (format) {
    case 'keras':
      return [[file, await writeKerasArchive(model)]];
    case 'h5':
      return [[file, await writeKerasH5(model)]];
    case 'json':
      return [[file, writeTopologyJson(model)]];
    case 'npz':
      return [[file, writeNpz(model)]];
    case 'safetensors':
      return [[file, writeSafetensors(model)]];
    case 'tfjs': {
      const numbersFile = `${basename(file, '.json')}.weights.bin`;
      const { json, numbers } = writeLayersModel(model, numbersFile);
      return [
        [join(dirname(file), numbersFile), numbers],
        [file, json],
      ];
    }
  }
}

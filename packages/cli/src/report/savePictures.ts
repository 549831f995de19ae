import { join } from 'node:path';
import { makeOutputFolder, writeAtomically } from '@lockstep/core';
import { type Picture, rasterize, renderSvg, type Theme } from '@lockstep/report';

export interface PictureFormat {
  readonly format: 'svg' | 'png';
  readonly theme: Theme;
}

/**
 * Writes each picture into a file of its own.
 *
 * @returns the files, in order
 * @throws RUN_DIRECTORY where that cannot be done
 */
export async function savePictures(
  pictures: readonly Picture[],
  folder: string,
  how: PictureFormat,
): Promise<string[]> {
  await makeOutputFolder(folder);
  const files: string[] = [];
  for (const picture of pictures) {
    const file = join(folder, `${picture.name}.${how.format}`);
    await savePicture(picture, file, how);
    files.push(file);
  }
  return files;
}

export async function savePicture(
  { drawing }: Picture,
  file: string,
  { format, theme }: PictureFormat,
): Promise<void> {
  const svg = renderSvg(drawing, theme);
  await writeAtomically(file, [format === 'svg' ? svg : await rasterize(svg)]);
}

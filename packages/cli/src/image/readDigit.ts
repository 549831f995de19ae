import { LockstepError } from '@lockstep/core';
import { center } from './center.js';
import { fillScale, groundOf, hasLightGround, stretchContrast } from './contrast.js';
import { fitInto, nameOfSource, readGrey, type Source } from './decode.js';
import { cropToInk } from './ink.js';
import { evenLight } from './light.js';
import { invert, type Picture, side } from './picture.js';

/** Side of the square in which MNIST's digits are. */
const digitSide = 20;
/** Up to this grey a ground counts as black; JPG does not keep 0. */
const blackest = 16;

/**
 * Reads a picture of one digit and makes of it what MNIST's makers made of theirs: bright ink on black, in whatever light,
 * scaled with its proportions kept to fit into 20 x 20, its centre of mass in the middle of 28 x 28. A
 * picture that is 28 x 28 and bright on black (or black on white) already is taken as it is.
 *
 * Source: Y. LeCun, C. Cortes, C. Burges, The MNIST database of handwritten digits; Y. LeCun et al.,
 * Gradient-based learning applied to document recognition (1998), section III.A.
 *
 * @returns `[28, 28]`, uint8
 * @throws IMAGE_INVALID, naming the file, when it is no picture or there is no ink in it
 */
export async function readDigit(source: Source): Promise<Uint8Array> {
  try {
    const picture = await readGrey(source);
    const bright = hasLightGround(picture) ? invert(await evenLight(picture)) : picture;
    const ink = cropToInk(stretchContrast(bright));
    if (ink === null) throw new Error('nothing in it stands out from its ground');
    if (isLikeMnist(bright)) return bright.pixels;
    return center(fillScale(await fitInto(digitSide, ink)));
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    throw new LockstepError(
      'IMAGE_INVALID',
      `${nameOfSource(source)} is no picture of a digit: ${reason}`,
      {
        hint: 'Give a PNG, JPG or WebP picture of one digit.',
        cause: thrown,
      },
    );
  }
}

function isLikeMnist(bright: Picture): boolean {
  return bright.width === side && bright.height === side && groundOf(bright) <= blackest;
}

import { type Dataset, datasetFromArrays } from '@lockstep/core/data';

const classes = 10;

/** Images of one pixel, which is the number of the sample. */
export function ledgerDataset(trainSize: number, testSize: number): Dataset {
  const split = (size: number) => {
    const images = Uint8Array.from({ length: size }, (_none, i) => i);
    return { images, labels: images.map((i) => i % classes) };
  };
  return datasetFromArrays({
    name: 'ledger',
    imageShape: [1, 1, 1],
    train: split(trainSize),
    test: split(testSize),
  });
}

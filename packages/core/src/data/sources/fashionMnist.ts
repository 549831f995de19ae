import type { Dataset } from '../dataset.js';
import { type Checksums, loadDirectory } from './files.js';

/** The files of github.com/zalandoresearch/fashion-mnist, unpacked. */
const checksums: Checksums = {
  'train-images-idx3-ubyte': 'c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888',
  'train-labels-idx1-ubyte': 'bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9',
  't10k-images-idx3-ubyte': '5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b',
  't10k-labels-idx1-ubyte': '0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34',
};

/** Where Debian's and Ubuntu's package dataset-fashion-mnist puts its files. */
const debianDirectory = '/usr/share/datasets/fashion-mnist';

/** Clothes, 60,000 + 10,000, 28 x 28 (Xiao, Rasul, Vollgraf, arXiv:1708.07747). */
export function loadFashionMnist(directory: string = debianDirectory): Promise<Dataset> {
  return loadDirectory('fashion-mnist', directory, {
    checksums,
    missingHint:
      'On Debian or Ubuntu run apt-get install dataset-fashion-mnist; elsewhere name a directory with the four IDX files with --data-dir.',
  });
}

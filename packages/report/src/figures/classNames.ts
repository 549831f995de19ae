/** What Fashion-MNIST's labels mean: Xiao, Rasul and Vollgraf 2017, arXiv 1708.07747, table 2. */
const fashion = [
  ...['T-shirt', 'Trouser', 'Pullover', 'Dress', 'Coat'],
  ...['Sandal', 'Shirt', 'Sneaker', 'Bag', 'Ankle boot'],
];

/** What people call the classes of a dataset; where nobody does, their numbers. */
export function classNamesOf(dataset: string, classes: number): readonly string[] {
  if (dataset === 'fashion-mnist' && classes === fashion.length) return fashion;
  return Array.from({ length: classes }, (_none, label) => String(label));
}

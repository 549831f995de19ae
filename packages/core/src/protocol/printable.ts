/** All but line ends and tabs: what a terminal obeys instead of showing it. */
const controls = /(?![\n\t])\p{Cc}/gu;

/** A text of whoever sent it, in which what a terminal would obey is replaced. */
export const printable = (text: string): string => text.replace(controls, '\ufffd');

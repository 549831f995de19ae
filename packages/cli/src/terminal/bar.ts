const width = 20;

/** Done, tip and rest of a bar of 20 cells; the tip is there until all is done. */
export function bar(done: number, total: number): { done: string; rest: string } {
  const cells = Math.min(width, Math.floor((done / total) * width));
  if (cells === width) return { done: '━'.repeat(width), rest: '' };
  const tip = done > 0 ? '╸' : '─';
  return { done: '━'.repeat(cells), rest: tip + '─'.repeat(width - cells - 1) };
}

/** ` 512/1875`: as wide from the first step on as at the end. */
export function stepOf(done: number, total: number): string {
  return `${String(done).padStart(String(total).length)}/${total}`;
}

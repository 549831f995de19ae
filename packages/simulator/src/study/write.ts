import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { replaceSection } from '../report/document.js';
import { percent } from '../report/table.js';
import { readMeasured } from '../step/workload.js';
import { algorithmFigure, efficiencyFigure, ringFigure, trainingFigure } from './figures.js';
import { loopbackSection, readLoopback } from './loopback.js';
import { sectionOf } from './section.js';
import { runStudy } from './study.js';

const docs = new URL('../../../../docs/', import.meta.url);
/** The command takes more (`--ranks 1..4096`), but a ring of 4,096 ranks takes minutes for a point. */
const mostRanks = 1024;

/** Runs the study, and puts it into docs/scaling.md and docs/scaling/. */
export async function writeStudy(print: (line: string) => void): Promise<void> {
  const loopback = await readLoopback();
  const study = await runStudy(mostRanks, (name, { scenario, efficiency, took }) =>
    print(
      `${name}, ${scenario.ranks} ranks: ${percent(efficiency)}, simulated in ${took.toFixed(1)} s`,
    ),
  );
  const document = new URL('scaling.md', docs);
  const sections = {
    simulate: sectionOf(study, readMeasured()),
    'simulate:loopback': loopbackSection(loopback),
  };
  let text = readFileSync(document, 'utf8');
  for (const [name, body] of Object.entries(sections)) text = replaceSection(text, name, body);
  writeFileSync(document, text);
  const folder = new URL('scaling/', docs);
  mkdirSync(folder, { recursive: true });
  for (const { file, svg } of [
    efficiencyFigure(study),
    algorithmFigure(study),
    ringFigure(loopback),
    trainingFigure(loopback),
  ]) {
    writeFileSync(new URL(file, folder), svg);
    print(`written: docs/scaling/${file}`);
  }
  print('written: docs/scaling.md');
}

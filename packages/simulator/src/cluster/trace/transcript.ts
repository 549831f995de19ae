import type { Event, News, Transition } from '@lockstep/coordinator';

/** What happened, for people: who, when on the virtual clock, what. */
export interface Transcript {
  write(now: number, who: string, text: string): void;
  news(now: number, news: News): void;
  transition(now: number, event: Event, transition: Transition): void;
}

/** Of the process that simulates them all: says nothing, and differs from one time to the next. */
const realProcess = / \(host [^,)]*, pid \d+\)/g;

const nothing = (): void => undefined;

export const noTranscript: Transcript = { write: nothing, news: nothing, transition: nothing };

/** @param print gets a line at a time */
export function transcriptTo(print: (line: string) => void): Transcript {
  const write = (now: number, who: string, text: string): void =>
    print(`${now.toFixed(3).padStart(11)}  ${who.padEnd(11)}  ${text.replaceAll(realProcess, '')}`);
  return {
    write,
    news(now, news) {
      if (news.news === 'warning' || news.news === 'stopping') {
        write(now, 'coordinator', `${news.news}: ${news.message}`);
      }
    },
    transition(now, event, { state, commands }) {
      const said = commands.flatMap((command) =>
        command.do === 'send' && command.header.kind !== 'ping'
          ? [`${command.header.kind} to ${command.peer}`]
          : command.do === 'send' || command.do === 'tell'
            ? []
            : [command.do],
      );
      const what = describeEvent(event);
      if (what === null && said.length === 0) return;
      const { epoch, step, position } = state.cursor;
      const place = `${state.phase.name}, generation ${state.generation}, step ${step} (${epoch}/${position})`;
      write(
        now,
        'coordinator',
        `${what ?? 'tick'} -> ${place}${said.map((each) => `; ${each}`).join('')}`,
      );
    },
  };
}

/** Null: nothing worth a line. */
function describeEvent(event: Event): string | null {
  switch (event.type) {
    case 'tick':
      return null;
    case 'message': {
      const { header, peer } = event;
      if (header.kind === 'pong') return null;
      const step = 'step' in header ? ` ${header.step}` : '';
      const generation = 'generation' in header ? ` (generation ${header.generation})` : '';
      return `${header.kind}${step} of ${peer}${generation}`;
    }
    case 'lost':
      return `lost ${event.peer}: ${event.reason}`;
    case 'worker-exited':
      return `worker ${event.slot} exited: ${event.reason}`;
    case 'broken':
      return `broken: ${event.message}`;
    default:
      return event.type;
  }
}

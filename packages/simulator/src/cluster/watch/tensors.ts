import type { Event, State, Transition } from '@lockstep/coordinator';

/** What the coordinator's table must hold, told from what came in and what was decided. */
export class TensorAccount {
  #kept: Set<string> | null = null;

  /** @returns ids that are kept, and that no state speaks of any more */
  enter(event: Event, { state, commands }: Transition): string[] {
    const known = knownTo(state);
    // A run that is resumed begins with the checkpoint's.
    const kept = this.#kept ?? new Set(event.type === 'start' ? known : []);
    this.#kept = kept;
    if (event.type === 'message' && event.tensors !== null) kept.add(event.tensors.id);
    if (event.type === 'reloaded') {
      const { held, remembered } = event.resumed;
      for (const id of [held, remembered]) if (id !== null) kept.add(id);
    }
    for (const command of commands) {
      if (command.do === 'forget') kept.delete(command.id);
      if (command.do === 'average') {
        for (const { gradient } of command.parts) if (gradient !== null) kept.delete(gradient);
      }
      if (command.do === 'assemble') {
        for (const part of command.parts) kept.delete(part);
        kept.add(command.id);
      }
    }
    return [...kept].filter((id) => !known.has(id));
  }
}

/** Every tensor that the machine will want again. */
function knownTo({ held, remembered, saving, phase }: State): Set<string> {
  const inPhase =
    phase.name === 'training'
      ? phase.contributions.flat().map((part) => part.gradient)
      : phase.name === 'linking'
        ? phase.probes
        : phase.name === 'fetching'
          ? phase.parts
          : [];
  const ids = [held, remembered, saving?.taking?.held, ...inPhase];
  return new Set(ids.filter((id) => id !== null && id !== undefined));
}

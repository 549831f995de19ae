import type { Event, News, Outcome, State, Transition } from '@lockstep/coordinator';
import { bytesOf, sha256 } from '@lockstep/core';
import type { Checkpoint } from '@lockstep/core/checkpoint';
import type { Logs } from '@lockstep/core/metrics';
import { type LedgerState, statesOf, stepsOfEpoch } from '../ledger/course.js';
import type { WatchedModel } from '../ledger/engine.js';
import { hasReliableNetwork, isTroubled, type Scenario } from '../scenario/scenario.js';
import type { World } from '../world/world.js';
import { overdueIn } from './deadlines.js';
import { unexplained } from './outcomes.js';
import { isPromisedToEnd } from './promise.js';
import type { TensorAccount } from './tensors.js';
import type { Invariant, Violation } from './violation.js';

/** Sees everything, and knows what must be so. */
export class Watcher {
  /** The first one; what follows from it is not looked for. */
  violation: Violation | null = null;
  readonly #states: readonly LedgerState[];
  #hasSaved = false;
  #mustSucceed = false;
  #phase: State['phase']['name'] = 'joining';
  #isSpoilt = false;
  /** Ranks report, or have reported, some steps at once: until then, nobody else knows of them. */
  #reportsSeveral = false;
  /** Those that the coordinator counts on, by the names that the network gives them. */
  #members: readonly string[] = [];
  /** Those, and others that were welcomed. */
  #counted: readonly string[] = [];
  /** Ranks that do not hold what they should, for no fault of anybody's. */
  readonly #doubted = new Set<string>();

  constructor(
    private readonly world: World,
    private readonly scenario: Scenario,
  ) {
    this.#states = statesOf(scenario.course);
  }

  fail(invariant: Invariant, message: string): void {
    this.violation ??= { invariant, message, at: this.world.now };
  }

  /** The coordinator dies now. Before training began, its workers do not wait for it to come back. */
  onCoordinatorKilled(): void {
    if (this.#phase === 'joining') this.#isSpoilt = true;
    this.#phase = 'joining';
  }

  /** Whether the coordinator counted on this one to its end, and has told it so. */
  isToldOfEnd(peers: readonly string[]): boolean {
    return hasReliableNetwork(this.scenario) && peers.some((peer) => this.#counted.includes(peer));
  }

  /** What this rank holds is no longer what it was given. */
  doubt(name: string): void {
    this.#doubted.add(name);
  }

  /** Nothing befalls the run any more: it has to end well. */
  expectSuccess(): void {
    this.#mustSucceed = true;
    this.#doubted.clear();
  }

  /**
   * A rank has another state than before. Whoever was lost, and does not know yet, may be given anything: what is sent
   * to it is read when nobody waits for it any more.
   */
  onModel(name: string, peers: readonly string[], { iterations, state }: WatchedModel): void {
    const isMember = peers.some((peer) => this.#members.includes(peer));
    if (!isMember || this.#doubted.has(name)) return;
    const defect = this.#defectOf(iterations, state);
    if (defect !== null) this.fail('each-sample-once', `${name}, ${defect}`);
  }

  /** A coordinator has begun. */
  onBegin(checkpoint: Checkpoint | null, skipped: readonly string[]): void {
    // What has its name is whole, whenever the power went.
    if (skipped.length > 0) this.fail('whole-checkpoints', skipped.join('; '));
    if (checkpoint !== null) this.onCheckpoint(checkpoint);
    else if (this.#hasSaved) this.fail('whole-checkpoints', 'none can be read, and one was saved');
  }

  onCheckpoint({ header: { cursor }, weights, optimizer }: Checkpoint): void {
    const { step, epoch, position } = cursor;
    const history = optimizer.slots.history ?? new Float32Array();
    const defect = this.#defectOf(step, { weights, history });
    if (defect !== null) this.fail('whole-checkpoints', `the one of step ${step}, ${defect}`);
    const { batchSize, trainSize } = this.scenario.course;
    const inEpoch = step - epoch * stepsOfEpoch(this.scenario.course);
    if (position !== Math.min(trainSize, inEpoch * batchSize)) {
      this.fail('whole-checkpoints', `the one of step ${step} stands at ${epoch}/${position}`);
    }
  }

  /** @param tensors those of this coordinator */
  onTransition(tensors: TensorAccount, event: Event, transition: Transition): void {
    const { members, newcomers, phase } = transition.state;
    this.#phase = phase.name;
    this.#reportsSeveral ||= phase.name === 'training' && phase.reporting.every > 1;
    this.#members = members.map(({ peer }) => peer);
    this.#counted = [...members, ...newcomers].map(({ peer }) => peer);
    const forgotten = tensors.enter(event, transition);
    if (forgotten.length > 0) {
      this.fail(
        'tensors',
        `${forgotten.join(', ')} after ${event.type} in ${transition.state.phase.name}`,
      );
    }
    const overdue = event.type === 'tick' ? overdueIn(transition.state) : null;
    if (overdue !== null) this.fail('deadlines', overdue);
  }

  onNews(news: News): void {
    switch (news.news) {
      case 'saved':
        this.#hasSaved = true;
        return;
      case 'hash': {
        const state = this.#states[news.step];
        if (state === undefined || sha256(bytesOf(state.weights)) !== news.weightsSha256) {
          this.fail('one-hash', `that of step ${news.step} is another one`);
        }
        return;
      }
      case 'epoch': {
        const { validates, testSize, course } = this.scenario;
        const { logs } = news.record;
        // In the middle of an epoch the run may end with its last step.
        if (news.steps === stepsOfEpoch(course)) this.#checkMean(logs, 'loss', course.trainSize);
        if (validates) this.#checkMean(logs, 'val_loss', testSize);
        return;
      }
      case 'tested':
        this.#checkMean(news.logs, 'loss', this.scenario.testSize);
        return;
      default:
        return;
    }
  }

  /** A coordinator's last word. @param last its newest checkpoint */
  onOutcome(outcome: Outcome, last: Checkpoint | null): void {
    const faults = this.#mustSucceed ? [] : this.scenario.faults;
    const isPromised = !this.#isSpoilt && isPromisedToEnd(this.scenario);
    const surprise = unexplained({ ...this.scenario, faults }, outcome, isPromised);
    if (surprise !== null) this.fail('explained', surprise);
    if (outcome.stoppedBy === 'epochs') this.#expectAll(last);
  }

  #expectAll(last: Checkpoint | null): void {
    const all = this.scenario.steps ?? this.#states.length - 1;
    if (last?.header.cursor.step !== all) {
      this.fail('each-sample-once', `it ended well, and step ${all} was not saved`);
    }
  }

  #defectOf(step: number, state: LedgerState): string | null {
    const expected = this.#states[step];
    if (expected === undefined) return `there is no step ${step}`;
    const { trainSize } = this.scenario.course;
    for (const name of ['weights', 'history'] as const) {
      const wrong = expected[name].findIndex((value, i) => state[name][i] !== value);
      if (wrong >= 0) {
        const place = `epoch ${Math.floor(wrong / trainSize)}, sample ${wrong % trainSize}`;
        return `after step ${step}: ${name} of ${place} is ${state[name][wrong]}, not ${expected[name][wrong]}`;
      }
    }
    return null;
  }

  /** Of the numbers from 0 up to a size, each counted once. */
  #checkMean(logs: Logs, name: string, size: number): void {
    const mean = (size - 1) / 2;
    if (logs[name] !== mean && !this.#mayMissMetrics(name)) {
      this.fail('exact-metrics', `${name} is ${logs[name]}, not ${mean}`);
    }
  }

  /**
   * A rank that was lost in a step takes its metrics along, where the others have applied the step; and a coordinator
   * that dies those of steps that ranks, also a lone one, had not reported.
   */
  #mayMissMetrics(name: string): boolean {
    const isAhead = this.scenario.allReduce === 'ring' || this.#reportsSeveral;
    return name === 'loss' && isAhead && isTroubled(this.scenario);
  }
}

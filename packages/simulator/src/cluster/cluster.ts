import type { Outcome } from '@lockstep/coordinator';
import { type LockstepError, toLockstepError } from '@lockstep/core';
import { type Checkpoint, CheckpointStore } from '@lockstep/core/checkpoint';
import { type Dataset, Random } from '@lockstep/core/data';
import { ledgerDataset } from './ledger/dataset.js';
import { ledgerEngine, type WatchedModel } from './ledger/engine.js';
import { SimulatedNetwork } from './network/network.js';
import { simulatedTransport } from './network/transport.js';
import { CoordinatorProgram } from './programs/coordinator.js';
import { ClusterDisk } from './programs/disk.js';
import { runOf } from './programs/settings.js';
import { WorkerProgram } from './programs/worker.js';
import { Dice } from './scenario/dice.js';
import type { Scenario } from './scenario/scenario.js';
import type { Transcript } from './trace/transcript.js';
import { TensorAccount } from './watch/tensors.js';
import { Watcher } from './watch/watcher.js';
import { SimulatedProcess } from './world/process.js';
import { World } from './world/world.js';

const host = 'control';
const address = `tcp://${host}:5000`;
const folder = '/run/checkpoints';
/** How long a process takes to start. */
const startMs = 100;
/** After the end of the run, each of its workers has heard of it by then. */
const farewellMs = 4_000;
/** What a program leaves open is closed by then, or never. */
const settleMs = 5_000;
/** As `LocalWorkers` has it: workers of the coordinator's own have so long to end. */
const graceMs = 5_000;

interface Running<Program> {
  readonly process: SimulatedProcess;
  readonly program: Program;
}

/** All processes of a run, in one world. */
export class Cluster {
  readonly world: World;
  readonly network: SimulatedNetwork;
  readonly disk: ClusterDisk;
  readonly watcher: Watcher;
  readonly dice: Dice;
  /** Of the coordinator that ended by itself; null: none has so far. */
  outcome: Outcome | null = null;
  coordinator: Running<CoordinatorProgram> | null = null;
  readonly workers = new Map<number, Running<WorkerProgram>>();
  readonly #models = new WeakMap<SimulatedProcess, WatchedModel>();
  /** Those that the coordinator has started, by slot. */
  readonly #local = new Map<number, SimulatedProcess>();
  readonly #dataset: Dataset;

  constructor(
    readonly scenario: Scenario,
    readonly transcript: Transcript,
  ) {
    const random = Random.from('world', scenario.seed);
    this.dice = new Dice(random);
    this.world = new World(random);
    this.network = new SimulatedNetwork(this.world, scenario.network, random);
    this.disk = new ClusterDisk(this.dice);
    this.watcher = new Watcher(this.world, scenario);
    this.#dataset = ledgerDataset(scenario.course.trainSize, scenario.testSize);
  }

  /** Everybody is gone, and the run has ended. */
  get isOver(): boolean {
    return this.outcome !== null && this.coordinator === null && this.workers.size === 0;
  }

  log(who: string, text: string): void {
    this.transcript.write(this.world.now, who, text);
  }

  startCoordinator(): void {
    const process = new SimulatedProcess('coordinator', host);
    const { scenario, disk, watcher, transcript } = this;
    const { keepLast } = scenario;
    const tensors = new TensorAccount();
    const store = new CheckpointStore(folder, { keepLast, disk: disk.current });
    const program = new CoordinatorProgram({
      scenario,
      address,
      control: simulatedTransport(this.network, process, 'zeromq'),
      dataset: this.#dataset,
      store,
      startWorker: (slot) => this.#local.set(slot, this.startWorker(slot, slot)),
      killWorker: (slot) => {
        const worker = this.#local.get(slot);
        if (worker !== undefined) this.kill(worker, false);
      },
      onBegin: (checkpoint, skipped) => watcher.onBegin(checkpoint, skipped),
      onNews: (news) => {
        transcript.news(this.world.now, news);
        watcher.onNews(news);
        if (news.news === 'saved') void this.#inspect(store, news.file);
      },
      onTransition: (event, transition) => {
        transcript.transition(this.world.now, event, transition);
        watcher.onTransition(tensors, event, transition);
      },
    });
    this.coordinator = { process, program };
    this.log('coordinator', 'starts');
    this.#run(process, async () => {
      const outcome = await program.run();
      this.#expectFarewells();
      await this.#endLocalWorkers();
      const last = await store.newest().catch(() => null);
      this.log(
        'coordinator',
        `ends: ${outcome.stoppedBy} ${outcome.code ?? ''} ${outcome.message}`,
      );
      watcher.onOutcome(outcome, last?.checkpoint ?? null);
      this.outcome = outcome;
      this.coordinator = null;
    });
  }

  startWorker(number: number, slot: number | null = null): SimulatedProcess {
    const process = new SimulatedProcess(`worker ${number}`, `worker-${number}`);
    const { scenario, network, watcher } = this;
    const { course, sampleMs, timeouts } = scenario;
    const program = new WorkerProgram({
      address,
      ownAddress: `tcp://${process.host}:0`,
      control: simulatedTransport(network, process, 'zeromq'),
      between: simulatedTransport(network, process, 'tcp'),
      engine: ledgerEngine({
        ...{ course, sampleMs },
        onLoad: (model) => this.#models.set(process, model),
        onState: (model) => watcher.onModel(process.name, network.peersOf(process), model),
        onFlip: () => watcher.doubt(process.name),
      }),
      dataset: scenario.members[number]?.isLocal ? this.#dataset : null,
      slot,
      run: slot === null ? null : runOf(scenario),
      timeouts,
      heartbeatTimeoutMs: network.conditions.heartbeatTimeoutMs,
      log: (line) => this.log(process.name, line),
    });
    this.workers.set(number, { process, program });
    this.log(process.name, 'starts');
    this.#run(process, async () => {
      const error = await program.run();
      this.workers.delete(number);
      this.#exited(number, error, `exit code ${error?.exitCode ?? 0}`);
    });
    return process;
  }

  /** A bit of a rank's memory changes its mind. */
  flip(process: SimulatedProcess): void {
    this.#models.get(process)?.flip();
  }

  /** SIGKILL. @param isSilent its machine is gone, too */
  kill(process: SimulatedProcess, isSilent: boolean): void {
    if (!process.isAlive) return;
    this.log(process.name, isSilent ? 'loses its power' : 'is killed');
    this.network.lose(process, isSilent);
    process.end();
    if (this.coordinator?.process === process) {
      this.coordinator = null;
      this.disk.outlive(isSilent);
      // Those that it has started hear that it is gone.
      for (const worker of this.#local.values()) {
        this.world.after(1, worker, () => this.kill(worker, false));
      }
      this.#local.clear();
      return;
    }
    for (const [number, running] of this.workers) {
      if (running.process !== process) continue;
      this.workers.delete(number);
      this.#exited(number, null, 'signal SIGKILL');
    }
  }

  /** Its parent hears of the end of a worker of its own. */
  #exited(number: number, error: LockstepError | null, how: string): void {
    const { coordinator, world } = this;
    if (!this.#local.delete(number) || coordinator === null) return;
    const reason = `its process ended with ${how}`;
    world.after(1, coordinator.process, () =>
      coordinator.program.coordinator?.workerExited(number, error?.code ?? null, reason),
    );
  }

  /** Whoever the coordinator counted on is told of the end, and ends. */
  #expectFarewells(): void {
    // A worker that has no answer says hello again, on another link: what is said on the former one is lost.
    const told = [...this.workers.values()].filter(({ process }) =>
      this.watcher.isToldOfEnd(this.network.peersOf(process)),
    );
    this.world.after(farewellMs, null, () => {
      for (const { process, program } of told) {
        if ([...this.workers.values()].every((running) => running.program !== program)) continue;
        this.watcher.fail('nothing-left', `${process.name} was not told that the run is over`);
      }
    });
  }

  async #endLocalWorkers(): Promise<void> {
    for (let waited = 0; this.#local.size > 0 && waited < graceMs; waited += startMs) {
      await new Promise((resolve) => setTimeout(resolve, startMs));
    }
    for (const worker of [...this.#local.values()]) this.kill(worker, false);
  }

  async #inspect(store: CheckpointStore, file: string): Promise<void> {
    // A run that goes on may have removed it again.
    const checkpoint: Checkpoint | null = await store.load(file).catch(() => null);
    if (checkpoint !== null) this.watcher.onCheckpoint(checkpoint);
  }

  /** Runs a program as this process, to its end. */
  #run(process: SimulatedProcess, program: () => Promise<void>): void {
    this.world.after(startMs, process, () => {
      program().then(
        () => this.#retire(process),
        (thrown: unknown) => {
          this.watcher.fail('no-surprise', `${process.name}: ${toLockstepError(thrown).message}`);
        },
      );
    });
  }

  /** Its program is through: a real process would end as soon as nothing is open any more. */
  #retire(process: SimulatedProcess): void {
    this.world.after(settleMs, null, () => {
      const left = [...process.possessions].map(({ name }) => name);
      if (left.length > 0)
        this.watcher.fail('nothing-left', `${process.name} has ${left.join(', ')}`);
      process.end();
    });
  }
}

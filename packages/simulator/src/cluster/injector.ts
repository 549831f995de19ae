import type { Cluster } from './cluster.js';
import { describeFault, type Fault, type Victim } from './scenario/faults.js';
import type { SimulatedProcess } from './world/process.js';

/** A worker that nothing else befalls has left by then: sooner than it gives up by itself. */
const leaveMs = 18_000;

/** Lets the faults of a scenario strike, each at its moment. */
export class Injector {
  #messages = 0;
  #isOver = false;

  constructor(private readonly cluster: Cluster) {
    const { scenario, world, network } = cluster;
    const counted: { readonly messages: number; readonly fault: Fault }[] = [];
    for (const fault of scenario.faults) {
      const { when } = fault;
      if ('ms' in when) world.after(when.ms, null, () => this.#strike(fault));
      else counted.push({ messages: when.messages, fault });
    }
    network.onMessage = () => {
      this.#messages += 1;
      for (const { messages, fault } of counted) {
        if (messages === this.#messages) world.at(world.now, null, () => this.#strike(fault));
      }
    };
  }

  /** No more of them. */
  end(): void {
    this.#isOver = true;
  }

  #strike(fault: Fault): void {
    const { cluster } = this;
    const { world, network, disk, scenario, watcher } = cluster;
    if (this.#isOver) return;
    cluster.log('fault', describeFault(fault));
    switch (fault.what) {
      case 'crash':
        this.#crash(fault);
        return;
      case 'pause': {
        const process = this.#find(fault.who);
        if (process !== null) network.pause(process, fault.ms);
        return;
      }
      case 'cut': {
        const process = this.#find(fault.who);
        if (process !== null) network.cut(process);
        return;
      }
      case 'block': {
        const ways = [[fault.from, fault.to] as const];
        if (fault.both) ways.push([fault.to, fault.from]);
        for (const [from, to] of ways) {
          network.block(hostOf(from), hostOf(to));
          world.after(fault.ms, null, () => network.unblock(hostOf(from), hostOf(to)));
        }
        return;
      }
      case 'full-disk':
        disk.fill();
        if (fault.ms !== null) world.after(fault.ms, null, () => disk.makeRoom());
        return;
      case 'leave': {
        const running = cluster.workers.get(fault.who);
        if (running === undefined) return;
        world.at(world.now, running.process, () => running.program.leave());
        if (scenario.faults.every(({ what }) => what === 'leave')) {
          world.after(leaveMs, null, () => {
            if (cluster.workers.get(fault.who) !== running) return;
            watcher.fail('deadlines', `${running.process.name} asked to leave, and was not let go`);
          });
        }
        return;
      }
      case 'interrupt': {
        const running = cluster.coordinator;
        if (running === null) return;
        world.at(world.now, running.process, () =>
          running.program.coordinator?.interrupt('SIGINT'),
        );
        return;
      }
      case 'flip': {
        const process = this.#find(fault.who);
        if (process !== null) cluster.flip(process);
        return;
      }
      default:
        fault satisfies never;
    }
  }

  #crash({ who, isSilent, backMs }: Extract<Fault, { what: 'crash' }>): void {
    const { cluster } = this;
    const process = this.#find(who);
    if (process === null) return;
    if (who === 'coordinator') cluster.watcher.onCoordinatorKilled();
    cluster.kill(process, isSilent);
    // Workers of the coordinator's own are started again by it, or not.
    if (backMs === null || (who !== 'coordinator' && cluster.scenario.place === 'here')) return;
    cluster.world.after(backMs, null, () => {
      if (this.#isOver || cluster.outcome !== null || this.#find(who) !== null) return;
      if (who === 'coordinator') cluster.startCoordinator();
      else cluster.startWorker(who);
    });
  }

  /** Null: it does not run just now. */
  #find(who: Victim): SimulatedProcess | null {
    const { coordinator, workers } = this.cluster;
    return (who === 'coordinator' ? coordinator : workers.get(who))?.process ?? null;
  }
}

const hostOf = (who: Victim): string => (who === 'coordinator' ? 'control' : `worker-${who}`);

// Where ranks run: on this host, or on two that are simulated.
import { pinned } from './pinned.mjs';
import { Program } from './program.mjs';

const namespaces = ['--net', '--uts', '--mount', '--ipc'];
/** The network card of a simulated host. */
const card = 'veth0';

/** Ranks beside each other are on the same host. */
export function hostOf(rank, ranks, hosts) {
  return Math.floor((rank * hosts) / ranks);
}

/** This host: nothing is made. */
export const thisHost = {
  count: 1,
  addressOf: () => '127.0.0.1',
  /** `command` as it is run by a rank on the host with that number, on a core of its own. */
  member: (_host, rank, command, env = {}) => ({ command: pinned(command, rank), env }),
  /** ... and by what is no rank, on any core. */
  roaming: (_host, command, env = {}) => ({ command, env }),
  close: async () => {},
};

/**
 * Two hosts with a cable between them: namespaces with a network, a name and a /dev/shm of their own, and a pair of
 * virtual network cards. They stay as long as a process is in them: nothing is left, however this one ends.
 *
 * @throws Error where that is not allowed, or the tools of Linux are not there
 */
export async function twoHosts() {
  const holders = [];
  const close = async () => {
    await Promise.all(holders.map((holder) => holder.stop()));
  };
  try {
    for (const name of ['bench-a', 'bench-b'])
      holders.push(new Program({ command: holderOf(name) }));
    for (const holder of holders) await holder.nextLine();
    const [a, b] = holders.map(({ pid }) => pid);
    const cable = `ip link add ${card} type veth peer name ${card} netns ${b}`;
    await runIn(a, `${cable} && ${cardUp(0)}`);
    await runIn(b, cardUp(1));
  } catch (error) {
    await close();
    throw new Error(`no network namespaces here: ${error.message}`);
  }
  const roaming = (host, command, env = {}) => ({
    command: enter(holders[host].pid, command),
    env: { ...env, GLOO_SOCKET_IFNAME: card },
  });
  return {
    count: 2,
    addressOf,
    member: (host, rank, command, env) => roaming(host, pinned(command, rank), env),
    roaming,
    close,
  };
}

const addressOf = (host) => `10.99.0.${host + 1}`;
const cardUp = (host) =>
  `ip address add ${addressOf(host)}/24 dev ${card} && ip link set ${card} up`;

/** Its input ends with us: that is when `cat` ends, and the host with it. */
function holderOf(name) {
  const script = `hostname ${name} && mount -t tmpfs tmpfs /dev/shm && ip link set lo up && echo ready && exec cat`;
  return ['unshare', ...namespaces, 'sh', '-c', script];
}

function enter(pid, command) {
  return ['nsenter', `--target=${pid}`, ...namespaces, `--wd=${process.cwd()}`, ...command];
}

async function runIn(pid, script) {
  const program = new Program({ command: enter(pid, ['sh', '-c', `${script} && echo done`]) });
  await program.nextLine();
  await program.stop();
}

import { NetHost } from './net-host.ts';

/**
 * How a container is reached. `awsvpc`: at an address of its own and port 22, as on Fargate. `bridge`: at the address of
 * its machine and a port that the machine forwards, as on EC2.
 */
export type NetworkMode = 'awsvpc' | 'bridge';

/** What a link does instead of carrying packets. */
export type LinkFault = 'cut' | 'black-hole' | 'reset' | 'slow';

export interface ContainerLink {
  readonly mode: NetworkMode;
  /** Pid of a process in the network of the container. */
  readonly pid: number;
  /** Where the control plane reaches the container's SSH server, as ECS and EC2 tell it. */
  readonly address: string;
  readonly sshPort: number;
  /** Begins a fault between control plane and container, both ways. */
  begin(fault: LinkFault): void;
  end(fault: LinkFault): void;
  close(): Promise<void>;
}

/** The address of the control plane for containers. 198.18.0.0/15 is for tests of networks (RFC 2544). */
export const CONTROL_ADDRESS = '198.18.255.1';

const SSH_PORT = 22;
// A port of the range that Docker gives bridge networks on EC2.
const HOST_PORT = 32_768;
// Some 32 kB a second: the output of a build waits, and a login takes a second.
const SLOW = 'tbf rate 256kbit burst 4kb latency 1s';

/** Joins a new host to that of the control plane, with one container. `number` makes addresses of its own. */
export async function linkContainer(control: NetHost, mode: NetworkMode, number: number): Promise<ContainerLink> {
  const machine = await NetHost.start();
  const hosts = [machine];
  const [near, far] = [`control${number}`, 'eth0'];
  const [nearAddress, address] = [`198.18.${number}.1`, `198.18.${number}.2`];
  join(control, near, nearAddress, machine, far, address);
  const routeToControl = (): void => void machine.ip(`route replace ${CONTROL_ADDRESS}/32 via ${nearAddress}`);
  routeToControl();
  let container = machine;
  if (mode === 'bridge') {
    container = await NetHost.start();
    hosts.push(container);
    putBehind(machine, container, { number, nearAddress, address });
  }
  for (const host of [control, ...hosts]) host.requireNoWayOut();

  return {
    mode,
    pid: container.pid,
    address,
    sshPort: mode === 'bridge' ? HOST_PORT : SSH_PORT,
    begin(fault) {
      switch (fault) {
        case 'cut':
          return void machine.ip(`link set ${far} down`);
        case 'black-hole':
          machine.iptables(`-t raw -A PREROUTING -i ${far} -j DROP`);
          return control.iptables(`-t raw -A PREROUTING -i ${near} -j DROP`);
        case 'reset':
          return resetRules(near).forEach((rule) => control.iptables(`-A ${rule}`));
        case 'slow':
          machine.tc(`qdisc add dev ${far} root ${SLOW}`);
          return control.tc(`qdisc add dev ${near} root ${SLOW}`);
      }
    },
    end(fault) {
      switch (fault) {
        case 'cut':
          machine.ip(`link set ${far} up`);
          // The kernel removes the routes of a link that goes down.
          return routeToControl();
        case 'black-hole':
          machine.iptables(`-t raw -D PREROUTING -i ${far} -j DROP`);
          return control.iptables(`-t raw -D PREROUTING -i ${near} -j DROP`);
        case 'reset':
          return resetRules(near).forEach((rule) => control.iptables(`-D ${rule}`));
        case 'slow':
          machine.tc(`qdisc del dev ${far} root`);
          return control.tc(`qdisc del dev ${near} root`);
      }
    },
    async close() {
      await Promise.all(hosts.map((host) => host.close()));
    },
  };
}

function join(one: NetHost, oneLink: string, oneAddress: string, other: NetHost, link: string, address: string): void {
  one.ip(`link add ${oneLink} type veth peer name ${link} netns ${other.pid}`);
  one.ip(`address add ${oneAddress}/30 dev ${oneLink}`);
  other.ip(`address add ${address}/30 dev ${link}`);
  one.ip(`link set ${oneLink} up`);
  other.ip(`link set ${link} up`);
}

/** Gives a machine one container on a bridge network: its port is forwarded, and it reports in the machine's name. */
function putBehind(
  machine: NetHost,
  container: NetHost,
  { number, nearAddress, address }: { number: number; nearAddress: string; address: string },
): void {
  const [bridge, own] = [`198.19.${number}.1`, `198.19.${number}.2`];
  join(machine, 'docker0', bridge, container, 'eth0', own);
  container.ip(`route add ${CONTROL_ADDRESS}/32 via ${bridge}`);
  container.ip(`route add ${nearAddress}/32 via ${bridge}`);
  machine.forward();
  machine.iptables(`-t nat -A PREROUTING -d ${address} -p tcp --dport ${HOST_PORT} -j DNAT --to ${own}:${SSH_PORT}`);
  machine.iptables(`-t nat -A POSTROUTING -s ${own} -o eth0 -j MASQUERADE`);
}

/** Every packet is answered with a reset to its sender, but a reset. */
function resetRules(link: string): readonly string[] {
  const reject = '-p tcp ! --tcp-flags RST RST -j REJECT --reject-with tcp-reset';
  return [`INPUT -i ${link} ${reject}`, `OUTPUT -o ${link} ${reject}`];
}

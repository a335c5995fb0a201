import type { ContainerInspectInfo } from 'dockerode';
import type { LaunchOrder, PortBinding } from '../launcher.ts';
import { DockerDefinition } from './docker-definition.ts';

/** Returns the address that a container has in its network; null when it has none of its own. */
export function addressIn({ NetworkSettings: settings }: Pick<ContainerInspectInfo, 'NetworkSettings'>): string | null {
  return Object.values(settings.Networks).find(({ IPAddress: address }) => address !== '')?.IPAddress ?? null;
}

/**
 * Returns the bindings that ECS would report. In a network that was given to local ECS nothing is published: a container
 * of a bridge network is then reached at its own address, which only its bindings can tell.
 */
export function bindingsIn(
  started: Pick<ContainerInspectInfo, 'NetworkSettings'>,
  { definition }: Pick<LaunchOrder, 'definition'>,
  network: string | null,
): readonly PortBinding[] {
  const parsed = DockerDefinition.safeParse(definition);
  if (!parsed.success) return publishedIn(started);
  const { networkMode, containerDefinitions } = parsed.data;
  const mapped = (containerDefinitions[0].portMappings ?? []).flatMap(({ containerPort = 0 }) =>
    containerPort > 0 ? [{ containerPort, hostPort: containerPort }] : [],
  );
  if (networkMode === 'host') return mapped;
  if (networkMode !== 'bridge') return [];
  if (network === null) return publishedIn(started);
  const hostAddress = addressIn(started);
  return hostAddress === null ? [] : mapped.map((port) => ({ ...port, hostAddress }));
}

function publishedIn({ NetworkSettings: settings }: Pick<ContainerInspectInfo, 'NetworkSettings'>): PortBinding[] {
  // Docker names `null` for a port that is not published.
  const ports = Object.entries(settings.Ports) as [string, { HostPort: string }[] | null][];
  return ports.flatMap(([port, bindings]) => {
    const hostPort = Number(bindings?.[0]?.HostPort ?? 0);
    return hostPort > 0 ? [{ containerPort: Number.parseInt(port, 10), hostPort }] : [];
  });
}

import type { Instance, State } from '../domain/instance.ts';
import type { HealthEntry } from './consul.schemas.ts';

const STATUS: Readonly<Record<State, 'passing' | 'critical'>> = {
  up: 'passing',
  draining: 'critical',
  down: 'critical',
};

/** An instance as Consul tells it. There are no nodes here: a node is the host that an instance answers at. */
export function healthEntryOf(instance: Instance, index: number): HealthEntry {
  const { service, instanceId, url, version, weight, metadata, state } = instance;
  const { hostname, port, protocol } = new URL(url);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const indexes = { CreateIndex: index, ModifyIndex: index };
  return {
    Node: {
      ID: '',
      Node: host,
      Address: host,
      Datacenter: 'plaza',
      TaggedAddresses: {},
      Meta: {},
      ...indexes,
    },
    Service: {
      ID: instanceId,
      Service: service,
      Tags: [...instance.tags],
      Address: host,
      TaggedAddresses: {},
      Meta: { ...metadata, url, version },
      Port: port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port),
      Weights: { Passing: weight, Warning: weight },
      EnableTagOverride: false,
      ...indexes,
    },
    Checks: [
      {
        Node: host,
        CheckID: `service:${instanceId}`,
        Name: 'Heartbeat',
        Status: STATUS[state],
        Notes: '',
        Output: state,
        ServiceID: instanceId,
        ServiceName: service,
        ServiceTags: [],
        Type: 'ttl',
        ...indexes,
      },
    ],
  };
}

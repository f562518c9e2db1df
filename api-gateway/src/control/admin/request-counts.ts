import type { Metrics } from '@plaza/service-kit';

/** Responses of each version of a service by status class; `error` counts requests without a response. */
export type RequestCounts = Readonly<Record<string, Readonly<Record<string, number>>>>;

const SAMPLE = /^gateway_upstream_requests_total\{(?<labels>.*)\} (?<count>\d+)$/gm;
const LABEL = /(?<name>\w+)="(?<value>(?:[^"\\]|\\.)*)"/g;

/** By upstream name. Read from the metrics, which are summed over all workers. */
export async function readRequestCounts(metrics: Metrics): Promise<Readonly<Record<string, RequestCounts>>> {
  const { text } = await metrics.expose();
  const counts: Record<string, Record<string, Record<string, number>>> = {};
  for (const { groups = {} } of text.matchAll(SAMPLE)) {
    const { upstream = '', version = '', status_class: status = '' } = parseLabels(groups['labels'] ?? '');
    const versions = (counts[upstream] ??= {});
    (versions[version] ??= {})[status] = Number(groups['count']);
  }
  return counts;
}

const parseLabels = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries([...text.matchAll(LABEL)].map(({ groups = {} }) => [groups['name'], groups['value']]));

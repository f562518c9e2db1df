import { COMPETITOR_NAMES, type CompetitorName } from './competitors.ts';
import { medianMeasurement, type ProcessMeasurement } from '../load/measure.ts';

/** The turns of each competitor in one scenario. */
export type MeasurementsByCompetitor = Map<CompetitorName, ProcessMeasurement[]>;

/** A table of medians; ratios are to the assembled stack, or to the other build where that is not part of the run. */
export function renderTable(title: string, measurements: MeasurementsByCompetitor): string {
  const peer = medianMeasurement(measurements.get('assembled') ?? measurements.get('before') ?? []);
  const head = renderRow('', ['CPU a request', 'ratio', 'p50', 'p99', 'ratio', 'requests/s', 'memory']);
  const rows = [...measurements].map(([name, all]) => {
    const { cpu, p50, p99, perSecond, memory } = medianMeasurement(all);
    return renderRow(COMPETITOR_NAMES[name], [
      `${cpu.toFixed(0)} µs`,
      (cpu / peer.cpu).toFixed(2),
      `${p50.toFixed(2)} ms`,
      `${p99.toFixed(2)} ms`,
      (p99 / peer.p99).toFixed(2),
      perSecond.toFixed(0),
      `${memory.toFixed(0)} MB`,
    ]);
  });
  return `${title}\n${[head, ...rows].join('\n')}\n`;
}

const WIDTHS = [15, 8, 11, 11, 8, 12, 10];

function renderRow(name: string, cells: readonly string[]): string {
  return name.padEnd(40) + cells.map((cell, at) => cell.padStart(WIDTHS[at] ?? 10)).join('');
}

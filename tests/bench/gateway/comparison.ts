import { writeFileSync } from 'node:fs';
import { measureProcess } from '../load/measure.ts';
import type { LoadGenerator } from '../load/load-generator.ts';
import type { MeasuredProcess } from '../process/measured-process.ts';
import { createProgress, type Progress } from '../progress.ts';
import { renderRatios } from './build-report.ts';
import { renderChart } from './chart.ts';
import { COMPETITOR_NAMES, type CompetitorName } from './competitors.ts';
import type { GatewayBenchOptions } from './options.ts';
import { renderTable, type MeasurementsByCompetitor } from './report.ts';
import type { Scenario } from './scenarios.ts';

type Competitors = ReadonlyMap<CompetitorName, MeasuredProcess>;

/** About how long a process takes to start, in milliseconds; for the progress. */
const START_MS = 1_500;

export interface Comparison {
  readonly names: readonly CompetitorName[];
  readonly start: (name: CompetitorName) => Promise<MeasuredProcess>;
  readonly load: LoadGenerator;
  readonly scenarios: readonly Scenario[];
  readonly options: GatewayBenchOptions;
}

/** Measures all competitors in turns, over as many starts as asked for, and prints a table for each scenario. */
export async function compare(comparison: Comparison): Promise<void> {
  const { names, scenarios, options } = comparison;
  const startMs = scenarios.reduce((sum, one) => sum + one.names.length * one.rounds * one.turnMs, 0);
  const progress = createProgress(options.starts * (startMs + names.length * START_MS));
  const results = new Map<Scenario, MeasurementsByCompetitor>(
    scenarios.map((scenario) => [scenario, new Map(scenario.names.map((name) => [name, []]))]),
  );
  for (let start = 1; start <= options.starts; start += 1)
    await measureStart(comparison, `${start}`, results, progress);
  for (const [{ title }, measurements] of results) {
    if (title === '') continue;
    progress.print(renderTable(title, measurements));
    if (measurements.has('before')) progress.print(`${renderRatios(measurements, options.starts)}\n`);
  }
  const [busy] = [...results].flatMap(([{ title }, measurements]) => (title === '' ? [] : [measurements]));
  if (options.chart && busy !== undefined)
    writeFileSync(new URL('../../../docs/gateway-bench.svg', import.meta.url), renderChart(busy));
}

async function measureStart(
  { names, start, load, scenarios, options }: Comparison,
  label: string,
  results: ReadonlyMap<Scenario, MeasurementsByCompetitor>,
  progress: Progress,
): Promise<void> {
  const competitors = new Map<CompetitorName, MeasuredProcess>();
  const prefix = options.starts === 1 ? '' : `start ${label} of ${options.starts}: `;
  try {
    for (const name of names) {
      const started = () => start(name);
      competitors.set(
        name,
        await progress.track(`${prefix}starting ${COMPETITOR_NAMES[name]}`, START_MS, started),
      );
    }
    for (const scenario of scenarios)
      await measureScenario(scenario, competitors, load, { label, prefix }, results.get(scenario), progress);
  } finally {
    for (const competitor of competitors.values()) competitor.stop();
  }
}

async function measureScenario(
  { title, names, rounds, turnMs, load: createLoad }: Scenario,
  competitors: Competitors,
  load: LoadGenerator,
  start: { readonly label: string; readonly prefix: string },
  results: MeasurementsByCompetitor | undefined,
  progress: Progress,
): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    // There and back, so that neither build always follows the same neighbour.
    const order = round % 2 === 0 ? names : names.toReversed();
    for (const name of order) {
      const competitor = competitors.get(name);
      if (competitor === undefined) throw new Error(`${COMPETITOR_NAMES[name]} has not been started.`);
      const doing = title === '' ? 'warming up' : `${title}, round ${round + 1} of ${rounds}`;
      const measured = await progress.track(
        `${start.prefix}${doing}: ${COMPETITOR_NAMES[name]}`,
        turnMs,
        () => measureProcess(competitor, load, createLoad(`${start.label}-${round}`)),
      );
      results?.get(name)?.push(measured);
    }
  }
}

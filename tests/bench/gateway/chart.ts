import { COMPETITOR_NAMES, isFullFeatured } from './competitors.ts';
import { medianMeasurement } from '../load/measure.ts';
import type { MeasurementsByCompetitor } from './report.ts';

const LEFT = 280;
const WIDTH = 790;
const BAR = 22;
const GAP = 14;
const TOP = 56;

/** A bar chart of CPU a request: an SVG that follows the reader's colour scheme. */
export function renderChart(measurements: MeasurementsByCompetitor): string {
  const bars = [...measurements]
    .filter(([name]) => name !== 'before')
    .map(([name, all]) => ({ name, cpu: medianMeasurement(all).cpu }));
  const most = Math.max(...bars.map(({ cpu }) => cpu));
  const height = TOP + bars.length * (BAR + GAP) + 4;
  const drawn = bars.map(({ name, cpu }, at) => {
    const y = TOP + at * (BAR + GAP);
    const width = (cpu / most) * (WIDTH - LEFT - 80);
    const kind = name === 'ours' ? 'ours' : isFullFeatured(name) ? 'full' : 'bare';
    return [
      `<text x="${LEFT - 10}" y="${y + BAR - 6}" text-anchor="end">${COMPETITOR_NAMES[name]}</text>`,
      `<rect class="${kind}" x="${LEFT}" y="${y}" width="${width.toFixed(1)}" height="${BAR}" rx="3"/>`,
      `<text x="${(LEFT + width + 8).toFixed(1)}" y="${y + BAR - 6}">${cpu.toFixed(0)} µs</text>`,
    ].join('\n  ');
  });
  const words = bars.map(({ name, cpu }) => `${COMPETITOR_NAMES[name]} ${cpu.toFixed(0)} µs`).join(', ');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="title desc">
  <title id="title">CPU time that a request costs</title>
  <desc id="desc">${words}.</desc>
  <style>
    text { font: 13px system-ui, sans-serif; fill: #1f2328 }
    .head { font-weight: 600 }
    .bare { fill: #8c959f }
    .full { fill: #bf8700 }
    .ours { fill: #1a7f37 }
    @media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .ours { fill: #3fb950 } .full { fill: #d29922 } }
  </style>
  <text class="head" x="10" y="20">CPU a request, one core, 32 connections, 1,000 tokens</text>
  <text x="10" y="40">grey: proxies alone; coloured: JWT, limits in Redis, request ids, logs, metrics</text>
  ${drawn.join('\n  ')}
</svg>
`;
}

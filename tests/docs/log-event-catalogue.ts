import { glob } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { LogEvent } from '@plaza/errors';
import { format } from 'prettier';

const checkout = resolve(import.meta.dirname, '../..');

export interface CataloguedLogEvent extends LogEvent {
  /** The package or service that writes the line. */
  readonly home: string;
  /** Name of the constant. */
  readonly name: string;
}

/** Every log event of the project: what `*.log-events.ts` files export, by code. @throws where two have one code. */
export async function collectLogEvents(): Promise<CataloguedLogEvent[]> {
  const found: CataloguedLogEvent[] = [];
  const files = glob(['packages/*/src/**/*.log-events.ts', '*/src/**/*.log-events.ts'], {
    cwd: checkout,
    exclude: ['node_modules/**'],
  });
  for await (const file of files) {
    const module: Readonly<Record<string, LogEvent>> = await import(pathToFileURL(join(checkout, file)).href);
    const home = file.split('/src/', 1)[0] ?? file;
    for (const [name, event] of Object.entries(module)) found.push({ ...event, home, name });
  }
  for (const [code, [first, second]] of Map.groupBy(found, ({ event }) => event)) {
    if (second !== undefined) throw new Error(`${code} is an event of ${first?.home} and of ${second.home}.`);
  }
  return found.sort((a, b) => a.event.localeCompare(b.event));
}

/** docs/log-events.md, whole. */
export async function renderLogEventsPage(): Promise<string> {
  const sections = [...Map.groupBy(await collectLogEvents(), ({ home }) => home)]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([home, events]) => `## ${home}\n\n${events.map(renderEvent).join('\n\n')}`);
  const page = `# Log events

Each log line is one JSON object with \`level\`, \`timestamp\`, \`service\`, \`version\`, \`message\`, and \`event\`: a stable
code. Search, count and alert by \`event\`; the sentence in \`message\` may change. A line that belongs to a request or
a message has its \`requestId\`; \`userId\` is there if a user is signed in. Secrets are replaced by \`[redacted]\`.

\`\`\`json
{"level":"warn","event":"instance_expired","message":"An instance sent no heartbeat within its TTL and was removed","instance":"posts-service/posts-1","service":"service-registry","version":"0.1.0","timestamp":"2026-11-30T12:00:00.000Z"}
\`\`\`

${sections.join('\n\n')}

\`npm run docs\` writes this page from the events in \`*.log-events.ts\`.
`;
  return format(page, { parser: 'markdown', printWidth: 110 });
}

function renderEvent({ event, level, message, fields }: CataloguedLogEvent): string {
  const rows = Object.entries(fields).map(([name, meaning]) => `- \`${name}\`: ${meaning}`);
  return [`### \`${event}\` (${level})`, `${message}.`, rows.join('\n')]
    .filter((part) => part !== '')
    .join('\n\n');
}

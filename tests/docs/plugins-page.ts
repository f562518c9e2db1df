import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { format } from 'prettier';
import { z } from 'zod';

const gateway = resolve(import.meta.dirname, '../../api-gateway');

/** The example of a plugin of one's own, which a test of the gateway runs. */
const EXAMPLE = 'test/plugins/custom/tenant.ts';

const kinds = z.object({
  STANDARD_PLUGINS: z.array(
    z.object({ name: z.string(), priority: z.number(), schema: z.instanceof(z.ZodType) }),
  ),
});

/** The part of JSON Schema that describes a field. */
const described = z.looseObject({
  description: z.string().optional(),
  type: z.string().optional(),
  const: z.unknown().optional(),
  enum: z.array(z.unknown()).optional(),
  default: z.unknown().optional(),
  minimum: z.number().optional(),
  get items() {
    return described.optional();
  },
  get anyOf() {
    return z.array(described).optional();
  },
  get properties() {
    return z.record(z.string(), described).optional();
  },
  required: z.array(z.string()).optional(),
  not: z.unknown().optional(),
  deprecated: z.boolean().optional(),
});

type Described = z.output<typeof described>;

/** docs/plugins.md, whole. */
export async function renderPluginsPage(): Promise<string> {
  const module: unknown = await import(pathToFileURL(resolve(gateway, 'src/plugins/index.ts')).href);
  const plugins = kinds.parse(module).STANDARD_PLUGINS.map(({ schema, ...plugin }) => ({
    ...plugin,
    fields: described.parse(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })),
  }));
  const example = await readFile(resolve(gateway, EXAMPLE), 'utf8');
  const page = [
    INTRODUCTION,
    ...plugins.flatMap(({ name, priority, fields }) => [
      `## ${name}`,
      `${fields.description ?? ''} Priority ${priority}.`,
      renderTable(fields),
    ]),
    OWN.replace('EXAMPLE', () => example.trimEnd()),
  ].join('\n\n');
  return format(page, { parser: 'markdown', printWidth: 110, proseWrap: 'preserve', singleQuote: true });
}

const INTRODUCTION = `# Plugins

What the gateway does to requests stands under \`plugins\` in its file (\`GATEWAY_CONFIG\`), with Kong's names and
fields. An entry is for everything, or for the \`service\`, \`route\` or \`consumer\` that it names or stands in; of
several of one plugin the most specific counts: consumer and route before consumer, route, service and all. They run in
the order of Kong's priorities, the highest first. A field that Kong knows and this gateway does not is refused when the
file is read, with its place and a sentence. Fields called *Plaza's own* are not Kong's.

Who shows a token or key that does not hold is counted by rate-limiting first and refused then.

\`\`\`yaml
plugins:
  - name: rate-limiting
    config: { minute: 100, hour: 1000, policy: redis }
  - name: acl
    route: orders
    config: { allow: [customers] }
\`\`\``;

const OWN = `## A plugin of one's own

A file in the folder that \`GATEWAY_PLUGINS\` names, \`.ts\`, \`.js\` or \`.mjs\`, that exports \`plugin\`. Its
configuration is checked by its own schema, its priority says when its turn is. \`access\` runs before the service is
asked: it changes what is asked, throws an error to be answered instead, or answers itself. \`respond\` sees the head of
the service's answer, and may return a tap that sees the body pass; \`failed\` may answer where no service did; \`log\`
runs when all is over; \`close\` when the configuration is replaced. Return no promise where nothing is waited for: this
is the hot path. What they get is in \`api-gateway/src/plugins/api/plugin.ts\`. What a hook throws once the answer has begun is
logged and harms nobody. Files are read when the gateway starts, and what they import is looked for from their folder on:
keep it inside the project, or give it \`node_modules\` of its own.

\`api-gateway/${EXAMPLE}\`, which a test runs:

\`\`\`ts
EXAMPLE
\`\`\``;

interface Row {
  readonly name: string;
  readonly field: Described;
  readonly required: boolean;
}

function renderTable(fields: Described): string {
  const rows = toRows(fields, '').map(
    ({ name, field, required }) =>
      `| \`${name}\` | ${renderType(field)} | ${required ? '**required**' : renderDefault(field)} | ${field.description ?? ''} |`,
  );
  return ['| field | type | default | is |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

function toRows({ properties = {}, required = [] }: Described, within: string): Row[] {
  return Object.entries(properties).flatMap(([key, field]): Row[] => {
    const name = within + key;
    // What is there only to be refused, or for old files.
    if (field.not !== undefined || field.deprecated === true) return [];
    const row = { name, field, required: required.includes(key) };
    if (field.properties !== undefined) return toRows(field, `${name}.`);
    if (field.items?.properties !== undefined) return [row, ...toRows(field.items, `${name}[].`)];
    return [row];
  });
}

function renderType({ type, const: only, enum: values, items, anyOf }: Described): string {
  if (only !== undefined) return `only \`${JSON.stringify(only)}\``;
  if (values !== undefined) return values.map((value) => `\`${String(value)}\``).join(', ');
  if (anyOf !== undefined) return anyOf.map(renderType).join(' or ');
  if (type === 'array')
    return items?.properties === undefined ? `list of ${renderType(items ?? {})}` : 'list';
  return type ?? '';
}

function renderDefault({ default: standard }: Described): string {
  return standard === undefined ? '' : `\`${JSON.stringify(standard)}\``;
}

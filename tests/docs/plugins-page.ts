import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { format } from 'prettier';
import { z } from 'zod';

const gateway = resolve(import.meta.dirname, '../../api-gateway');

/** The example of a custom plugin, which a test of the gateway runs. */
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

/** The whole of docs/plugins.md. */
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

The file that \`GATEWAY_CONFIG\` names lists the gateway's plugins under \`plugins\`, with Kong's names and fields. An
entry without a scope is global; \`service\`, \`route\` and \`consumer\`, or the entity that contains the entry, limit it.
If several entries of one plugin match a request, the most specific one runs: consumer and route, then consumer, route,
service, global. Plugins run in the order of Kong's priorities, the highest first. A field of Kong that this gateway does
not support is refused when the file is loaded, with its place and a message. *Plaza's own* marks fields that Kong does
not have.

A request with an invalid token or key gets its error only after rate-limiting has counted it.

\`\`\`yaml
plugins:
  - name: rate-limiting
    config: { minute: 100, hour: 1000, policy: redis }
  - name: acl
    route: orders
    config: { allow: [customers] }
\`\`\``;

const OWN = `## Custom plugins

A custom plugin is a file (\`.ts\`, \`.js\` or \`.mjs\`) in the folder that \`GATEWAY_PLUGINS\` names. It exports
\`plugin\`. Its schema checks its configuration, and its priority sets its place in the order. Hooks:

| hook | runs | may |
| --- | --- | --- |
| \`access\` | before the upstream request | change the upstream request, throw the error to send, or send a response |
| \`headerFilter\` | when the head of the upstream response has arrived | change the head; return a body filter, which observes the body |
| \`onError\` | if there is no upstream response | send a response and return true |
| \`log\` | after the response has ended | |
| \`close\` | after the last request of its configuration | wait |

A hook that does not wait returns no promise: this is the hot path. \`api-gateway/src/plugins/api/\` has the types
(\`plugin.ts\`, \`request-context.ts\`, \`response.ts\`). An error of a hook after the response has begun is logged and does
not change the response. The gateway loads the files at start and resolves their imports from their folder: keep it
inside the project, or give it its own \`node_modules\`.

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
    // Fields that are always refused, and deprecated names.
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

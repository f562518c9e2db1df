import { glob } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { toHttpStatus } from '@plaza/service-kit';
import { UNAVAILABLE_REASONS, type ErrorKind, type UnavailableReason } from '@plaza/errors';
import { format } from 'prettier';

const checkout = resolve(import.meta.dirname, '../..');

export interface ErrorCatalogueEntry {
  readonly code: string;
  readonly status: number;
  readonly title: string;
  readonly cause: string;
  readonly remedy: string;
  readonly reasons: readonly UnavailableReason[];
  /** The packages and services that define it, with commas between. */
  readonly home: string;
}

interface ErrorClass {
  readonly kind: ErrorKind;
  readonly code: string;
  readonly title: string;
  readonly cause: string;
  readonly remedy: string;
  readonly reasons?: readonly UnavailableReason[];
}

/**
 * Every error class of the project: what `*.errors.ts` files export, by code. Two services may define the
 * same one, since neither imports the other. @throws where they mean different things by it.
 */
export async function collectErrors(): Promise<ErrorCatalogueEntry[]> {
  const found: ErrorCatalogueEntry[] = [];
  const files = glob(['packages/*/src/**/*.errors.ts', '*/src/**/*.errors.ts'], {
    cwd: checkout,
    exclude: ['node_modules/**'],
  });
  for await (const file of files) {
    const module: object = await import(pathToFileURL(join(checkout, file)).href);
    const home = file.split('/src/', 1)[0] ?? file;
    for (const errorClass of Object.values(module).filter(isErrorClass)) {
      const { kind, code, title, cause, remedy, reasons = [] } = errorClass;
      for (const text of ['cause', 'remedy'] as const) {
        if (!Object.hasOwn(errorClass, text))
          throw new Error(`${code} in ${file} has no ${text} of its own.`);
      }
      found.push({ code, title, cause, remedy, reasons, home, status: toHttpStatus({ kind, code }) });
    }
  }
  return [...Map.groupBy(found, ({ code }) => code).values()]
    .map(mergeDuplicates)
    .sort((a, b) => a.code.localeCompare(b.code));
}

function mergeDuplicates(same: readonly ErrorCatalogueEntry[]): ErrorCatalogueEntry {
  const [first] = same;
  const other = same.find(({ status, title }) => status !== first?.status || title !== first.title);
  if (first === undefined || other !== undefined) {
    throw new Error(`${other?.code} is one thing in ${first?.home} and another in ${other?.home}.`);
  }
  return {
    ...first,
    home: same
      .map(({ home }) => home)
      .sort()
      .join(', '),
  };
}

function isErrorClass(value: unknown): value is ErrorClass {
  return typeof value === 'function' && 'kind' in value && 'code' in value && 'title' in value;
}

/** docs/errors.md, whole. */
export async function renderErrorsPage(): Promise<string> {
  const errors = await collectErrors();
  const rows = errors.map(
    ({ code, status, title, home }) => `| \`${code}\` | ${status} | ${title} | ${home} |`,
  );
  const page = `# Errors

Every error is \`application/problem+json\` (RFC 9457). \`code\` is stable: switch on it, not on the words.
The registry's own four calls answer \`{success: false, error}\` instead.

\`\`\`json
{
  "type": "urn:plaza:error:validation_failed",
  "title": "Validation failed",
  "status": 400,
  "detail": "email: Invalid email address",
  "instance": "/users",
  "requestId": "5f0c6f0e-5b0e-4f0e-9d55-0c8a4f6f2f3b",
  "code": "validation_failed",
  "error": "Validation failed",
  "message": "email: Invalid email address",
  "errors": [{ "path": "email", "message": "Invalid email address" }]
}
\`\`\`

\`error\` repeats \`title\`, \`message\` repeats \`detail\`, \`errors\` is there where fields can be named.
\`requestId\` finds the log lines of every service that took part. 429 and 503 carry \`Retry-After\`. A 503 for which
another service is the reason names it in \`X-Unavailable-Service\`. 502, 503 and 504 have a \`reason\` (the list is below)
and, where something else is not available, its name in \`dependency\`. Both are in the line \`response_sent\` of the log
and are labels of the metric \`http_server_unavailable_total\`.

| code | status | title | defined in |
| --- | --- | --- | --- |
${rows.join('\n')}

## Reasons

| reason | meaning | codes |
| --- | --- | --- |
${reasonRows(errors).join('\n')}

## Causes and remedies

${errors.map(renderError).join('\n\n')}

\`npm run docs\` writes this page from the classes in \`*.errors.ts\`.
`;
  return format(page, { parser: 'markdown', printWidth: 110 });
}

function reasonRows(errors: readonly ErrorCatalogueEntry[]): string[] {
  return Object.entries(UNAVAILABLE_REASONS).map(([reason, meaning]) => {
    const codes = errors.filter(({ reasons }) => reasons.some((own) => own === reason));
    return `| \`${reason}\` | ${meaning} | ${codes.map(({ code }) => `\`${code}\``).join(', ')} |`;
  });
}

function renderError({ code, status, title, cause, remedy }: ErrorCatalogueEntry): string {
  return `### \`${code}\`\n\n${status}, ${title}. ${cause}\n\n**Remedy:** ${remedy}`;
}

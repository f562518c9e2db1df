import type { parseArgs } from 'node:util';

/** The options of all `dlq` commands. */
export const DLQ_OPTIONS = {
  all: { type: 'boolean' },
  yes: { type: 'boolean' },
  data: { type: 'string' },
  body: { type: 'string' },
  'dry-run': { type: 'boolean' },
  wait: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

export type DlqOptions = ReturnType<typeof parseArgs<{ options: typeof DLQ_OPTIONS }>>['values'];

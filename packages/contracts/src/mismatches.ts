import { z } from 'zod';

/** What Pact's verifier says of an interaction that failed, as far as we tell it. */
const result = z.looseObject({
  description: z.string(),
  result: z.string(),
  mismatch: z
    .looseObject({
      message: z.string().optional(),
      mismatches: z.array(z.looseObject({ mismatch: z.string(), path: z.string().optional() })).default([]),
    })
    .optional(),
});
const report = z.object({ interactionResults: z.array(result) });

/** A line for each mismatch: the interaction, where, and what. Pact's verifier rejects with a report in JSON. */
export function parseMismatches(error: unknown): string[] {
  const text = Error.isError(error) ? error.message : String(error);
  const { interactionResults = [] } = report.safeParse(parseJson(text)).data ?? {};
  const lines = interactionResults.filter(({ result }) => result !== 'OK').flatMap(formatMismatches);
  return lines.length > 0 ? lines : [text];
}

function formatMismatches({ description, mismatch }: z.output<typeof result>): string[] {
  const { message = 'failed', mismatches = [] } = mismatch ?? {};
  if (mismatches.length === 0) return [`${description}: ${message}`];
  return mismatches.map(
    ({ path, mismatch }) => `${description}: ${path === undefined ? '' : `${path}: `}${mismatch}`,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

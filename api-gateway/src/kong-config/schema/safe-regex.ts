import { setFlagsFromString } from 'node:v8';
import { analyse } from 'scslre';

/*
 * After 50,000 backtracks V8 continues an expression in its linear-time engine. That engine supports neither lookahead
 * nor backreferences, and V8 calls it experimental: hence the additional analysis.
 */
setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks');

/** A regular expression of the file, or the reason why it is refused. */
export type CompiledRegex =
  | { readonly pattern: RegExp; readonly mistake?: never }
  | { readonly pattern?: never; readonly mistake: string };

export function compileSafeRegex(source: string, flags = ''): CompiledRegex {
  try {
    const pattern = new RegExp(source, flags);
    const endless = findExponentialPart(pattern);
    if (endless === undefined) return { pattern };
    return { mistake: `would stop the gateway: ${endless} can match one text in exponentially many ways` };
  } catch (error) {
    const words = Error.isError(error) ? error.message : String(error);
    return { mistake: `is no regular expression: ${words.replace(/^.*\/\w*: /su, '')}` };
  }
}

/** The part of the expression that may take exponential time; undefined if the analysis finds none. */
function findExponentialPart(pattern: RegExp): string | undefined {
  const report = analyse(pattern).reports.find(({ exponential }) => exponential);
  if (report === undefined) return undefined;
  switch (report.type) {
    case 'Self':
      return report.parentQuant.raw;
    case 'Trade':
      return `${report.startQuant.raw} beside ${report.endQuant.raw}`;
    case 'Move':
      return report.quant.raw;
  }
}

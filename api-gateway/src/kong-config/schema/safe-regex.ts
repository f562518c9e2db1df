import { setFlagsFromString } from 'node:v8';
import { analyse } from 'scslre';

/*
 * An expression that has stepped back 50,000 times goes on in another engine of V8's, whose time is in proportion to
 * the text. It has no lookahead and no backreference, and V8 calls it experimental: hence the analysis besides.
 */
setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks');

/** A regular expression of the file, or why it is not taken. */
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

/** What of it can take a time that doubles with each character, as far as that can be found out. */
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

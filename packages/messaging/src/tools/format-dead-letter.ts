import type { DeadLetter } from './dead-letters.ts';

/** One or two lines for a list. */
export function formatSummary(deadLetter: DeadLetter): string {
  const { position, id = `#${position}`, at = 'time unknown', type = 'type unknown' } = deadLetter;
  const [problem = ''] = (deadLetter.problem ?? '').split('\n');
  return `  ${id}  ${at}  ${type}  ${formatReason(deadLetter)}\n${problem === '' ? '' : `      ${problem}\n`}`;
}

/** All details of one dead letter. */
export function formatDeadLetter(deadLetter: DeadLetter): string {
  const facts: [string, string | undefined][] = [
    ['event', deadLetter.id],
    ['type', deadLetter.type],
    ['exchange', deadLetter.exchange],
    ['correlation', deadLetter.correlationId],
    ['dead since', deadLetter.at],
    ['reason', formatReason(deadLetter)],
    ['problem', deadLetter.problem],
    ['stack', deadLetter.stack],
  ];
  const lines = facts.flatMap(([name, value]) =>
    value === undefined ? [] : [`${name.padEnd(12)} ${value.replaceAll('\n', `\n${' '.repeat(13)}`)}\n`],
  );
  return `${lines.join('')}\n${formatBody(deadLetter)}\n`;
}

function formatReason({ reason, attempts }: DeadLetter): string {
  return attempts === 1 ? reason : `${reason} after ${attempts} attempts`;
}

function formatBody({ message: { content } }: DeadLetter): string {
  try {
    return JSON.stringify(JSON.parse(content.toString()), null, 2);
  } catch {
    return content.toString();
  }
}

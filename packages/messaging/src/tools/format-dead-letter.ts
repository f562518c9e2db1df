import type { DeadLetter } from './dead-letters.ts';

/** Two lines for a list. */
export function formatSummary(letter: DeadLetter): string {
  const { position, id = `#${position}`, at = 'at an unknown time', type = 'of no type' } = letter;
  const [problem = ''] = (letter.problem ?? '').split('\n');
  return `  ${id}  ${at}  ${type}  ${formatReason(letter)}\n${problem === '' ? '' : `      ${problem}\n`}`;
}

/** All that is known of one. */
export function formatDeadLetter(letter: DeadLetter): string {
  const facts: [string, string | undefined][] = [
    ['event', letter.id],
    ['type', letter.type],
    ['exchange', letter.exchange],
    ['correlation', letter.correlationId],
    ['dead since', letter.at],
    ['reason', formatReason(letter)],
    ['problem', letter.problem],
    ['stack', letter.stack],
  ];
  const lines = facts.flatMap(([name, value]) =>
    value === undefined ? [] : [`${name.padEnd(12)} ${value.replaceAll('\n', `\n${' '.repeat(13)}`)}\n`],
  );
  return `${lines.join('')}\n${formatBody(letter)}\n`;
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

import type { TopologyDeclaration } from './declarations.ts';

/** The exit status of a service that cannot work as it is configured (sysexits.h: EX_CONFIG). */
const EXIT_CONFIG = 78;

/** The broker has an exchange or a queue of that name which is another one. Waiting does not mend it. */
export class TopologyMismatch extends Error {
  readonly differences: readonly string[];
  readonly exitCode = EXIT_CONFIG;

  constructor(differences: readonly string[]) {
    super(
      `The broker holds something else than what this service declares:\n${differences
        .map((line) => `  ${line}`)
        .join(
          '\n',
        )}\nDelete it there (a queue's messages go with it) or declare what is there, then start again.`,
    );
    this.name = 'TopologyMismatch';
    this.differences = differences;
  }
}

/** Whether the broker refused a declaration because the thing exists and differs. */
export function isPreconditionFailed(error: unknown): error is Error {
  return Error.isError(error) && 'code' in error && error.code === 406;
}

const WORDS =
  /inequivalent arg '([^']+)' for .*: received (?:the value )?(none|'[^']*').* but current is (?:the value )?(none|'[^']*')/;

/** What differs, as a sentence made from RabbitMQ's own; that one where it says something new. */
export function describeDifference(declaration: TopologyDeclaration, refusal: string): string {
  const what =
    declaration.kind === 'binding'
      ? `binding of ${declaration.queue} to ${declaration.exchange}`
      : `${declaration.kind} ${declaration.name}`;
  const [, argument, ours, theirs] = WORDS.exec(refusal) ?? [];
  if (argument === undefined || ours === undefined || theirs === undefined) return `The ${what}: ${refusal}`;
  return `The ${what} has ${argument} ${formatArgument(theirs)} there and ${formatArgument(ours)} here.`;
}

const formatArgument = (value: string) => (value === 'none' ? 'unset' : value);

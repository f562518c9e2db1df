import type { TopologyDeclaration } from './declarations.ts';

/** The exit status for a wrong configuration (sysexits.h: EX_CONFIG). */
const EXIT_CONFIG = 78;

/** The broker has an exchange or a queue of this name with other arguments. Waiting does not help. */
export class TopologyMismatch extends Error {
  readonly differences: readonly string[];
  readonly exitCode = EXIT_CONFIG;

  constructor(differences: readonly string[]) {
    super(
      `The broker's topology differs from what this service declares:\n${differences
        .map((line) => `  ${line}`)
        .join(
          '\n',
        )}\nDelete it on the broker (with a queue's messages) or declare the same arguments, then start again.`,
    );
    this.name = 'TopologyMismatch';
    this.differences = differences;
  }
}

/** Whether the broker refused a declaration because the object exists with other arguments. */
export function isPreconditionFailed(error: unknown): error is Error {
  return Error.isError(error) && 'code' in error && error.code === 406;
}

const WORDS =
  /inequivalent arg '([^']+)' for .*: received (?:the value )?(none|'[^']*').* but current is (?:the value )?(none|'[^']*')/;

/** The difference as a sentence, made from RabbitMQ's message; that message itself if it has an unknown form. */
export function describeDifference(declaration: TopologyDeclaration, refusal: string): string {
  const what =
    declaration.kind === 'binding'
      ? `binding of ${declaration.queue} to ${declaration.exchange}`
      : `${declaration.kind} ${declaration.name}`;
  const [, argument, ours, theirs] = WORDS.exec(refusal) ?? [];
  if (argument === undefined || ours === undefined || theirs === undefined) return `The ${what}: ${refusal}`;
  return `The ${what} has ${argument} ${formatArgument(theirs)} on the broker and ${formatArgument(ours)} in this service.`;
}

const formatArgument = (value: string) => (value === 'none' ? 'unset' : value);

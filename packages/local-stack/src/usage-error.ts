import { StackError } from './stack-error.ts';

/** An invalid command line. */
export class StackUsageError extends StackError {
  readonly usage: string;

  constructor(message: string, usage: string) {
    super(message);
    this.usage = usage;
  }
}

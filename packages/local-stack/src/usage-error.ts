import { StackError } from './stack-error.ts';

/** A command line that Plaza does not understand. */
export class StackUsageError extends StackError {
  readonly usage: string;

  constructor(message: string, usage: string) {
    super(message);
    this.usage = usage;
  }
}

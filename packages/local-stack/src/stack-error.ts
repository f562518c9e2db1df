/** An error with a sentence for the user at the terminal, printed without a stack trace. */
export class StackError extends Error {
  override readonly name = 'StackError';
}

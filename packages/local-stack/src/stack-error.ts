/** Something that stands in the way, as a sentence for the person at the terminal: shown without a stack. */
export class StackError extends Error {
  override readonly name = 'StackError';
}

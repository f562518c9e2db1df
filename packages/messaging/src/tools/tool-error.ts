/** A sentence for the person at the terminal; nothing is wrong with the program. */
export class ToolError extends Error {}

/** Said of a command line that does not make sense: the usage follows it. */
export class UsageError extends ToolError {}

/** What went wrong with the broker, in words that say what to look at. */
export function inWords(error: unknown, url: string): ToolError {
  if (error instanceof ToolError) return error;
  const { host } = new URL(url);
  const code = Error.isError(error) && 'code' in error ? error.code : undefined;
  const message = Error.isError(error) ? error.message : String(error);
  if (code === 'ECONNREFUSED' || code === 'ENOTFOUND' || message.includes('ETIMEDOUT'))
    return new ToolError(`RabbitMQ does not answer at ${host}. RABBITMQ_URL says where it is.`);
  if (/ACCESS.REFUSED|403/.test(message))
    return new ToolError(`RabbitMQ at ${host} does not let this user in: ${message}`);
  return new ToolError(message);
}

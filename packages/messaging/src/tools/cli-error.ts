/** A sentence for the person at the terminal; nothing is wrong with the program. */
export class CliError extends Error {}

/** Said of a command line that does not make sense: the usage follows it. */
export class CliUsageError extends CliError {}

/** What went wrong with the broker, in words that say what to look at. */
export function toCliError(error: unknown, url: string): CliError {
  if (error instanceof CliError) return error;
  const { host } = new URL(url);
  const code = Error.isError(error) && 'code' in error ? error.code : undefined;
  const message = Error.isError(error) ? error.message : String(error);
  if (code === 'ECONNREFUSED' || code === 'ENOTFOUND' || message.includes('ETIMEDOUT'))
    return new CliError(`RabbitMQ does not answer at ${host}. RABBITMQ_URL says where it is.`);
  if (/ACCESS.REFUSED|403/.test(message))
    return new CliError(`RabbitMQ at ${host} does not let this user in: ${message}`);
  return new CliError(message);
}

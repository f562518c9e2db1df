/** An error that is printed as its message alone. */
export class CliError extends Error {}

/** The command line is wrong: the usage text follows the message. */
export class CliUsageError extends CliError {}

/** The broker's error as a sentence with a hint. */
export function toCliError(error: unknown, url: string): CliError {
  if (error instanceof CliError) return error;
  const { host } = new URL(url);
  const code = Error.isError(error) && 'code' in error ? error.code : undefined;
  const message = Error.isError(error) ? error.message : String(error);
  if (code === 'ECONNREFUSED' || code === 'ENOTFOUND' || message.includes('ETIMEDOUT'))
    return new CliError(`RabbitMQ does not answer at ${host}. Set RABBITMQ_URL to its address.`);
  if (/ACCESS.REFUSED|403/.test(message))
    return new CliError(`RabbitMQ at ${host} denies this user access: ${message}`);
  return new CliError(message);
}

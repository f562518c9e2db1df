import { IllegalOperationError } from 'amqplib';

/**
 * Whether the error means that the channel was already closed. `Error.isError` is false for it: amqplib builds it
 * with a function, not with a class.
 */
export const isChannelClosed = (error: unknown): boolean => error instanceof IllegalOperationError;

import { IllegalOperationError } from 'amqplib';

/**
 * Whether an error says that the channel had closed before it was used. `Error.isError` denies that it is one: amqplib
 * makes it by a function, not by a class.
 */
export const isChannelClosed = (error: unknown): boolean => error instanceof IllegalOperationError;

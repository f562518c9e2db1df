import type { ConsumerEntity, JwtSecret } from './entities.ts';

/** Finds a consumer by what a request shows of it. */
export interface ConsumerIndex {
  /** By its username or its id, as Kong names consumers in settings. */
  named(usernameOrId: string | undefined): ConsumerEntity | undefined;
  withCustomId(customId: string): ConsumerEntity | undefined;
  withApiKey(key: string): ConsumerEntity | undefined;
  withJwtKey(key: string): { readonly consumer: ConsumerEntity; readonly secret: JwtSecret } | undefined;
}

export function createConsumerIndex(consumers: readonly ConsumerEntity[]): ConsumerIndex {
  const names = new Map<string | undefined, ConsumerEntity>([
    ...consumers.map((consumer) => [consumer.id, consumer] as const),
    ...consumers.map((consumer) => [consumer.username, consumer] as const),
  ]);
  const customIds = new Map(consumers.map((consumer) => [consumer.customId, consumer]));
  const apiKeys = new Map(
    consumers.flatMap((consumer) => consumer.keyauthCredentials.map(({ key }) => [key, consumer] as const)),
  );
  const jwtKeys = new Map(
    consumers.flatMap((consumer) =>
      consumer.jwtSecrets.map((secret) => [secret.key, { consumer, secret }] as const),
    ),
  );
  return {
    named: (usernameOrId) => names.get(usernameOrId),
    withCustomId: (customId) => customIds.get(customId),
    withApiKey: (key) => apiKeys.get(key),
    withJwtKey: (key) => jwtKeys.get(key),
  };
}

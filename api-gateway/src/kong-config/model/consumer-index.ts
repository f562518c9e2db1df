import type { ConsumerLookup } from '../../plugins/api/entities.ts';
import type { ConsumerEntity } from './entities.ts';

export function createConsumerIndex(consumers: readonly ConsumerEntity[]): ConsumerLookup {
  const names = new Map<string | undefined, ConsumerEntity>([
    ...consumers.map((consumer) => [consumer.id, consumer] as const),
    ...consumers.map((consumer) => [consumer.username, consumer] as const),
  ]);
  const apiKeys = new Map(
    consumers.flatMap((consumer) => consumer.keyauthCredentials.map(({ key }) => [key, consumer] as const)),
  );
  const jwtKeys = new Map(
    consumers.flatMap((consumer) =>
      consumer.jwtSecrets.map((credential) => [credential.key, { consumer, credential }] as const),
    ),
  );
  return {
    byNameOrId: (usernameOrId) => names.get(usernameOrId),
    byApiKey: (key) => apiKeys.get(key),
    byJwtKey: (key) => jwtKeys.get(key),
  };
}

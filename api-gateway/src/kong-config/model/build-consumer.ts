import type { ConsumerEntity } from './entities.ts';
import { entityId } from './entity-id.ts';
import type { KongConsumer } from '../schema/consumer.ts';
import type { KongDocument } from '../schema/document.ts';
import type { Reference } from '../schema/common.ts';
import type { ReferenceIndex } from '../references.ts';
import { consumerName } from '../config-traversal.ts';

/** Collects the nested and the top-level credentials of the consumer. */
export function buildConsumer(
  consumer: KongConsumer,
  file: KongDocument,
  references: ReferenceIndex,
): ConsumerEntity {
  return toEntity(withCredentials(consumer, file, references));
}

function withCredentials(
  consumer: KongConsumer,
  file: KongDocument,
  references: ReferenceIndex,
): KongConsumer {
  const own = ({ consumer: to }: { consumer: Reference }) =>
    references.resolveName('consumer', to) === consumerName(consumer);
  return {
    ...consumer,
    keyauth_credentials: [...consumer.keyauth_credentials, ...file.keyauth_credentials.filter(own)],
    jwt_secrets: [...consumer.jwt_secrets, ...file.jwt_secrets.filter(own)],
    acls: [...consumer.acls, ...file.acls.filter(own)],
  };
}

function toEntity(consumer: KongConsumer): ConsumerEntity {
  return {
    id: entityId('consumer', consumerName(consumer), consumer.id),
    username: consumerName(consumer),
    customId: consumer.custom_id,
    tags: new Set(consumer.tags),
    jwtSecrets: consumer.jwt_secrets.map(({ key, algorithm, secret, rsa_public_key: rsaPublicKey }) => ({
      key,
      algorithm,
      secret,
      rsaPublicKey,
    })),
    keyauthCredentials: consumer.keyauth_credentials.map(({ key, tags }) => ({ key, tags: new Set(tags) })),
    acls: consumer.acls.map(({ group }) => group),
  };
}

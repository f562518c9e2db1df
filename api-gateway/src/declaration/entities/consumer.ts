import type { Consumer } from '../declaration.ts';
import { entityId } from '../entity-id.ts';
import type { KongConsumer } from '../format/consumer.ts';
import type { KongFormat } from '../format/document.ts';
import type { Reference } from '../format/values.ts';
import type { References } from '../references.ts';
import { consumerName } from '../walk.ts';

/** With all credentials, whether they stand inside the consumer or beside it. */
export function consumerOf(consumer: KongConsumer, file: KongFormat, references: References): Consumer {
  return entityOf(withCredentials(consumer, file, references));
}

function withCredentials(consumer: KongConsumer, file: KongFormat, references: References): KongConsumer {
  const own = ({ consumer: to }: { consumer: Reference }) =>
    references.nameOf('consumer', to) === consumerName(consumer);
  return {
    ...consumer,
    keyauth_credentials: [...consumer.keyauth_credentials, ...file.keyauth_credentials.filter(own)],
    jwt_secrets: [...consumer.jwt_secrets, ...file.jwt_secrets.filter(own)],
    acls: [...consumer.acls, ...file.acls.filter(own)],
  };
}

function entityOf(consumer: KongConsumer): Consumer {
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

import { createJwks } from '@plaza/access-tokens';
import type { RequestListener } from 'node:http';
import { createDiscovery } from '@plaza/discovery';
import { createServiceClient, createJwksFetcher } from '@plaza/service-client';
import { createBroker, createOutbox } from '@plaza/messaging';
import {
  createAccessTokenVerifier,
  createAuthenticator,
  createHttpApp,
  createServiceTokens,
  createPeriodicJob,
  type Chassis,
} from '@plaza/service-kit';
import { createMongo, isMongoOutage } from '@plaza/service-kit/mongo';
import { createUsersClient } from './clients/users.client.ts';
import type { PostsConfig } from './config.ts';
import { authorModel } from './data/author.model.ts';
import { createAuthorRepository } from './data/author.repository.ts';
import { newPostId, postModels } from './data/post.model.ts';
import { createPostRepository } from './data/post.repository.ts';
import { reservationModels } from './data/reservation.model.ts';
import { createReservationRepository } from './data/reservation.repository.ts';
import { createStockRepository } from './data/stock.repository.ts';
import { createAuthorsService } from './domain/authors.service.ts';
import type { PostId } from './domain/post.ts';
import { createPostsService } from './domain/posts.service.ts';
import { createReservationsService } from './domain/reservations.service.ts';
import { createRecoverReservationsJob } from './jobs/recover-reservations.job.ts';
import { orderConsumer } from './events/order.consumer.ts';
import { postEvents } from './events/post.events.contract.ts';
import { stockEvents } from './events/stock.events.contract.ts';
import { userConsumer } from './events/user.consumer.ts';
import { postRoutes } from './http/post.routes.ts';

/** What the service takes from outside of itself, for tests to set. */
export interface PostsAppDependencies {
  readonly now?: () => Date;
  readonly newPostId?: () => PostId;
}

export function createApp(
  chassis: Chassis<PostsConfig>,
  dependencies: PostsAppDependencies = {},
): RequestListener {
  const { config, logger, lifecycle, health } = chassis;
  const { now = () => new Date(), newPostId: newId = newPostId } = dependencies;
  const millis = () => now().getTime();

  const mongo = createMongo({ ...chassis, uri: config.MONGODB_URI });
  const broker = createBroker({ url: config.RABBITMQ_URL, service: chassis, now });

  const postModel = postModels(mongo);
  const reservationModel = reservationModels(mongo);
  const postOutbox = createOutbox({ model: postModel.outboxed, now });
  const reservationOutbox = createOutbox({ model: reservationModel.outboxed, now });

  const serviceTokens = createServiceTokens(config.SERVICE_NAME, config.SERVICE_SECRET, millis);
  const users = createServiceClient({
    ...chassis,
    serviceTokens,
    watch: createDiscovery(chassis).watch('users-service', config.USERS_SERVICE_URL),
  });
  health.add(users.check);

  const authors = createAuthorsService({
    authors: createAuthorRepository(authorModel(mongo), now),
    directory: createUsersClient(users),
    log: logger,
  });
  const posts = createPostsService({
    posts: createPostRepository(postModel.posts, postOutbox, now),
    authors,
    newId,
    now,
  });
  const reservations = createReservationsService({
    reservations: createReservationRepository(reservationModel.reservations, reservationOutbox),
    stock: createStockRepository(postModel.posts, reservationModel.reservations, now),
    now,
  });

  broker.relay(postOutbox, postEvents);
  broker.relay(reservationOutbox, stockEvents);
  broker.consume(userConsumer(authors, posts));
  broker.consume(orderConsumer(reservations));
  lifecycle.add(
    createPeriodicJob({
      run: createRecoverReservationsJob(reservations, now),
      intervalMs: config.SWEEP_EVERY_MS,
      logger,
    }),
  );

  return createHttpApp({
    service: chassis,
    routes: postRoutes(posts),
    authenticate: createAuthenticator({
      accessTokens: createAccessTokenVerifier(
        createJwks({ fetchKeys: createJwksFetcher(users), now: millis }),
        millis,
      ),
      serviceTokens,
    }),
    dependencyErrors: { 'The database': isMongoOutage },
  });
}

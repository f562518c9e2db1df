import type { RequestListener } from 'node:http';
import { createDiscovery, createServiceClient, jwksOf } from '@plaza/discovery';
import { createBroker, createOutbox } from '@plaza/messaging';
import {
  createAccessTokenVerifier,
  createAuthenticator,
  createHttpApp,
  createServiceTokens,
  createSweeper,
  remoteKeys,
  type Chassis,
} from '@plaza/service-kit';
import { createMongo, isMongoOutage } from '@plaza/service-kit/mongo';
import { createUserServiceClient } from './clients/users.client.ts';
import type { Config } from './config.ts';
import { authorModel } from './data/author.model.ts';
import { createAuthorRepository } from './data/author.repository.ts';
import { newPostId, postModels } from './data/post.model.ts';
import { createPostRepository } from './data/post.repository.ts';
import { reservationModels } from './data/reservation.model.ts';
import { createReservationRepository } from './data/reservation.repository.ts';
import { createStock } from './data/stock.repository.ts';
import { createAuthorsService } from './domain/authors.service.ts';
import type { PostId } from './domain/post.ts';
import { createPostsService } from './domain/posts.service.ts';
import { createReservationsService } from './domain/reservations.service.ts';
import { sweepReservations } from './events/clock.sweeper.ts';
import { orderConsumer } from './events/order.consumer.ts';
import { postEvents } from './events/post.published.ts';
import { stockEvents } from './events/stock.published.ts';
import { userConsumer } from './events/user.consumer.ts';
import { postRoutes } from './http/post.routes.ts';

/** What the service takes from outside of itself, for tests to set. */
export interface Outside {
  readonly now?: () => Date;
  readonly newPostId?: () => PostId;
}

export function createApp(chassis: Chassis<Config>, outside: Outside = {}): RequestListener {
  const { config, logger, lifecycle, health } = chassis;
  const { now = () => new Date(), newPostId: newId = newPostId } = outside;
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
    directory: createUserServiceClient(users),
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
    stock: createStock(postModel.posts, reservationModel.reservations, now),
    now,
  });

  broker.relay(postOutbox, postEvents);
  broker.relay(reservationOutbox, stockEvents);
  broker.consume(userConsumer(authors, posts));
  broker.consume(orderConsumer(reservations));
  lifecycle.add(
    createSweeper({ sweep: sweepReservations(reservations, now), everyMs: config.SWEEP_EVERY_MS, logger }),
  );

  return createHttpApp({
    service: chassis,
    routes: postRoutes(posts),
    authenticate: createAuthenticator({
      accessTokens: createAccessTokenVerifier(remoteKeys(jwksOf(users)), millis),
      serviceTokens,
    }),
    outages: { 'The database': isMongoOutage },
  });
}

import type { RequestListener } from 'node:http';
import { createBroker } from '@plaza/messaging';
import { createHttpApp, createPeriodicJob, type Chassis } from '@plaza/service-kit';
import { createMongo, isMongoOutage } from '@plaza/service-kit/mongo';
import { createClients } from './clients/clients.ts';
import type { PostsConfig } from './config.ts';
import { newPostId } from './data/post.model.ts';
import { createRepositories } from './data/repositories.ts';
import { createAuthorsService } from './domain/authors.service.ts';
import type { PostId } from './domain/post.ts';
import { createPostsService } from './domain/posts.service.ts';
import { createReservationsService } from './domain/reservations.service.ts';
import { orderConsumer } from './events/order.consumer.ts';
import { postEvents } from './events/post.events.contract.ts';
import { stockEvents } from './events/stock.events.contract.ts';
import { userConsumer } from './events/user.consumer.ts';
import { postRoutes } from './http/post.routes.ts';
import { createRecoverReservationsJob } from './jobs/recover-reservations.job.ts';

/** What tests replace. */
export interface PostsAppDependencies {
  readonly now?: () => Date;
  readonly newPostId?: () => PostId;
}

export function createApp(
  chassis: Chassis<PostsConfig>,
  { now = () => new Date(), newPostId: newId = newPostId }: PostsAppDependencies = {},
): RequestListener {
  const { config, logger, lifecycle } = chassis;
  const mongo = createMongo({ ...chassis, uri: config.MONGODB_URI });
  const broker = createBroker({ url: config.RABBITMQ_URL, service: chassis, now });

  const { postOutbox, reservationOutbox, ...repositories } = createRepositories(mongo, now);
  const { authenticate, users } = createClients(chassis, now);

  const authors = createAuthorsService({ authors: repositories.authors, directory: users, log: logger });
  const posts = createPostsService({ posts: repositories.posts, authors, newId, now });
  const reservations = createReservationsService({ ...repositories, now });

  broker.relay(postOutbox, postEvents);
  broker.relay(reservationOutbox, stockEvents);
  broker.consume(userConsumer(authors, posts));
  broker.consume(orderConsumer(reservations));

  const run = createRecoverReservationsJob(reservations, now);
  lifecycle.add(createPeriodicJob({ run, intervalMs: config.SWEEP_EVERY_MS, logger }));

  return createHttpApp({
    service: chassis,
    authenticate,
    dependencyErrors: { 'The database': isMongoOutage },
    routes: postRoutes(posts),
  });
}
